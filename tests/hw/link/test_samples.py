# amaranth: UnusedElaboratable=no
"""Samples of the link behind which a fetch unit notes tiles: those of a frame that did not count are forgotten."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from amaranth import Module
from amaranth.lib import wiring

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.protocol import BITS, pack_bits, pack_sample, quantised
from ffpga_hw.engine.fields.fetch import TileFetch
from ffpga_hw.engine.signatures.port import sample_slots
from ffpga_hw.link.samples import Samples

from ..block_bench import simulate
from ..engine.fields.tile_walks import walk

SEES = Fields(tile=4, blocks=((0, 1, 4), (1, 2, 4)))
LABELLED = NetworkConfig(features=20, classes=3, layers=(8, 4), lanes=4, fields=(SEES, None))
UNLABELLED = replace(LABELLED, classes=0)
FEW, FEW_UNLABELLED = replace(LABELLED, few_bits=True), replace(UNLABELLED, few_bits=True)
#: Most clocks that a byte of few bits holds the next one back: 8 bits, a level of 2 that began in the byte before.
LONGEST = 8 + 4


class Host:
    """What the intake says to the samples, and the executor: frames, good and damaged ones."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        print(f"seed {seed}")
        self.config, self.rng, self.slots = config, Random(seed), sample_slots(config)
        self.samples, self.fetch, self.design = Samples(config=config), TileFetch(config=config), Module()
        self.design.submodules += [self.samples, self.fetch]
        wiring.connect(self.design, self.samples.sample, self.fetch.sample)
        self.current = [np.zeros(config.features, int)] * self.slots

    def any(self) -> np.ndarray:
        rng, share = self.rng, self.rng.choice((0.1, 0.5, 1.0))
        return np.array([rng.randrange(1, 256) * (rng.random() < share) for _ in range(self.config.features)], np.uint8)

    async def stalled(self, ctx) -> int:
        clocks = 0
        while ctx.get(self.samples.i.stall):
            await ctx.tick()
            clocks += 1
            assert clocks < 1000
        return clocks

    async def begin(self, ctx) -> None:
        """A frame begins, whatever it is: no byte of its payload has come yet."""
        ctx.set(self.samples.i.first, 1)
        await ctx.tick().repeat(2)

    async def send(self, ctx, payload: bytes, few: bool = False) -> None:
        i = self.samples.i
        if self.config.few_bits:
            ctx.set(i.few, few)
        for place, byte in enumerate(payload):
            for port, value in ((i.byte, byte), (i.zero, byte == 0), (i.first, place == 0), (i.gap, place % 2)):
                ctx.set(port, value)
            ctx.set(i.valid, 1)
            await ctx.tick()
            ctx.set(i.valid, 0)
            ctx.set(i.first, 0)
            await ctx.tick().repeat(self.rng.choice((1, 1, 3)))
            if few and place:
                assert await self.stalled(ctx) < LONGEST

    async def load(self, ctx, *, fate: str) -> None:
        """LOAD_SAMPLE, "cut" in the middle, "damaged", out of range ("bad"), or "good" and executed."""
        slot, x = self.rng.randrange(self.slots), self.any()
        few = self.config.few_bits and self.rng.random() < 0.8
        if few:
            bits = self.rng.choice(BITS)
            x = quantised(x, bits)
            payload = self.bits(slot, bits, x, bad=fate == "bad")
        else:
            payload = bytes((slot,)) + pack_sample(x) + (b"\xff\x01" if fate == "bad" else b"")
        payload += self.rng.randbytes(4)
        await self.begin(ctx)
        await self.stalled(ctx)
        await self.send(ctx, payload[: self.rng.randrange(1, len(payload))] if fate == "cut" else payload, few)
        bad = ctx.get(self.samples.i.bad)
        assert bad == (fate == "bad") or fate == "cut"
        if fate == "good":
            ctx.set(self.samples.i.accept, 1)
            await ctx.tick()
            ctx.set(self.samples.i.accept, 0)
            if self.rng.random() < 0.5:  # the next frame waits for this one's turn
                await self.begin(ctx)
                assert ctx.get(self.samples.i.stall)
                await self.check(ctx)
            ctx.set(self.samples.loaded.commit, 1)
            await ctx.tick()
            ctx.set(self.samples.loaded.commit, 0)
            self.current[slot] = x
            assert ctx.get(self.samples.i.stall)

    def bits(self, slot: int, bits: int, x: np.ndarray, *, bad: bool) -> bytes:
        """A sample in few bits; a bad one ends too soon, has a 1 behind it, or has no such levels or slot."""
        stream = pack_bits(x, bits)
        if not bad:
            return bytes((bits << 4 | slot,)) + stream + bytes(self.rng.choice((0, 0, 1, 5)))
        kind = self.rng.randrange(4)
        if kind == 0:
            return bytes((bits << 4 | slot,)) + stream[:-1]
        if kind == 1:
            return bytes((bits << 4 | slot,)) + stream + bytes(self.rng.choice((0, 3))) + b"\x40"
        head = self.rng.choice((0, 3, 5, 9, 15)) << 4 | slot if kind == 2 else bits << 4 | self.rng.choice((2, 4, 8))
        return bytes((head,)) + stream

    async def check(self, ctx) -> None:
        """What is current, tile by tile."""
        for slot in range(self.slots):
            await walk(ctx, self.fetch, self.rng, 0, self.current[slot], sample=slot)


@pytest.mark.parametrize(
    "config",
    [LABELLED, UNLABELLED, FEW, FEW_UNLABELLED],
    ids=["labelled", "unlabelled", "few bits", "few bits, unlabelled"],
)
def test_what_did_not_count_is_forgotten(config):
    host = Host(config, 13)

    async def script(ctx):
        for _ in range(60):
            fate = host.rng.choice(("good", "good", "cut", "damaged", "bad"))
            if host.rng.random() < 0.3:
                await host.begin(ctx)  # a frame without a sample
            await host.load(ctx, fate=fate)
            if fate == "good" or host.rng.random() < 0.3:
                await host.check(ctx)

    simulate(host.design, script)


def test_a_frame_waits_for_the_wiping_only_where_something_was_written():
    """As many clocks as there are tiles, in a power of two; none behind a command without a sample."""
    host = Host(LABELLED, 14)

    async def script(ctx):
        await host.stalled(ctx)
        waits = []
        for payload in (b"\x00", b"\x00\x03\x00\x00\x00", b"\x00\x03\x07", b"\x00"):
            ctx.set(host.samples.i.first, 1)
            waits.append(await host.stalled(ctx))
            await host.send(ctx, payload)
        assert waits == [0, 0, 0, 1 + 8]

    simulate(host.design, script)
