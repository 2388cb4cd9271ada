"""A board at its pins: the crystal, and a host's serial adapter whose baud rate may be off."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Timer, ValueChange
from cocotb.utils import get_sim_time
from cocotbext.uart import UartSink, UartSource

from ffpga_hw.boards.board import Board
from ffpga_hw.boards.top import RESET_BITS

#: Simulated seconds in a second of the board. cocotbext-uart cuts a bit to whole ns, which at 3 Mbaud and 2 % error
#: would make it 326 in place of 326.8; a thousandth of the speed leaves it exact to 12 millionths at 12 Mbaud.
SLOWER = 1000


class Pins:
    """A board's top with the pins clk, rx and tx.

    Parameters
    ----------
    dut : handle
    board : Board
    error : float
        How much faster than the board's line the host sends and samples: 0.02 is 2 %.
    """

    def __init__(self, dut, board: Board, error: float = 0.0) -> None:
        self._clk = dut.clk
        if board.button:  # nobody presses it
            dut.button.value = int(board.button_low)
        self._crystal_hz = board.crystal_hz / SLOWER
        self._clock_ns = 1e9 * SLOWER / board.clock_hz
        self.error = error
        baud = round(board.baud * (1 + error) / SLOWER)
        self.bit_ns = 1e9 / baud  #: of the host's bit
        self._source, self._sink = UartSource(dut.rx, baud), UartSink(dut.tx, baud)
        for line in (self._source, self._sink):
            line.log.setLevel("WARNING")  # else a line of the log for every byte
        self._rx, self._tx = BitTime(dut.rx), BitTime(dut.tx)

    async def start(self) -> None:
        """Starts the crystal and waits until the core is out of its reset."""
        half = round(1e12 / self._crystal_hz / 2)
        Clock(self._clk, 2 * half, unit="ps").start()
        await Timer(round(4 * self._clock_ns * (1 << RESET_BITS)), unit="ns")
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
