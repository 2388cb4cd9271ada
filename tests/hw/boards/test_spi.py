# amaranth: UnusedElaboratable=no
"""The SPI peripheral at clocks of any ratio and phase: bytes both ways, pauses, lost chip selects, its crossings."""

import random
from functools import partial

import pytest
from amaranth.sim import Simulator

from ffpga_hw.boards.spi import SpiPeripheral

#: Seconds of the core's clock; one that no ratio here divides evenly, so that edges meet at every phase.
CLOCK = 1.0e-6


class Bus:
    """A peripheral between a master and a core.

    Parameters
    ----------
    ratio : float
        Frequency of `sck` over that of the core's clock.
    offered : bytes
        What the core says, a byte every third clock at most.
    seed : int
    """

    def __init__(self, ratio: float, offered: bytes = b"", seed: int = 1) -> None:
        print(f"seed {seed}")
        self.dut = SpiPeripheral()
        self.half = CLOCK / ratio / 2
        self.random = random.Random(seed)
        self.offered = offered
        self.heard = bytearray()  #: what the core heard
        self.slow = 0  # clocks for which the core leaves a byte

    def run(self, script, *watching) -> None:
        simulator = Simulator(self.dut)
        simulator.add_clock(CLOCK)
        simulator.add_testbench(self._core_says, background=True)
        simulator.add_testbench(self._core_hears, background=True)

        for watch in watching:
            simulator.add_testbench(watch, background=True)

        async def master(ctx):
            await ctx.delay(10 * CLOCK + self.random.random() * CLOCK)
            await script(self, ctx)
            await ctx.delay(20 * CLOCK)

        simulator.add_testbench(master)
        simulator.run()

    async def _core_says(self, ctx):
        i, left, wait = self.dut.i, list(self.offered), 0
        async for _, _, ready in ctx.tick().sample(i.ready):
            if ctx.get(i.valid) and ready:
                ctx.set(i.valid, 0)
                wait = 2
            elif wait:
                wait -= 1
            elif left and not ctx.get(i.valid):
                ctx.set(i.payload, left.pop(0))
                ctx.set(i.valid, 1)

    async def _core_hears(self, ctx):
        o, wait = self.dut.o, 0
        ctx.set(o.ready, 1)
        async for _, _, valid, payload in ctx.tick().sample(o.valid, o.payload):
            if valid and not wait:
                self.heard.append(payload)
                wait = self.slow
            elif wait:
                wait -= 1
            ctx.set(o.ready, not wait)

    async def select(self, ctx, level: bool) -> None:
        ctx.set(self.dut.cs, not level)
        await ctx.delay(self.half)

    async def exchange(self, ctx, byte: int, bits: int = 8) -> int:
        """So many bits of a byte; those that came back."""
        found = 0
        for place in range(bits):
            ctx.set(self.dut.mosi, byte >> (7 - place) & 1)
            await ctx.delay(self.half)
            found = found << 1 | ctx.get(self.dut.miso)
            ctx.set(self.dut.sck, 1)
            await ctx.delay(self.half)
            ctx.set(self.dut.sck, 0)
        return found


def now(ctx) -> float:
    """Seconds."""
    return ctx._engine.now * 1e-15


def values(count: int, seed: int, least: int = 0) -> bytes:
    return bytes(random.Random(seed).choices(range(least, 256), k=count))


RATIOS = [0.03, 0.21, 0.37, 0.5, 0.71, 0.97, 1.0]


@pytest.mark.parametrize("ratio", RATIOS)
def test_bytes_both_ways(ratio):
    """Back to back, as fast as it goes: none is lost, and nothing idle comes between the core's."""
    sent, offered = values(60, 3), values(50, 4, least=1)
    bus, found = Bus(ratio, offered), bytearray()

    async def script(bus, ctx):
        await bus.select(ctx, True)
        for byte in sent:
            found.append(await bus.exchange(ctx, byte))
        await bus.select(ctx, False)

    bus.run(script)
    assert bytes(bus.heard) == sent
    assert found.strip(b"\0") == offered, "without a zero between them"


