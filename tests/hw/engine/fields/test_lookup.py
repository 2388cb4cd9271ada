"""The look-up of tiles against what each group's field has of a list: which tiles are stopped at, and when."""

from dataclasses import replace
from random import Random

import pytest
from amaranth import ResetInserter, Signal

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.timing import tile_latency
from ffpga_hw.engine.fields.lookup import TileLookup
from ffpga_hw.engine.fields.signatures import TileEntry

from ...block_bench import simulate

BLOCKS = ((0, 1, 4), (1, 2, 5), (3, 6, 7))
FIRST = NetworkConfig(features=32, classes=5, layers=(24, 16), lanes=4, fields=(Fields(tile=4, blocks=BLOCKS), None))
ABOVE = NetworkConfig(
    features=12,
    classes=3,
    layers=(16, 12, 8),
    lanes=2,
    fields=(
        Fields(tile=4, blocks=((0,), (2,))),
        Fields(tile=1, blocks=((0, 1, 2, 13), (1, 3, 14, 15), (2, 3, 4, 5))),
        Fields(tile=2, blocks=((0, 2, 5), (1, 2, 3))),
    ),
)
TWO_PORTS = replace(ABOVE, memory_ports=2)
ENTER = 2  #: clocks from the last one of rest to a tile, beside `tile_latency`, if the first one is stopped at


def stops(config: NetworkConfig, layer: int, tiles: list[tuple[int, int]], length: int) -> list[tuple[int, dict]]:
    """Each tile that is stopped at, and how many were looked up to it; `tiles`: first entry and count of each."""
    found, looked, fields = [], 0, config.fields[layer]
    repeat = config.groups[layer] // len(fields.blocks)
    for block, group in ((block, group) for block in range(len(fields.blocks)) for group in range(repeat)):
        for place, tile in enumerate(fields.blocks[block]):
            looked += 1
            start, count = tiles[tile]
            there, last = max(0, min(count, length - start)), place == fields.size - 1
            if there or last:
                what = {"none": there == 0, "last": last, "place": place}
                if there:  # what was written behind the list's end is told, too: the walk ends there
                    what |= {"start": start, "count": count, "one": there == 1}
                found.append((looked, {**what, "fresh": block > 0 and group == 0}))
                looked = 0
    return found


def any_tiles(rng: Random, fields: Fields, inputs: int) -> tuple[list[tuple[int, int]], int]:
    """What a list's memory of tiles says, and the list's length; of tiles behind it what another list left there."""
    tiles, at = [], 0
    share = rng.choice((0.0, 0.1, 0.5, 1.0))
    for _ in range(inputs // fields.tile):
        count = sum(rng.random() < share for _ in range(fields.tile))
        tiles.append((at, count))
        at += count
    length = rng.choice((at, at, at, rng.randrange(at + 1)))  # the last entries are behind the list's end
    for number, (start, count) in enumerate(tiles):
        if (start >= length and rng.random() < 0.5) or (not count and rng.random() < 0.1):
            tiles[number] = length + rng.randrange(inputs - length + 1), rng.randrange(fields.tile + 1)
    return tiles, length


class Bench:
    """A lookup and the memory of tiles behind it, a clock late."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        print(f"seed {seed}")
        self.config, self.rng = config, Random(seed)
        self.dut = TileLookup(config=config, entry=TileEntry(config, 10))
        self.tiles: list[tuple[int, int]] = []

    async def tick(self, ctx, *, take: bool = False, rest: bool = False) -> None:
        dut = self.dut
        ctx.set(dut.next.take, take)
        ctx.set(dut.next.rest, rest)
        tile = ctx.get(dut.tile) if ctx.get(dut.go) else None
        await ctx.tick()
        if tile is not None:
            start, count = self.tiles[tile] if tile < len(self.tiles) else (0, 0)
            ctx.set(dut.entry, {"start": start, "count": count})

    async def begin(self, ctx, layer: int) -> list[tuple[int, dict]]:
        """Rests, on a layer and tiles of its own; what must be found."""
        config, rng = self.config, self.rng
        self.tiles, length = any_tiles(rng, config.fields[layer], config.inputs(layer))
        ctx.set(self.dut.layer, layer)
        ctx.set(self.dut.length, length)
        for _ in range(rng.choice((1, 1, 2, 9))):
            await self.tick(ctx, rest=True)
        return stops(config, layer, self.tiles, length)

    async def walk(self, ctx, expected: list[tuple[int, dict]], *, idle: float) -> None:
        """Takes what is found, at once or later; the next one is there as many clocks after as tiles are looked up."""
        following, since = self.dut.next, ENTER + tile_latency(self.config) - 1
        for looked, what in expected:
            for _ in range(since + looked):
                assert not ctx.get(following.found)
                await self.tick(ctx)
            while self.rng.random() < idle:
                self.check(ctx, what)
                await self.tick(ctx)
            self.check(ctx, what)
            await self.tick(ctx, take=True)
            since = -1

    def check(self, ctx, what: dict) -> None:
        following = self.dut.next
        assert ctx.get(following.found)
        assert {name: ctx.get(getattr(following, name)) for name in what} == what


@pytest.mark.parametrize("config", [FIRST, ABOVE, TWO_PORTS], ids=["first", "above", "two ports"])
def test_every_tile_with_entries_is_found_in_turn(config):
    bench = Bench(config, 4)
    layers = [layer for layer, fields in enumerate(config.fields) if fields]

    async def script(ctx):
        kinds = set()
        for turn in range(60):
            layer = bench.rng.choice(layers)
            expected = await bench.begin(ctx, layer)
            kinds |= {(what["none"], what.get("one", False), what["last"]) for _, what in expected}
            if turn % 4 == 3:
                expected = expected[: bench.rng.randrange(len(expected))]  # the walk ends before all are taken
            await bench.walk(ctx, expected, idle=bench.rng.choice((0.0, 0.3, 0.8)))
        assert kinds == {(False, False, False), (False, True, False), (False, False, True), (False, True, True),
                         (True, False, True)}  # fmt: skip

    simulate(bench.dut, script)


@pytest.mark.parametrize("config", [FIRST, TWO_PORTS], ids=["one port", "two ports"])
def test_a_reset_in_the_middle(config):
    bench, reset = Bench(config, 5), Signal()

    async def script(ctx):
        for _ in range(20):
            expected = await bench.begin(ctx, 0)
            await bench.walk(ctx, expected[: bench.rng.randrange(len(expected))], idle=0.3)
            for _ in range(bench.rng.randrange(4)):
                await bench.tick(ctx)
            ctx.set(reset, 1)
            await bench.tick(ctx, rest=bench.rng.random() < 0.5)
            ctx.set(reset, 0)
            await bench.tick(ctx, rest=True)  # no walk runs then, and that is what resets it
            assert not ctx.get(bench.dut.next.found)

    simulate(ResetInserter(reset)(bench.dut), script)
