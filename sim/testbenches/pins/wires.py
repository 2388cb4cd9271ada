"""Faults on the wires of a serial line: levels turned for a while, start bits lost, start bits that are none."""

from pathlib import Path
from random import Random

import cocotb
from cocotb.triggers import FallingEdge, Timer
from cocotb.utils import get_sim_time

#: Module `noisy_wire`: a board's `top` whose wires can be disturbed.
NOISY_WIRE = Path(__file__).with_name("noisy_wire.v").read_text()

#: What happens: a level is turned for up to two bits, anywhere; a start bit is kept high; the resting line is low for a
#: bit.
KINDS = ("turned", "start lost", "start added")


class NoisyWire:
    """A wire of the module `noisy_wire`.

    Parameters
    ----------
    level, turn, hold : handle
        What its driver wants; and what disturbs it.
    bit_ns : float
        Length of a bit.
    """

    def __init__(self, level, turn, hold, bit_ns: float) -> None:
        self._level, self._turn, self._hold, self._bit_ns = level, turn, hold, bit_ns
        self._started = get_sim_time("ns")  # the last byte's start bit; 10 bits before it if there was none
        self.faults = dict.fromkeys(KINDS, 0)  #: how often each happened

    def start(self, random: Random, bits: float) -> None:
        """Begins with faults, one in so many `bits` on average."""
        cocotb.start_soon(self._follow())
        cocotb.start_soon(self._run(random, bits))

    async def _wait(self, bits: float) -> None:
        await Timer(1 + round(bits * self._bit_ns), unit="ns")

    async def _follow(self) -> None:
        """Keeps where bytes start, as their sender sees it."""
        while True:
            await FallingEdge(self._level)
            self._started = get_sim_time("ns")
            await self._wait(9.2)  # into the stop bit: the next edge is a start bit's

    async def _after_a_byte(self, bits: float) -> None:
        """Until so many bits have passed since a byte's start, and no other one has begun."""
        while (left := bits - (get_sim_time("ns") - self._started) / self._bit_ns) > 0:
            await self._wait(left)

    async def _run(self, random: Random, bits: float) -> None:
        while True:
            await self._wait(random.expovariate(1 / bits))
            kind = random.choice(KINDS)
            if kind == "turned":
                await self._turned(random.uniform(0.05, 2))
            elif kind == "start added":
                await self._after_a_byte(11)
                await self._turned(1)
            else:
                await self._after_a_byte(9.2)
                self._hold.value = 1
                await FallingEdge(self._level)
                await self._wait(1)
                self._hold.value = 0
            self.faults[kind] += 1

    async def _turned(self, bits: float) -> None:
        self._turn.value = 1
        await self._wait(bits)
        self._turn.value = 0
