"""What a chip may answer while several frames are in flight, bad ones among them."""

import struct
from collections import Counter, deque
from dataclasses import dataclass

from ffpga_golden import COUNTERS
from ffpga_golden.protocol import DELIMITER, REFUSED, WINDOW, Opcode, Status, decode_frame


@dataclass
class _Refusal:
    """A refusal: one that follows may take its place, but an execution may not come before it."""

    answer: bytes
    heard: bool = False


@dataclass
class _Said:
    """A frame that the chip executes, its answer, whether it begins a session, and the last refusal before it."""

    frame: bytes
    answer: bytes
    opens: bool
    before: _Refusal | None


class InFlight:
    """Frames that were said to a chip, with the golden device's answers, until the chip's own are heard."""

    def __init__(self) -> None:
        self._pending: deque[_Said] = deque()
        self._refusals: deque[bytes] = deque()  # the chip may drop one where a later one follows at once
        self._unheard: list[_Refusal] = []
        self._said: dict[int, bytes] = {}  # answers that the chip may repeat
        self._owed: Counter[int] = Counter()  # those that it must, since they had been heard before
        self._executed: set[int] = set()
        self._session = bytes(4)
        self._last: _Refusal | None = None  # since the last frame that was executed

    def __len__(self) -> int:
        """Frames whose execution the chip has not answered."""
        return len(self._pending)

    def __bool__(self) -> bool:
        """Whether something must still come: an execution's answer, or one again."""
        return bool(self._pending or self._owed)

    @property
    def refusals(self) -> int:
        """Refusals that the chip may still send."""
        return len(self._refusals)

    def say(self, frame: bytes, expected: bytes) -> bytes:
        """A frame goes to the chip; the golden device answered it with `expected`.

        Returns
        -------
        bytes
            What the chip must answer if nothing else is in flight: what it repeats are its own answers.
        """
        command = decode_frame(frame[:-1])
        if command is not None and command[1] == Opcode.IDENTIFY and len(command[2]) == 4:
            if opens := command[2] != self._session:
                self._session = command[2]
                self._executed.clear()
        else:
            opens = False
        right = []
        for answer in expected.split(DELIMITER)[:-1]:
            number, status, _ = _decoded(answer)
            right.append(answer + DELIMITER)
            if status in REFUSED:
                self._refusals.append(answer + DELIMITER)
                self._last = _Refusal(answer + DELIMITER)
                self._unheard.append(self._last)
            elif number not in self._executed:
                self._executed.add(number)
                self._executed.discard(number - WINDOW & 255)
                self._pending.append(_Said(frame, answer + DELIMITER, opens, self._last))
                self._last = None
            elif number in self._said and not any(said.opens for said in self._pending):
                right[-1] = self._said[number]
                self._owed[number] += 1
        return b"".join(right)

    def settle(self) -> None:
        """The chip is idle: nothing more may come, and everything that must has come."""
        assert not self._pending, f"{describe(self._pending[0].frame)} was not answered"
        assert not self._owed, f"{describe(self._said[next(self._owed.elements())])} did not come again"
        assert self._last is None or self._last.heard, f"{describe(self._last.answer)} did not come"
        self._last = None
        self._unheard.clear(), self._refusals.clear()

    def hear(self, answer: bytes) -> None:
        """An answer comes: of the oldest frame in flight, or a refusal or a repetition, which may come between.

        Raises
        ------
        AssertionError
            It is none of them.
        """
        number, status, _ = _decoded(answer[:-1])
        if status in REFUSED:
            assert answer in self._refusals, f"{describe(answer)} is none of {[describe(r) for r in self._refusals]}"
            while self._refusals.popleft() != answer:
                pass
            for refusal in self._unheard:
                refusal.heard |= refusal.answer == answer
            self._unheard = [refusal for refusal in self._unheard if not refusal.heard]
        elif answer != self._said.get(number):
            assert self._pending, f"{describe(answer)} was not asked for"
            said = self._pending.popleft()
            frame, expected, before = said.frame, said.answer, said.before
            assert before is None or before.heard, f"{describe(before.answer)} did not come before {describe(answer)}"
            if said.opens:
                self._said.clear()
            found, right = comparable(frame, answer), comparable(frame, expected)
            assert found == right, f"{describe(frame)}: {describe(answer)}, not {describe(expected)}"
            self._said[number] = answer
            self._said.pop(number - WINDOW & 255, None)
        else:
            self._owed -= Counter([number])


def _decoded(answer: bytes) -> tuple[int, int, bytes]:
    decoded = decode_frame(answer)
    assert decoded is not None, f"an answer is damaged: {answer.hex()}"
    return decoded


def comparable(frame: bytes, answer: bytes) -> tuple:
    """An answer without the count of link errors: a frame in flight may be counted before or after."""
    number, status, payload = _decoded(answer[:-1])
    command = decode_frame(frame[:-1])
    size = 4 * len(COUNTERS)
    if command is not None and command[1] == Opcode.COUNTERS and status == Status.OK and len(payload) == size:
        counters = dict(zip(COUNTERS, struct.unpack(f"<{len(COUNTERS)}I", payload), strict=True))
        del counters["link_errors"]
        return number, status, counters
    return number, status, payload


def describe(frame: bytes) -> str:
    """A frame in a message: sequence number, code, payload."""
    decoded = decode_frame(frame[:-1])
    return "damaged " + frame.hex() if decoded is None else f"({decoded[0]}, {decoded[1]}, {decoded[2].hex(' ')!r})"
