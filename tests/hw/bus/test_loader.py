# amaranth: UnusedElaboratable=no
"""Samples from the stream and from the register against `unpack_sample`: what is in the list, and when."""

from random import Random

import numpy as np
import pytest
from amaranth import Module
from amaranth.lib import wiring

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.protocol import BITS, pack_bits, pack_sample, quantised, unpack_bits, unpack_sample
from ffpga_hw.bus.loader import Loader
from ffpga_hw.engine.fields.fetch import TileFetch
from ffpga_hw.engine.signatures.port import row_bits

from ..block_bench import simulate
from ..engine.fields.tile_walks import walk

LABELLED = NetworkConfig(features=20, classes=3, layers=(4,), lanes=4)
UNLABELLED = NetworkConfig(features=9, classes=0, layers=(4,), lanes=4)
SEES = Fields(tile=4, blocks=((0, 1, 4), (1, 2, 4)))
FIELDS = NetworkConfig(features=20, classes=3, layers=(8,), lanes=4, fields=(SEES,))
FIELDS_UNLABELLED = NetworkConfig(features=20, classes=0, layers=(8,), lanes=4, fields=(SEES,))
FEW = NetworkConfig(features=20, classes=3, layers=(8,), lanes=4, fields=(SEES,), few_bits=True)
FEW_UNLABELLED = NetworkConfig(features=9, classes=0, layers=(4,), lanes=4, few_bits=True)
WIDE = NetworkConfig(features=1000, classes=2, layers=(2,), lanes=2)


class Bench:
    """A loader, its list as a dict, and what golden makes of every sample that is taken."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        print(f"seed {seed}")
        self.config, self.rng, self.slots = config, Random(seed), 1 if config.classes else 2
        self.dut, self.list = Loader(config=config), {}
        self.taken = [np.zeros(config.features, np.uint8)] * self.slots
        self.ever = [False] * self.slots

    async def memory(self, ctx):
        dut = self.dut
        ports = (dut.sample.write, dut.sample.address, dut.sample.row, dut.sample.value)
        async for _, _, enable, *entry in ctx.tick().sample(*ports):
            if enable:
                self.list[entry[0]] = entry[1:]

    def sample(self) -> tuple[int, bytes, np.ndarray | None]:
        """Slot, beats and golden's sample, None where it is out of range."""
        config, rng = self.config, self.rng
        x = np.array([rng.choice((0, 0, 255, rng.randrange(256))) for _ in range(config.features)], np.uint8)
        pairs = pack_sample(x * (rng.random() < 0.9)) or bytes((rng.randrange(256), 0))
        kind = rng.random()
        if kind < 0.2:
            pairs += bytes((rng.randrange(30), rng.choice((0, 7))))
        elif kind < 0.3:
            pairs = bytes((255, 0)) * rng.randrange(1, 20) + bytes((rng.randrange(256), rng.randrange(2)))
        slot = rng.randrange(self.slots)
        x = unpack_sample(config, pairs)
        return slot, pairs if config.classes else bytes((slot, 0)) + pairs, x

    def bits(self) -> tuple[int, bytes, np.ndarray | None]:
        """The same in few bits."""
        config, rng = self.config, self.rng
        if rng.random() < 0.3:
            slot, beats, x = self.sample()
            return slot, beats if not config.classes else bytes((slot, 0)) + beats, x
        bits, slot, share = rng.choice(BITS), rng.randrange(self.slots), rng.choice((0.1, 0.5, 1.0))
        x = np.array([(rng.random() < share) * rng.randrange(256) for _ in range(config.features)], np.uint8)
        stream, head, kind = pack_bits(quantised(x, bits), bits), bits << 4 | slot, rng.random()
        if kind < 0.2:
            stream = stream[:-2] if kind < 0.1 else stream + rng.randbytes(1)
        elif kind < 0.4:
            place = rng.randrange(len(stream))
            stream = stream[:place] + bytes((stream[place] ^ 1 << rng.randrange(8),)) + stream[place + 1 :]
        elif kind < 0.5:
            head = rng.choice((3, 9, 15)) << 4 | slot if kind < 0.45 else head | rng.choice((2, 8))
        stream += bytes(len(stream) % 2 + 2 * rng.randrange(2))
        good = head >> 4 in BITS and head % 16 < self.slots
        return slot, bytes((head, 0)) + stream, unpack_bits(config, bits, stream) if good else None

    async def send(self, ctx, beats: bytes, *, register: bool, idle: float) -> None:
        dut = self.dut
        words = [int.from_bytes(beats[at : at + 2], "little") for at in range(0, len(beats), 2)]
        for number, word in enumerate(words):
            while self.rng.random() < idle:
                await ctx.tick()
            last = number == len(words) - 1
            if register:
                while not ctx.get(dut.register.room):
                    await ctx.tick()
                ctx.set(dut.register.data, word | last << 16)
                ctx.set(dut.register.beat, 1)
                assert not ctx.get(dut.s_axis.tready)
                await ctx.tick()
                ctx.set(dut.register.beat, 0)
            else:
                ctx.set(dut.s_axis.tdata, word)
                ctx.set(dut.s_axis.tlast, last)
                ctx.set(dut.s_axis.tvalid, 1)
                await ctx.tick().until(dut.s_axis.tready)
                ctx.set(dut.s_axis.tvalid, 0)

    async def take(self, ctx, slot: int, x: np.ndarray | None) -> None:
        """Commits a sample, and compares what is current then, of every slot."""
        dut, bits = self.dut, row_bits(self.config)
        assert ctx.get(dut.samples.waiting) >> slot & 1
        assert ctx.get(dut.samples.bad) >> slot & 1 == (x is None)
        ctx.set(dut.samples.commit, 1 << slot)
        await ctx.tick()
        ctx.set(dut.samples.commit, 0)
        if x is not None:
            self.taken[slot], self.ever[slot] = x, True
        for place in range(self.slots):
            assert bool(ctx.get(dut.samples.valid) >> place & 1) == self.ever[place]
            length, bank = ctx.get(dut.sample.length[place]), ctx.get(dut.sample.bank) >> place & 1
            entries = [self.list[(place << 1 | bank) << bits | n] for n in range(length)]
            (rows,) = self.taken[place].nonzero()
            assert entries == [[row, int(self.taken[place][row])] for row in rows]


