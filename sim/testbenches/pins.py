"""A board at its pins: the crystal, and a host's serial adapter whose baud rate may be off."""

from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Timer, ValueChange
from cocotb.utils import get_sim_time
from cocotbext.uart import UartSink, UartSource

from ffpga_hw.boards import BAUD, Board
from ffpga_hw.top import RESET_BITS

#: Simulated seconds in a second of the board. cocotbext-uart cuts a bit to whole ns, which at 3 Mbaud and 2 % error
#: would make it 326 in place of 326.8; a thousandth of the speed leaves it exact to 3 millionths.
SLOWER = 1000


class Pins:
    """A board's top with the pins clk, rx and tx.

    Parameters
    ----------
    dut : handle
    board : Board
    error : float
        How much faster than 3 Mbaud the host sends and samples: 0.02 is 2 %.
    """

    def __init__(self, dut, board: Board, error: float = 0.0) -> None:
        self._clk = dut.clk
        self._crystal_hz = board.crystal_hz / SLOWER
        self._clock_ns = 1e9 * SLOWER / board.clock_hz
        self.error = error
        baud = round(BAUD * (1 + error) / SLOWER)
        self.noise = NoisyPin(dut.rx, 1e9 / baud)
        self._source, self._sink = UartSource(self.noise, baud), UartSink(dut.tx, baud)
        for line in (self._source, self._sink):
            line.log.setLevel("WARNING")  # else a line of the log for every byte
        self._rx, self._tx = BitTime(dut.rx), BitTime(dut.tx)

    async def start(self) -> None:
        """Starts the crystal and waits until the core is out of its reset."""
        half = round(1e12 / self._crystal_hz / 2)
        Clock(self._clk, 2 * half, unit="ps").start()
        await Timer(round(2 * self._clock_ns * (1 << RESET_BITS)), unit="ns")
        self._rx.start(), self._tx.start()

    def send(self, data: bytes) -> None:
        """Queues bytes for the board; they follow each other without a gap."""
        self._source.write_nowait(data)

    async def receive(self, clocks: int) -> bytes:
        """All bytes that have come; waits for the first for up to `clocks` clocks of the core, b"" if none comes."""
        await self._sink.wait(round(clocks * self._clock_ns), "ns")
        return bytes(self._sink.read_nowait())

    def measured_error(self) -> float:
        """What `error` is on the pins: the board's bit is divided by the host's."""
        return self._tx.shortest / self._rx.shortest - 1


class NoisyPin:
    """A pin that a UART source drives, with glitches: for a while it has the opposite level.

    Parameters
    ----------
    pin : handle
    bit_ns : float
        Length of a bit.
    """

    def __init__(self, pin, bit_ns: float) -> None:
        self._pin, self._bit_ns = pin, bit_ns
        self._path = pin._path  # the source's log is named by it
        self._level, self._turned = 1, 0
        self.glitches = 0

    def setimmediatevalue(self, level: int) -> None:
        """Drives the pin, now."""
        self.value = level

    @property
    def value(self) -> int:
        """What the source wants."""
        return self._level

    @value.setter
    def value(self, level: int) -> None:
        self._level = level
        self._pin.value = level ^ self._turned

    def start(self, seed: int, bits: float) -> None:
        """Begins with glitches of up to two bits' length, one in so many `bits` on average; the seed is theirs."""
        cocotb.start_soon(self._run(Random(seed), bits))

    async def _run(self, random: Random, bits: float) -> None:
        while True:
            for bits_left, self._turned in ((random.expovariate(1 / bits), 0), (random.uniform(0.05, 2), 1)):
                self.value = self._level
                self.glitches += self._turned
                await Timer(1 + round(bits_left * self._bit_ns), unit="ns")


class BitTime:
    """The shortest time between two changes of a pin, in ps."""

    def __init__(self, pin) -> None:
        self._pin = pin
        self.shortest = float("inf")

    def start(self) -> None:
        """Begins to watch."""
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        await ValueChange(self._pin)
        before = get_sim_time("ps")
        while True:
            await ValueChange(self._pin)
            now = get_sim_time("ps")
            self.shortest, before = min(self.shortest, now - before), now