@pytest.mark.parametrize("ratio", [0.21, 0.5, 1.0])
def test_chip_select_rises_at_any_time(ratio):
    """What was not whole is dropped in one direction and begun again in the other."""
    sent, offered, seed = values(150, 5), values(60, 6, least=1), 7
    bus, found, whole = Bus(ratio, offered, seed), bytearray(), bytearray()

    async def script(bus, ctx):
        await bus.select(ctx, True)
        for byte in sent:
            bits = bus.random.choice((8, 8, bus.random.randrange(8)))
            back = await bus.exchange(ctx, byte, bits)
            if bits == 8:
                found.append(back)
                whole.append(byte)
            if bits < 8 or bus.random.random() < 0.3:
                await bus.select(ctx, False)
                await ctx.delay(bus.random.random() * 5 * CLOCK)
                await bus.select(ctx, True)
            elif bus.random.random() < 0.3:
                await ctx.delay(bus.random.random() * 9 * CLOCK)  # a pause between two bytes
        await bus.select(ctx, False)

    bus.run(script)
    assert bytes(bus.heard) == bytes(whole)
    assert 20 < len(whole) < len(sent) - 20 and found.strip(b"\0") == offered


def test_clocks_without_chip_select_are_nobodys():
    bus = Bus(0.5, b"\x5a")
    found = bytearray()

    async def script(bus, ctx):
        await bus.exchange(ctx, 0xFF)
        await bus.select(ctx, True)
        for byte in (1, 2, 3):
            found.append(await bus.exchange(ctx, byte))

    bus.run(script)
    assert bytes(bus.heard) == b"\1\2\3" and found.strip(b"\0") == b"\x5a"


def test_a_byte_that_is_not_taken_costs_the_next_one():
    bus = Bus(0.5)
    bus.slow = 20  # of 16 clocks a byte

    async def script(bus, ctx):
        await bus.select(ctx, True)
        for byte in range(1, 30):
            await bus.exchange(ctx, byte)

    bus.run(script)
    assert 12 < len(bus.heard) < 29 and sorted(set(bus.heard)) == list(bus.heard), "in order, none twice"


def test_the_line_that_waits():
    """High from the offer until the last bit of it has left, low without one; bytes that idle do not move it."""
    bus, levels = Bus(0.25, b"\x81\x82"), []

    async def script(bus, ctx):
        await ctx.delay(5 * CLOCK)
        assert ctx.get(bus.dut.waits)
        await bus.select(ctx, True)
        found = b""
        while ctx.get(bus.dut.waits):
            levels.append(len(found))
            found += bytes((await bus.exchange(ctx, 0),))
            await ctx.delay(6 * CLOCK)
        assert found.strip(b"\0") == b"\x81\x82" and len(found) <= 4
        for _ in range(3):
            await bus.exchange(ctx, 0)
            await ctx.delay(6 * CLOCK)
            assert not ctx.get(bus.dut.waits)

    bus.run(script)
    assert levels


@pytest.mark.parametrize("ratio", [0.5, 0.97, 1.0])
def test_what_crosses_stands_still(ratio):
    """Where one side takes a byte of the other's, that has not changed for two of the taker's periods."""
    bus, changed, taken = Bus(ratio, values(40, 8, least=1)), {}, []

    async def watch(ctx, name, signal):
        async for _ in ctx.changed(signal):
            changed[name] = now(ctx)

    async def script(bus, ctx):
        await bus.select(ctx, True)
        for byte in values(60, 9):
            await bus.exchange(ctx, byte)

    async def takes(ctx):
        async for _ in ctx.changed(bus.dut.o.payload):
            if now(ctx):
                taken.append(now(ctx) - changed["heard"] - 2 * CLOCK)

    async def loads(ctx):
        async for _ in ctx.changed(bus.dut._saying):
            if now(ctx) and ctx.get(bus.dut._saying):
                taken.append(now(ctx) - changed["said"] - 2 * 2 * bus.half)

    watched = [partial(watch, name="heard", signal=bus.dut._heard), partial(watch, name="said", signal=bus.dut._said)]
    bus.run(script, *watched, takes, loads)
    assert len(taken) > 80 and min(taken) > 0
