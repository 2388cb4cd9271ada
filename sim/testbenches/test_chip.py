"""cocotb test of the whole chip: what it answers equals, byte for byte, what the golden device answers."""

import os
import struct
from collections import deque

import cocotb

from ffpga_golden import COUNTERS, GoldenDevice
from ffpga_golden.protocol import DELIMITER, REFUSED, WINDOW, Opcode, Status, decode_frame

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
    pending: deque[tuple[bytes, bytes]] = deque()  # frames and what the golden device says of their execution
    refusals: deque[bytes] = deque()  # the golden device's; the chip may drop one where a later one follows at once
    said: dict[int, bytes] = {}  # answers that the chip may repeat

    async def check() -> None:
        """The next answer: of the oldest frame in flight, or a refusal or a repetition, which may come between."""
        answer = await chip.answer()
        decoded = decode_frame(answer[:-1])
        assert decoded is not None, "the answer is damaged"
        if decoded[1] in REFUSED:
            assert answer in refusals, f"{describe(answer)} is none of {[describe(r) for r in refusals]}"
            while refusals.popleft() != answer:
                pass
        elif answer != said.get(decoded[0]):
            assert pending, f"{describe(answer)} was not asked for"
            frame, expected = pending.popleft()
            found, right = comparable(frame, answer), comparable(frame, expected)
            assert found == right, f"{describe(frame)}: {describe(answer)}, not {describe(expected)}"
            said[decoded[0]] = answer
            said.pop(decoded[0] - WINDOW & 255, None)

    executed: set[int] = set()
    for frame in conversation.frames():
        golden.write(frame)
        for answer in golden.read(1 << 20).split(DELIMITER)[:-1]:
            number, status, _ = decode_frame(answer)
            if status in REFUSED:
                refusals.append(answer + DELIMITER)
            elif number not in executed:
                executed.add(number)
                executed.discard(number - WINDOW & 255)
                pending.append((frame, answer + DELIMITER))
        chip.send(frame)
        while len(pending) >= WINDOW:
            await check()
    while pending:
        await check()
    while refusals and chip.sink.bytes:
        await check()


def comparable(frame: bytes, answer: bytes) -> tuple:
    """An answer without the count of link errors: a frame in flight may be counted before or after."""
    number, status, payload = decode_frame(answer[:-1])
    command = decode_frame(frame[:-1])
    if command is not None and command[1] == Opcode.COUNTERS and status == Status.OK:
        counters = dict(zip(COUNTERS, struct.unpack(f"<{len(COUNTERS)}I", payload), strict=True))
        del counters["link_errors"]
        return number, status, counters
    return number, status, payload


def describe(frame: bytes) -> str:
    """A frame in a message: sequence number, code, payload."""
    decoded = decode_frame(frame[:-1])
    return "damaged " + frame.hex() if decoded is None else f"({decoded[0]}, {decoded[1]}, {decoded[2].hex(' ')!r})"
