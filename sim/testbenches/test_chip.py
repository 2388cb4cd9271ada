"""cocotb test of the whole chip: what it answers equals, byte for byte, what the golden device answers."""

import os

import cocotb

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import DELIMITER, WINDOW

from .chip import Chip
from .configurations import CONFIGURATIONS
from .conversation import Conversation


def _setup(dut, idle: float, pressure: float, faults: float) -> tuple[Chip, GoldenDevice, Conversation]:
    case, seed = CONFIGURATIONS[os.environ["FFPGA_CASE"]], int(os.environ["FFPGA_SEED"])
    dut._log.info("%s, seed %d, idle %g, pressure %g, faults %g", case, seed, idle, pressure, faults)
    return (
        Chip(dut, seed=seed, idle=idle, pressure=pressure),
        GoldenDevice(case.config),
        Conversation(case, seed, faults),
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
    chip, golden, conversation = _setup(dut, idle=0.3, pressure=0.3, faults=0.2)
    await chip.start()
    pending: list[tuple[bytes, bytes]] = []

    async def check() -> None:
        frame, expected = pending.pop(0)
        answer = await chip.answer()
        assert answer == expected, f"{describe(frame)}: {describe(answer)}, not {describe(expected)}"

    for frame in conversation.frames():
        golden.write(frame)
        answers = golden.read(1 << 20).split(DELIMITER)[:-1]
        chip.send(frame)
        pending += [(frame, answer + DELIMITER) for answer in answers]
        while len(pending) >= WINDOW:
            await check()
    while pending:
        await check()
    assert await chip.receive(2_000) == b"", "the chip says more than it was asked"


def describe(frame: bytes) -> str:
    """A frame in a message: sequence number, code, payload."""
    from ffpga_golden.protocol import decode_frame

    decoded = decode_frame(frame[:-1])
    return "damaged " + frame.hex() if decoded is None else f"({decoded[0]}, {decoded[1]}, {decoded[2].hex(' ')!r})"
