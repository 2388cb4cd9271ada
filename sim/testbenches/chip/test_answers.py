"""cocotb test of the whole chip: what it answers equals, byte for byte, what the golden device answers.

FFPGA_CASE names the configuration, FFPGA_SEED is the seed; FFPGA_SETTINGS takes the place of the case's settings.
"""

import os
from dataclasses import replace

import cocotb

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import WINDOW
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import Conversation
from testbenches.conversations.in_flight import InFlight, describe

from .bench import Chip


def _setup(
    dut, idle: float, pressure: float, faults: float, bursts: bool = False
) -> tuple[Chip, GoldenDevice, Conversation]:
    case, seed = CONFIGURATIONS[os.environ["FFPGA_CASE"]], int(os.environ["FFPGA_SEED"])
    case = replace(case, settings=int(os.environ.get("FFPGA_SETTINGS", case.settings)))
    dut._log.info("%s, seed %d, idle %g, pressure %g, faults %g", case, seed, idle, pressure, faults)
    return (
        Chip(dut, seed=seed, idle=idle, pressure=pressure),
        GoldenDevice(case.config),
        Conversation(case, seed, faults, bursts),
    )


@cocotb.test()
async def answers_equal_golden(dut) -> None:
    """One frame at a time, so that a difference has a culprit."""
    chip, golden, conversation = _setup(dut, idle=0.0, pressure=0.0, faults=0.0)
    await chip.start()
    for number, frame in enumerate(conversation.frames()):
        golden.write(frame)
        expected = golden.read(1 << 20)
        chip.send(frame)
        answer = await chip.answer()
        assert answer == expected, f"frame {number}, {describe(frame)}: {describe(answer)}, not {describe(expected)}"


@cocotb.test()
async def answers_equal_golden_in_flight(dut) -> None:
    """Several frames in flight, bad ones among them, and random waits on both sides."""
    chip, golden, conversation = _setup(dut, idle=0.3, pressure=0.3, faults=0.2, bursts=True)
    await chip.start()
    flight = InFlight()
    for frame in conversation.frames():
        golden.write(frame)
        flight.say(frame, golden.read(1 << 20))
        chip.send(frame)
        while len(flight) >= WINDOW:
            flight.hear(await chip.answer())
    while flight:
        flight.hear(await chip.answer())
    while flight.refusals and chip.sink.bytes:
        flight.hear(await chip.answer())
