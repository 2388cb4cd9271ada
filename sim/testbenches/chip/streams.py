"""A byte stream's source and sink, with random idle and back-pressure from a seed.

Both drive their signals at the falling edge, in the middle of a clock: what is seen there holds at the rising edge,
in every simulator.
"""

from collections import deque
from random import Random

import cocotb
from cocotb.triggers import Event, FallingEdge, ReadOnly, RisingEdge


class ByteSource:
    """Offers bytes to a stream `{name}_payload`, `{name}_valid`, `{name}_ready`.

    Parameters
    ----------
    dut : handle
    name : str
        Prefix of the ports.
    random : Random
        Decides when it pauses.
    idle : float
        Probability of offering nothing in a clock, 0 to below 1. A byte once offered stays until it is taken.
    """

    def __init__(self, dut, name: str, random: Random, idle: float = 0.0) -> None:
        self._clock = dut.clk
        self._payload, self._valid = getattr(dut, f"{name}_payload"), getattr(dut, f"{name}_valid")
        self._ready = getattr(dut, f"{name}_ready")
        self._random, self._idle = random, idle
        self._bytes: deque[int] = deque()
        self._some = Event()
        self._valid.value = 0
        self._payload.value = 0
        cocotb.start_soon(self._run())

    def send(self, data: bytes) -> None:
        """Queue bytes."""
        self._bytes.extend(data)
        if data:
            self._some.set()

    async def _run(self) -> None:
        offered = False
        while True:
            if not self._bytes:
                self._valid.value = 0
                self._some.clear()
                await self._some.wait()
            await FallingEdge(self._clock)
            if not offered and self._random.random() < self._idle:
                self._valid.value = 0
                continue
            self._valid.value = 1
            self._payload.value = self._bytes[0]
            await ReadOnly()
            offered = not self._ready.value
            if offered:
                await RisingEdge(self._ready)  # in place of every clock until then, in which the simulator calls Python
            else:
                self._bytes.popleft()
                if not self._bytes:
                    await FallingEdge(self._clock)


class ByteSink:
    """Takes bytes from a stream `{name}_payload`, `{name}_valid`, `{name}_ready`; `valid` must come from a register.

    Parameters
    ----------
    dut : handle
    name : str
        Prefix of the ports.
    random : Random
        Decides when it does not take a byte.
    pressure : float
        Probability of refusing a byte in a clock, 0 to below 1.
    """

    def __init__(self, dut, name: str, random: Random, pressure: float = 0.0) -> None:
        self._clock = dut.clk
        self._payload, self._valid = getattr(dut, f"{name}_payload"), getattr(dut, f"{name}_valid")
        self._ready = getattr(dut, f"{name}_ready")
        self._random, self._pressure = random, pressure
        self.bytes = bytearray()  #: taken, and not yet removed by a reader
        self.arrived = Event()  #: set with every byte
        self._ready.value = 0
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        while True:
            await FallingEdge(self._clock)
            if self._valid.value != 1:
                self._ready.value = 0
                await RisingEdge(self._valid)
                continue
            ready = self._random.random() >= self._pressure
            self._ready.value = int(ready)
            if ready:
                self.bytes.append(int(self._payload.value))
                self.arrived.set()
