"""The chip on its test bench: clock, reset, byte streams, frames."""

from random import Random

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, First, Timer

from ffpga_golden.protocol import DELIMITER, decode_frame, encode_frame

from .streams import ByteSink, ByteSource

PERIOD_NS = 20  #: of the clock


class Chip:
    """A module `ffpga` with its ports clk, rst, i_* and o_*.

    Parameters
    ----------
    dut : handle
    seed : int
        Of the random waits.
    idle, pressure : float
        Probability, in a clock, that the host offers no byte and that it refuses one.
    """

    def __init__(self, dut, *, seed: int = 0, idle: float = 0.0, pressure: float = 0.0) -> None:
        self.dut = dut
        self.source = ByteSource(dut, "i", Random(f"source {seed}"), idle)
        self.sink = ByteSink(dut, "o", Random(f"sink {seed}"), pressure)
        self._sequence = 0

    async def start(self) -> None:
        """Starts the clock and pulses the reset."""
        self.dut.rst.value = 1
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await ClockCycles(self.dut.clk, 4)
        await FallingEdge(self.dut.clk)
        self.dut.rst.value = 0

    def send(self, data: bytes) -> None:
        """Queues bytes for the chip."""
        self.source.send(data)

    async def receive(self, clocks: int) -> bytes:
        """All bytes that have come; waits for the first for up to `clocks` clocks, b"" where none comes."""
        if not self.sink.bytes:
            self.sink.arrived.clear()
            await First(self.sink.arrived.wait(), Timer(clocks * PERIOD_NS, unit="ns"))
        data = bytes(self.sink.bytes)
        self.sink.bytes.clear()
        return data

    async def answer(self, clocks: int = 200_000) -> bytes:
        """The next answer with its delimiter; AssertionError where it does not come within `clocks` clocks."""
        while (end := self.sink.bytes.find(DELIMITER)) < 0:
            self.sink.arrived.clear()
            before = len(self.sink.bytes)
            await First(self.sink.arrived.wait(), Timer(clocks * PERIOD_NS, unit="ns"))
            if len(self.sink.bytes) == before:
                raise AssertionError(f"no answer within {clocks} clocks, only {bytes(self.sink.bytes).hex()!r}")
        data = bytes(self.sink.bytes[: end + 1])
        del self.sink.bytes[: end + 1]
        return data

    async def command(self, opcode: int, payload: bytes = b"") -> tuple[int, bytes]:
        """Sends a command and returns (status, payload) of its answer."""
        self.send(encode_frame(self._sequence, opcode, payload))
        answer = decode_frame((await self.answer())[:-1])
        assert answer is not None, "the answer is damaged"
        sequence, status, payload = answer
        assert sequence == self._sequence, f"the answer to frame {self._sequence} has the sequence number {sequence}"
        self._sequence = (self._sequence + 1) & 255
        return status, payload
