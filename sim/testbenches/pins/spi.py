"""A board at its SPI pins: the crystal, and a host whose clock may be odd, pause, lose its chip select and bits.

cocotbext-spi 0.5.0 needs a cocotb before 2.0, so this is a master of its own.
"""

from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Event, First, Timer

from ffpga_hw.boards.board import Board
from ffpga_hw.boards.top import RESET_BITS

from .adapter import SLOWER

#: What may happen to a byte on the wires.
KINDS = ("select lost", "mosi flipped", "miso flipped", "clock lost")


class SpiPins:
    """A board's top with the pins clk, sck, cs, mosi, miso and waits.

    Parameters
    ----------
    dut : handle
    board : Board
    ratio : float
        Frequency of `sck` over that of the core's clock.
    pauses : float
        Share of the bytes after which the clock stands still for some time, or chip select rises and falls.
    faults : float
        Share of the bytes to which one of `KINDS` happens.
    seed : int
    """

    def __init__(self, dut, board: Board, ratio: float, *, pauses: float = 0, faults: float = 0, seed: int = 1) -> None:
        self._dut = dut
        self._crystal_hz = board.crystal_hz / SLOWER
        self._clock_ns = 1e9 * SLOWER / board.clock_hz
        self._half = self._clock_ns / ratio / 2
        self._pauses, self.rate, self._random = pauses, faults, Random(seed)
        self._out, self._in, self._told = bytearray(), bytearray(), Event()
        self._work = Event()
        self.faults = dict.fromkeys(KINDS, 0)  #: how often each happened
        self.exchanged = 0  #: whole bytes
        dut.sck.value, dut.cs.value, dut.mosi.value = 0, 1, 0

    async def start(self) -> None:
        """Starts the crystal and the host, and waits until the core is out of its reset."""
        half = round(1e12 / self._crystal_hz / 2)
        Clock(self._dut.clk, 2 * half, unit="ps").start()
        await self._wait(4 * self._clock_ns * (1 << RESET_BITS))
        cocotb.start_soon(self._run())

    def send(self, data: bytes) -> None:
        """Queues bytes for the board."""
        self._out += data
        self._work.set()

    async def receive(self, clocks: int) -> bytes:
        """All bytes that have come, zeros between frames once; waits for the first for up to `clocks` clocks."""
        if not self._in:
            self._told.clear()
            await First(self._told.wait(), Timer(round(clocks * self._clock_ns), unit="ns"))
        data = bytes(self._in)
        self._in.clear()
        return data

    async def _wait(self, ns: float) -> None:
        await Timer(max(1, round(ns)), unit="ns")

    async def _run(self) -> None:
        """Whenever there is something to say, or something waits, bytes are exchanged."""
        dut, before = self._dut, 0
        while True:
            while not self._out and not dut.waits.value:
                self._work.clear()
                await First(self._work.wait(), self._timer(8))
            dut.cs.value = 0
            await self._wait(self._half)
            while self._out or dut.waits.value:
                byte = self._out.pop(0) if self._out else 0
                back = await self._exchange(byte)
                if back is None:
                    break
                self.exchanged += 1
                if back or before:
                    self._in.append(back)
                    self._told.set()
                before = back
                if self._random.random() < self._pauses:
                    await self._wait(self._random.uniform(0, 9) * self._clock_ns)
                    if self._random.random() < 0.5:
                        break
            dut.cs.value = 1
            await self._wait(self._half)

    def _timer(self, clocks: float) -> Timer:
        return Timer(round(clocks * self._clock_ns), unit="ns")

    async def _exchange(self, byte: int) -> int | None:
        """A byte and what came back; None where chip select was lost meanwhile, and the byte with it."""
        dut, found, kind = self._dut, 0, ""
        if self._random.random() < self.rate:
            kind = self._random.choice(KINDS)
            self.faults[kind] += 1
        at = self._random.randrange(8)
        for place in range(8):
            hit = kind if place == at else ""
            if hit == "select lost":
                dut.cs.value = 1
                await self._wait(self._random.uniform(0.2, 3) * self._half)
                return None
            dut.mosi.value = (byte >> (7 - place) & 1) ^ (hit == "mosi flipped")
            await self._wait(self._half)
            found = found << 1 | (int(dut.miso.value) ^ (hit == "miso flipped"))
            if hit != "clock lost":
                dut.sck.value = 1
            await self._wait(self._half)
            dut.sck.value = 0
        return found
