# amaranth: UnusedElaboratable=no
"""The serial line bit by bit: a sender whose clock is a little off, glitches, damaged bytes, back-pressure."""

import itertools
import random

import pytest
from amaranth import Module
from amaranth.sim import Simulator

from ffpga_hw.boards.uart import FRAME_BITS, UartReceiver, UartTransmitter

SEED = 7


def data(count: int) -> list[int]:
    print(f"seed {SEED}")
    return [0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80] + random.Random(SEED).choices(range(256), k=count)


def levels(values: list[int], stop: int = 1) -> list[int]:
    """The line's bits for some bytes, back to back."""
    return [bit for value in values for bit in (0, *((value >> n) & 1 for n in range(8)), stop)]


def receive(bits: list[int], *, divisor: int, error: float = 0.0, phase: float = 0.0, stalls: int = 0) -> list[int]:
    """Bytes that the receiver makes of bits which a sender of baud rate (1 + error) puts on the line.

    `stalls` is how many clocks a byte waits before it is taken.
    """
    dut = UartReceiver(divisor=divisor)
    period = divisor / (1 + error)
    clocks = int(len(bits) * period + phase) + 4 * divisor + stalls
    got: list[int] = []

    async def line(ctx):
        for clock in range(clocks):
            index = int((clock - phase) / period) if clock >= phase else -1
            ctx.set(dut.rx, bits[index] if 0 <= index < len(bits) else 1)
            await ctx.tick()

    async def reader(ctx):
        waited = 0
        while True:
            ctx.set(dut.o.ready, waited >= stalls)
            _, _, valid, ready, payload = await ctx.tick().sample(dut.o.valid, dut.o.ready, dut.o.payload)
            waited = waited + 1 if valid and not ready else 0
            if valid and ready:
                got.append(payload)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(line)
    sim.add_testbench(reader, background=True)
    sim.run()
    return got


#: Clocks a bit, and the error that they must bear. A smaller error is less, and more clocks a bit sample finer.
BORNE = [(8, 0.02), (9, 0.02), (16, 0.02), (3, 0.01), (4, 0.01), (7, 0.01)]


@pytest.mark.parametrize(
    ("divisor", "error"),
    [
        *((divisor, sign * error) for divisor, error in BORNE for sign in (-1, 1)),
        *(pytest.param(divisor, 0.0, marks=pytest.mark.all) for divisor, _ in BORNE),
        *(pytest.param(25, error, marks=pytest.mark.all) for error in (-0.02, 0.0, 0.02)),
    ],
)
def test_bytes_back_to_back_at_a_baud_error(divisor, error):
    sent = data(24)
    for phase in (0.0, 3.3, 4.9):
        assert receive([1, 1, *levels(sent)], divisor=divisor, error=error, phase=phase) == sent


def test_a_framing_error_drops_its_byte_and_no_other():
    bits = [1, 1, *levels([0x31]), *levels([0x32], stop=0), 1, *levels([0x33])]
    assert receive(bits, divisor=16) == [0x31, 0x33]


def test_a_break_is_no_byte():
    assert receive([1, 1, *[0] * 25, 1, *levels([0x5A])], divisor=8) == [0x5A]


def test_a_glitch_is_no_start_bit():
    """Levels clock by clock: a pulse shorter than half a bit, then a byte."""
    divisor = 16
    steps = [1] * 4 + [0] * 5 + [1] * 23 + [bit for bit in levels([0x77]) for _ in range(divisor)] + [1] * 40
    dut = UartReceiver(divisor=divisor)
    got: list[int] = []

    async def line(ctx):
        ctx.set(dut.o.ready, 1)
        for level in steps:
            ctx.set(dut.rx, level)
            _, _, valid, payload = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            if valid:
                got.append(payload)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(line)
    sim.run()
    assert got == [0x77]


def test_back_pressure_shorter_than_a_byte_loses_nothing_and_longer_drops_whole_bytes():
    sent = data(20)
    assert receive([1, *levels(sent)], divisor=8, stalls=78) == sent
    got = receive([1, *levels(sent)], divisor=8, stalls=120)  # each byte taken late costs the one after it
    assert got == sent[::2]


@pytest.mark.parametrize("divisor", [3, 4, 8, 16])
def test_loopback(divisor):
    """Transmitter into receiver: every byte in order, and no gap of more than a clock between them."""
    m = Module()
    m.submodules.tx = tx = UartTransmitter(divisor=divisor)
    m.submodules.rx = rx = UartReceiver(divisor=divisor)
    m.d.comb += rx.rx.eq(tx.tx)
    sent, got, clocks = data(40), [], []

    async def writer(ctx):
        ctx.set(tx.i.valid, 1)
        for value in sent:
            ctx.set(tx.i.payload, value)
            await ctx.tick().until(tx.i.ready)
        ctx.set(tx.i.valid, 0)

    async def reader(ctx):
        ctx.set(rx.o.ready, 1)
        for clock in range((len(sent) + 2) * (FRAME_BITS * divisor + 1)):
            _, _, valid, payload = await ctx.tick().sample(rx.o.valid, rx.o.payload)
            if valid:
                got.append(payload)
                clocks.append(clock)

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(writer, background=True)
    sim.add_testbench(reader)
    sim.run()
    assert got == sent
    assert {after - before for before, after in itertools.pairwise(clocks)} == {FRAME_BITS * divisor + 1}


def test_transmitted_levels():
    """The line's level in every clock of two bytes, and rest around them."""
    divisor = 8
    dut = UartTransmitter(divisor=divisor)
    seen: list[int] = []

    async def bench(ctx):
        ctx.set(dut.i.valid, 1)
        for clock in range(3 * FRAME_BITS * divisor):
            ctx.set(dut.i.payload, 0xC3 if clock == 0 else 0x10)
            _, _, level = await ctx.tick().sample(dut.tx)
            seen.append(level)
            if clock == FRAME_BITS * divisor + 1:
                ctx.set(dut.i.valid, 0)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    expected = [1]
    for value in (0xC3, 0x10):
        expected += [bit for bit in levels([value]) for _ in range(divisor)] + [1]
    assert seen == expected + [1] * (len(seen) - len(expected))


@pytest.mark.parametrize("component", [UartReceiver, UartTransmitter])
def test_divisor(component):
    with pytest.raises(ValueError, match="divisor must be at least 3 clocks a bit, not 2"):
        component(divisor=2)
    with pytest.raises(TypeError, match=r"divisor must be an integer, not 16\.0"):
        component(divisor=16.0)
