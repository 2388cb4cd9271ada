"""What a chip may answer while several frames are in flight, bad ones among them, beside a golden device."""

import struct
from collections import deque

from ffpga_golden import COUNTERS, GoldenDevice
from ffpga_golden.protocol import DELIMITER, REFUSED, WINDOW, Opcode, Status, decode_frame


class InFlight:
    """Frames that both devices were told, and the answers that are still to come.

    Every frame that is executed is answered, in order and as the golden device says. Between them may come what the
    golden device refused, in its order too, though a chip may drop a refusal where a later one follows at once; and the
    answer to a frame that was executed already, again.

    Parameters
    ----------
    golden : GoldenDevice
        In the state that the chip is in, with nothing in flight.
    """

    def __init__(self, golden: GoldenDevice) -> None:
        self._golden = golden
        self._pending: deque[tuple[bytes, bytes]] = deque()  # frames and what golden says of their execution
        self._refusals: deque[bytes] = deque()  # golden's
        self._executed: set[int] = set()
        self._said: dict[int, bytes] = {}  # answers that the chip may repeat

    def __len__(self) -> int:
        """Answers that must still come."""
        return len(self._pending)

    @property
    def refusals(self) -> int:
        """Refusals that may still come."""
        return len(self._refusals)

    def say(self, frame: bytes) -> bytes:
        """Tells the golden device a frame with its delimiter, good or bad; returns what it answers."""
        self._golden.write(frame)
        said = self._golden.read(1 << 20)
        for answer in said.split(DELIMITER)[:-1]:
            number, status, _ = _decoded(answer)
            if status in REFUSED:
                self._refusals.append(answer + DELIMITER)
            elif number not in self._executed:
                self._executed.add(number)
                self._executed.discard(number - WINDOW & 255)
                self._pending.append((frame, answer + DELIMITER))
        return said

    def settle(self) -> None:
        """The chip is idle: no answer may still come."""
        assert not self._pending, f"{describe(self._pending[0][0])} was not answered"
        self._refusals.clear()

    def hear(self, answer: bytes) -> None:
        """Takes an answer of the chip, with its delimiter; AssertionError where it is not the right one."""
        number, status, _ = _decoded(answer[:-1])
        if status in REFUSED:
            assert answer in self._refusals, f"{describe(answer)} is none of {[describe(r) for r in self._refusals]}"
            while self._refusals.popleft() != answer:
                pass
        elif answer != self._said.get(number):
            assert self._pending, f"{describe(answer)} was not asked for"
            frame, expected = self._pending.popleft()
            found, right = comparable(frame, answer), comparable(frame, expected)
            assert found == right, f"{describe(frame)}: {describe(answer)}, not {describe(expected)}"
            self._said[number] = answer
            self._said.pop(number - WINDOW & 255, None)


def _decoded(answer: bytes) -> tuple[int, int, bytes]:
    decoded = decode_frame(answer)
    assert decoded is not None, f"an answer is damaged: {answer.hex()}"
    return decoded


def comparable(frame: bytes, answer: bytes) -> tuple:
    """An answer without the count of link errors: a frame in flight may be counted before or after."""
    number, status, payload = _decoded(answer[:-1])
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
