"""Lists tile by tile: whatever was written before, each group walks what its field has of the list at hand."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from amaranth import ResetInserter, Signal

from ffpga_golden import Fields, NetworkConfig
from ffpga_hw.engine.fields.fetch import TileFetch
from ffpga_hw.engine.fields.sizes import index_bits
from ffpga_hw.engine.signatures.port import row_bits, sample_slots
from ffpga_hw.engine.signatures.sizes import neuron_bits

from ...block_bench import pack, simulate
from .tile_walks import walk

SEES = Fields(tile=4, blocks=((0, 1, 4), (1, 2, 4)))
LABELLED = NetworkConfig(features=20, classes=3, layers=(8, 4), lanes=4, fields=(SEES, None))
UNLABELLED = replace(LABELLED, classes=0)
ABOVE = NetworkConfig(
    features=5,
    classes=3,
    layers=(16, 12, 8),
    lanes=2,
    fields=(None, Fields(tile=4, blocks=((0, 1), (1, 3), (2, 3))), Fields(tile=1, blocks=((0, 2, 5), (1, 3, 11)))),
)
BOTH = replace(ABOVE, features=16, fields=(Fields(tile=2, blocks=((0, 7),)), *ABOVE.fields[1:]))


def two_ports(config: NetworkConfig) -> NetworkConfig:
    return replace(config, memory_ports=2)


class Bench:
    """A fetch unit, samples that are written as the link writes them, lists as the vector unit makes them."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        print(f"seed {seed}")
        self.config, self.rng, self.slots = config, Random(seed), sample_slots(config)
        self.dut = TileFetch(config=config)
        self.bank = [0] * self.slots
        self.samples = [np.zeros(config.features, int)] * self.slots
        self.lengths = [0] * self.dut._places.count
        self.job: tuple[int, np.ndarray, int] | None = None  # a sample to write beside the walk

    async def writer(self, ctx) -> None:
        while True:
            if self.job:
                slot, x, junk = self.job
                await self.write(ctx, slot, x, junk)
                self.job = None
            await ctx.tick()

    def values(self, count: int) -> np.ndarray:
        """Random ones, with every share of zeros; one in three has a range without any."""
        rng = self.rng
        share = rng.choice((0.0, 0.1, 0.5, 1.0))
        x = np.array([rng.randrange(1, 256) * (rng.random() < share) for _ in range(count)])
        if rng.random() < 0.3:
            x[rng.randrange(count) :] = 0
        return x

    # Samples
    async def cleared(self, ctx) -> int:
        """Waits until samples may be written; the clocks."""
        clocks = 0
        while ctx.get(self.dut.sample.clearing):
            await ctx.tick()
            clocks += 1
            assert clocks < 1000
        return clocks

    async def write(self, ctx, slot: int, x: np.ndarray, junk: int = 0, until: int = 1 << 20) -> None:
        """A sample's entries, and behind its end `junk` ones: what counts is told by `commit`."""
        sample, bits = self.dut.sample, row_bits(self.config)
        rows = [int(row) for row in x.nonzero()[0]][:until]
        first = rows[-1] + 1 if rows else 0
        behind = sorted(self.rng.sample(range(first, self.config.features), min(junk, self.config.features - first)))
        for index, row in enumerate(rows + behind):
            while self.rng.random() < 0.3:
                await ctx.tick()
            ctx.set(sample.address, index | (1 - self.bank[slot]) << bits | slot << bits + 1)
            ctx.set(sample.row, row)
            ctx.set(sample.value, int(x[row]) or 99)
            ctx.set(sample.write, 1)
            await ctx.tick()
            ctx.set(sample.write, 0)

    async def commit(self, ctx, slot: int, x: np.ndarray) -> None:
        self.bank[slot] ^= 1
        self.samples[slot] = x
        ctx.set(self.dut.sample.clear, 1 << slot)
        await ctx.tick()
        ctx.set(self.dut.sample.clear, 0)
        ctx.set(self.dut.sample.bank, pack(self.bank, 1))
        ctx.set(self.dut.sample.length[slot], int((x > 0).sum()))
        assert ctx.get(self.dut.sample.clearing)

    # Lists of layers' inputs
    async def make(self, ctx, layer: int, phase: int, x: np.ndarray) -> None:
        """The inputs of a layer, one after the other, with clocks between them."""
        made, place = self.dut.list, self.place(layer, phase)
        ctx.set(made.layer, layer)
        ctx.set(made.place, place)
        pointer = 0
        for row, value in enumerate(x.tolist()):
            while self.rng.random() < 0.2:
                await ctx.tick()
            ctx.set(made.made, 1)
            ctx.set(made.write, value > 0)
            ctx.set(made.row, row)
            ctx.set(made.pointer, pointer)
            ctx.set(made.value, value)
            await ctx.tick()
            ctx.set(made.made, 0)
            ctx.set(made.write, 0)
            pointer += value > 0
        self.lengths[place] = pointer
        ctx.set(made.lengths, pack(self.lengths, neuron_bits(self.config) + 1))

    def place(self, layer: int, phase: int) -> int:
        return phase | (layer & 1) << 1 if len(self.lengths) == 4 else phase


