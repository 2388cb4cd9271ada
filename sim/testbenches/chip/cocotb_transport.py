"""The transport through which the unmodified host driver runs inside cocotb.

@cocotb.test()
async def test_driver(dut):
    chip = Chip(dut)
    await chip.start()
    await bridge(lambda: use(Device(CocotbTransport(chip))))()
"""

from typing import Protocol

from cocotb.task import bridge, resume

__all__ = ["Bytes", "CocotbTransport", "bridge"]


class Bytes(Protocol):
    """What bytes go to and come from: a `Chip`, or a board's `Pins`."""

    def send(self, data: bytes) -> None:
        """Queues bytes."""

    async def receive(self, clocks: int) -> bytes:
        """All bytes that have come; waits for the first for up to `clocks` clocks."""


class CocotbTransport:
    """Bytes to and from a chip, for blocking code inside `bridge`.

    Parameters
    ----------
    chip : Bytes
    clock_rate : int
        Clocks that a second of a timeout stands for. Simulated time is slow, and a simulated line loses nothing.
    """

    def __init__(self, chip: Bytes, clock_rate: int = 50_000) -> None:
        self._chip = chip
        self._clock_rate = clock_rate
        self._bytes = b""

    def write(self, data: bytes) -> None:
        """Queues bytes for the chip; takes no simulated time."""
        self._chip.send(data)

    def read(self, n: int, timeout: float) -> bytes:
        """Up to `n` bytes, at least one unless the chip is silent for `timeout` seconds of `clock_rate` clocks."""
        if not self._bytes and n > 0:
            self._bytes = resume(self._chip.receive)(max(1, round(timeout * self._clock_rate)))
        data, self._bytes = self._bytes[:n], self._bytes[n:]
        return data

    def close(self) -> None:
        """Nothing to release: the simulation belongs to the test."""