@pytest.mark.parametrize("config", [LABELLED, UNLABELLED, WIDE], ids=["labelled", "unlabelled", "wide"])
def test_samples_are_goldens(config):
    bench = Bench(config, 5)

    async def script(ctx):
        seen = set()
        for _ in range(12 if config is WIDE else 60):
            slot, beats, x = bench.sample()
            register = config is not WIDE and bench.rng.random() < 0.4
            await bench.send(ctx, beats, register=register, idle=bench.rng.choice((0.0, 0.4)))
            await ctx.tick().repeat(2)
            await bench.take(ctx, slot, x)
            seen.add(x is None)
        assert seen == {True, False}

    simulate(bench.dut, bench.memory, script)


@pytest.mark.parametrize("config", [FEW, FEW_UNLABELLED], ids=["labelled", "unlabelled"])
def test_samples_in_few_bits_are_goldens(config):
    """Beside pairs, whose header has no bits; given up at any time."""
    bench = Bench(config, 15)

    async def script(ctx):
        seen = set()
        for _ in range(120):
            if bench.rng.random() < 0.2:
                _, beats, _ = bench.bits()
                await bench.send(ctx, beats[: 2 * bench.rng.randrange(1, 1 + len(beats) // 2)], register=False, idle=0)
                await ctx.tick().repeat(bench.rng.randrange(1, 9))
                ctx.set(bench.dut.register.discard, 1)
                await ctx.tick()
                ctx.set(bench.dut.register.discard, 0)
            slot, beats, x = bench.bits()
            await bench.send(ctx, beats, register=bench.rng.random() < 0.4, idle=bench.rng.choice((0.0, 0.4)))
            for _ in range(60):  # two beats of 16 bits, and a clock more for each level
                if not ctx.get(bench.dut.samples.waiting) >> slot & 1:
                    await ctx.tick()
            await bench.take(ctx, slot, x)
            seen.add(x is None)
        assert seen == {True, False}

    simulate(bench.dut, bench.memory, script)


def test_a_beat_a_clock():
    """The next sample comes in while one waits for nothing: no clock is lost within it or between two."""
    bench = Bench(WIDE, 6)

    async def script(ctx):
        x = np.arange(1000).astype(np.uint8) | 1
        for _ in range(3):
            start = bench.ticks
            await bench.send(ctx, pack_sample(x), register=False, idle=0)
            assert bench.ticks - start == 1000
            await ctx.tick()
            await bench.take(ctx, 0, x)

    async def ticks(ctx):
        bench.ticks = 0
        async for _ in ctx.tick():
            bench.ticks += 1

    simulate(bench.dut, bench.memory, ticks, script)


def test_a_sample_that_waits_holds_the_next_one_back():
    """But for one beat; the slots of a core without labels do not hold each other; discarding frees both."""
    bench = Bench(UNLABELLED, 7)
    dut = bench.dut
    one, two = np.full(9, 3, np.uint8), np.full(9, 4, np.uint8)

    async def script(ctx):
        await bench.send(ctx, b"\x01\x00" + pack_sample(one), register=False, idle=0)
        await bench.send(ctx, b"\x00\x00" + pack_sample(two), register=False, idle=0)
        await ctx.tick().repeat(2)
        assert ctx.get(dut.samples.waiting) == 3
        await bench.send(ctx, b"\x01\x00", register=False, idle=0)
        await ctx.tick().repeat(5)
        assert not ctx.get(dut.s_axis.tready) and not ctx.get(dut.register.room)
        await bench.take(ctx, 1, one)
        await bench.take(ctx, 0, two)
        await bench.send(ctx, b"\x00\x00" + pack_sample(one)[:6], register=True, idle=0)
        ctx.set(dut.register.discard, 1)
        await ctx.tick()
        ctx.set(dut.register.discard, 0)
        assert ctx.get(dut.samples.waiting) == 0 and ctx.get(dut.s_axis.tready) and ctx.get(dut.register.room)
        await bench.send(ctx, b"\x00\x00" + pack_sample(one)[:6], register=False, idle=0)
        await ctx.tick().repeat(2)
        await bench.take(ctx, 0, unpack_sample(UNLABELLED, pack_sample(one)[:6]))

    simulate(dut, bench.memory, script)


# Receptive fields ---------------------------------------------------------------------------------------------------
class Tiles(Bench):
    """A loader with the fetch unit behind it that notes tiles: what is current is walked tile by tile."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        super().__init__(config, seed)
        self.fetch, self.design = TileFetch(config=config), Module()
        self.design.submodules += [self.dut, self.fetch]
        wiring.connect(self.design, self.dut.sample, self.fetch.sample)

    async def load(self, ctx, slot: int, x: np.ndarray, *, whole: bool = True, behind: bytes = b"") -> None:
        """A sample, half of it, or one with another beat behind it."""
        beats = (b"" if self.config.classes else bytes((slot, 0))) + pack_sample(x) + behind
        words = [int.from_bytes(beats[at : at + 2], "little") for at in range(0, len(beats), 2)]
        for number, word in enumerate(words if whole else words[: -self.rng.randrange(1, len(words))]):
            ctx.set(self.dut.s_axis.tdata, word)
            ctx.set(self.dut.s_axis.tlast, number == len(words) - 1)
            ctx.set(self.dut.s_axis.tvalid, 1)
            await ctx.tick().until(self.dut.s_axis.tready)
            ctx.set(self.dut.s_axis.tvalid, 0)

    async def waiting(self, ctx, slot: int) -> None:
        for _ in range(100):
            if ctx.get(self.dut.samples.waiting) >> slot & 1:
                return
            await ctx.tick()
        raise AssertionError("no sample waits")

    async def discard(self, ctx) -> None:
        ctx.set(self.dut.register.discard, 1)
        await ctx.tick()
        ctx.set(self.dut.register.discard, 0)

    async def walk(self, ctx) -> None:
        for slot in range(self.slots):
            await walk(ctx, self.fetch, self.rng, 0, self.taken[slot], sample=slot)

    def any(self) -> np.ndarray:
        share = self.rng.choice((0.15, 0.5, 1.0))
        x = [self.rng.randrange(1, 256) * (self.rng.random() < share) for _ in range(20)]
        return np.array([*x[:19], 1], np.uint8)


@pytest.mark.parametrize("config", [FIELDS, FIELDS_UNLABELLED], ids=["labelled", "unlabelled"])
def test_tiles_of_what_is_given_up_are_forgotten(config):
    """Discarded in the middle or as a whole, also while tiles are wiped; out of range; both slots in quick turn."""
    bench = Tiles(config, 8)
    rng, slots = bench.rng, bench.slots

    async def script(ctx):
        for turn in range(80):
            slot, kind = rng.randrange(slots), turn % 4
            if kind == 0:  # given up at any time, wiped at any time after another one was taken
                await bench.load(ctx, slot, bench.any(), whole=rng.random() < 0.5)
                await ctx.tick().repeat(rng.randrange(1, 12))
                await bench.discard(ctx)
                if rng.random() < 0.3:
                    await ctx.tick().repeat(rng.randrange(1, 12))
                    await bench.discard(ctx)
            elif kind == 1:
                await bench.load(ctx, slot, bench.any(), behind=b"\x00\x05")
                await bench.waiting(ctx, slot)
                await bench.take(ctx, slot, None)
            elif kind == 2 or slots == 1:
                x = bench.any()
                await bench.load(ctx, slot, x)
                await bench.waiting(ctx, slot)
                await bench.take(ctx, slot, x)
            else:
                kept = [bench.any(), bench.any()]
                for place in (slot, 1 - slot):
                    await bench.load(ctx, place, kept[place])
                    await bench.waiting(ctx, place)
                for place in rng.sample(range(2), rng.choice((1, 2))):
                    await bench.take(ctx, place, kept[place])
                    await ctx.tick().repeat(rng.randrange(1, 12))
                if ctx.get(bench.dut.samples.waiting):
                    await bench.discard(ctx)
            if rng.random() < 0.5:
                await bench.walk(ctx)
        assert all(bench.ever)

    simulate(bench.design, bench.memory, script)