CONFIGS = {"labelled": LABELLED, "unlabelled": UNLABELLED, "two ports": two_ports(UNLABELLED), "both": BOTH}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_samples(config):
    """In both banks of all slots, one written while another is walked, with entries behind its end."""
    bench = Bench(config, 8)
    tiles = 1 << index_bits(config, 0)

    async def script(ctx):
        assert await bench.cleared(ctx) == bench.slots * tiles
        for _ in range(40):
            slot, x = bench.rng.randrange(bench.slots), bench.values(config.features)
            bench.job = slot, x, bench.rng.choice((0, 1, 2))
            walked = bench.rng.randrange(bench.slots)
            await walk(ctx, bench.dut, bench.rng, 0, bench.samples[walked], sample=walked)
            while bench.job:
                await ctx.tick()
            await bench.commit(ctx, slot, x)
            for walked in bench.rng.sample(range(bench.slots), bench.slots):  # beside the wiping
                await walk(ctx, bench.dut, bench.rng, 0, bench.samples[walked], sample=walked)
            await bench.cleared(ctx)
            await walk(ctx, bench.dut, bench.rng, 0, x, sample=slot)

    simulate(bench.dut, bench.writer, script)


def test_one_sample_is_taken_while_the_other_ones_bank_is_wiped():
    """In any order and as many clocks later as it likes: both banks are wiped whole."""
    bench, tiles = Bench(UNLABELLED, 12), 1 << index_bits(UNLABELLED, 0)

    async def script(ctx):
        old, new = np.zeros((2, 20), int)
        old[4:8], new[:4], new[16:] = 3, 5, 7  # what is left of the old one would be within the new one's length
        for later in range(1, 2 * tiles):
            for first in (0, 1):
                for x in (old, new, new):
                    await bench.cleared(ctx)
                    for slot in (0, 1):
                        await bench.write(ctx, slot, x)
                    await bench.commit(ctx, first, x)
                    await ctx.tick().repeat(later)
                    await bench.commit(ctx, 1 - first, x)
                    for slot in (0, 1):
                        await walk(ctx, bench.dut, bench.rng, 0, x, sample=slot)

    simulate(bench.dut, script)


@pytest.mark.parametrize("config", [LABELLED, UNLABELLED], ids=["labelled", "unlabelled"])
def test_a_reset_in_the_middle(config):
    """Of a sample that is written, or of the wiping: all is wiped anew before another one comes in."""
    bench, reset = Bench(config, 9), Signal()
    tiles = 1 << index_bits(config, 0)

    async def restart(ctx):
        ctx.set(reset, 1)
        await ctx.tick()
        ctx.set(reset, 0)

    async def script(ctx):
        for turn in range(30):
            slot, x = bench.rng.randrange(bench.slots), bench.values(config.features)
            if turn % 2:
                await restart(ctx)
                await ctx.tick().repeat(bench.rng.randrange(1, tiles * bench.slots))  # in the middle of the wiping
                assert ctx.get(bench.dut.sample.clearing)
            else:
                await bench.cleared(ctx)
                await bench.write(ctx, slot, bench.values(config.features), until=bench.rng.randrange(1, 9))
            await restart(ctx)
            bench.bank = [0] * bench.slots
            ctx.set(bench.dut.sample.bank, 0)
            for number in range(bench.slots):
                ctx.set(bench.dut.sample.length[number], 0)
            await walk(ctx, bench.dut, bench.rng, 0, x * 0, sample=slot)  # no sample yet
            await ctx.tick().repeat(tiles * bench.slots)
            assert not ctx.get(bench.dut.sample.clearing)
            await bench.write(ctx, slot, x, junk=2)
            await bench.commit(ctx, slot, x)
            await walk(ctx, bench.dut, bench.rng, 0, x, sample=slot)

    simulate(ResetInserter(reset)(bench.dut), script)


@pytest.mark.parametrize("config", [ABOVE, two_ports(ABOVE), BOTH], ids=["one port", "two ports", "both"])
def test_lists_of_layers(config):
    """Those of both phases and of two layers in turn, each made over what was in its place before."""
    bench = Bench(config, 10)

    async def script(ctx):
        lists = {}
        for _ in range(15):
            for layer in (1, 2):
                for phase in (0, 1):
                    lists[layer, phase] = bench.values(config.inputs(layer))
                    await bench.make(ctx, layer, phase, lists[layer, phase])
                for phase in (1, 0):
                    await walk(ctx, bench.dut, bench.rng, layer, lists[layer, phase], phase=phase)

    simulate(bench.dut, script)


def test_rows_of_a_layer_without_fields():
    """Its list is taken as a whole, with the rows that are in it, 2 clocks after their entries were asked for."""
    bench = Bench(ABOVE, 11)
    dut = bench.dut

    async def script(ctx):
        x = bench.values(5) | 1
        await bench.write(ctx, 0, x)
        ctx.set(dut.sample.bank, 1)
        ctx.set(dut.sample.length[0], 5)
        ctx.set(dut.lengths.walked, 1)
        await ctx.tick()
        assert not ctx.get(dut.lengths.fields) and ctx.get(dut.lengths.list) == 5
        for entry in range(5):
            ctx.set(dut.word.pointer, entry)
            await ctx.tick().repeat(2)
            assert (ctx.get(dut.fetched.address), ctx.get(dut.fetched.value)) == (entry, x[entry])

    simulate(dut, script)
