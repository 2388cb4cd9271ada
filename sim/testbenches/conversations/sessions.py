"""Conversations with a virtual board that end at the first difference and after a bounded number of clocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import DELIMITER, HELD, WINDOW
from ffpga_sim import VirtualBoard
from testbenches.configurations import Case
from testbenches.conversations.conversation import Conversation, answered
from testbenches.conversations.edges import Edges
from testbenches.conversations.extremes import Extremes
from testbenches.conversations.in_flight import InFlight

#: Clocks a byte, while several frames are in flight: 0 takes it at once, the others hold the chip back; between an even
#: and an odd one, inputs come an odd number of clocks apart, too.
PACES = (0, 0, 1, 2, 5, 21, 150)


@dataclass
class Session:
    """A conversation whose answers are known, to be had with many boards.

    Parameters
    ----------
    name : str
    case : Case
    seed : int
    faults : float
        See `Conversation`.
    in_flight : bool
        Whether up to WINDOW frames are said at once, sometimes fewer, and bytes take a random number of clocks in both
        directions.
    kind : type of Conversation
    """

    name: str
    case: Case
    seed: int
    faults: float
    in_flight: bool = False
    kind: type[Conversation] = Conversation

    def __post_init__(self) -> None:
        said = self.kind(self.case, self.seed, self.faults, self.in_flight)
        self.exchanges = list(answered(said, GoldenDevice(self.case.config)))
        self._patience = 1 << 20  #: clocks until an answer, at most

    def hold(self, board: VirtualBoard) -> None:
        """Has the conversation; AssertionError at the first difference from the golden device.

        The first board is the judge of patience: any other one must answer within four times as many clocks.
        """
        longest = (self._flying if self.in_flight else self._frame_by_frame)(board)
        self._patience = min(self._patience, 4 * longest + 2000)

    def _answer(self, board: VirtualBoard, data: bytes, pace: Callable[[], None]) -> tuple[bytes, bytes, int]:
        """The next answer, what came after it, and the clocks that it took."""
        before = board.clocks
        while DELIMITER not in data:
            left = self._patience - (board.clocks - before)
            assert left > 0, f"no answer within {self._patience} clocks, only {data.hex()!r}"
            pace()
            data += board.advance(left)
        answer, _, data = data.partition(DELIMITER)
        return answer + DELIMITER, data, board.clocks - before

    def _frame_by_frame(self, board: VirtualBoard) -> int:
        longest = 0
        board.pace(0)  # as of a board of its own: a former conversation may have left it slow
        for number, (frame, expected) in enumerate(self.exchanges):
            board.write(frame)
            found, rest = b"", b""
            for _ in range(expected.count(DELIMITER)):
                answer, rest, clocks = self._answer(board, rest, lambda: None)
                found += answer
                longest = max(longest, clocks)
            assert found + rest == expected, f"frame {number}: {frame.hex()}"
        assert not board.advance(500), "an answer that nobody asked for"
        return longest

    def _flying(self, board: VirtualBoard) -> int:
        random = Random(f"paces {self.seed}")
        flight, rest, longest = InFlight(), b"", 0

        def pace() -> None:
            board.pace(random.choice(PACES))

        def hear() -> None:
            nonlocal rest, longest
            answer, rest, clocks = self._answer(board, rest, pace)
            flight.hear(answer)
            longest = max(longest, clocks)

        most = WINDOW
        for frame, expected in self.exchanges:
            flight.say(frame, expected)
            board.write(frame)
            if random.random() < 0.1:
                most = random.choice((1, HELD + 1, WINDOW))
            while len(flight) >= most:
                hear()
        while flight:
            hear()
        return longest


Talk = tuple[str, Case, int, float, bool]


def talks(case: Case, seed: int = 1) -> list[Talk]:
    """Name, case, seed, faults of each random conversation with a configuration, and whether frames are in flight."""
    return [
        ("frame by frame", case, seed, 0.1, False),
        ("in flight", case, seed, 0.2, True),
        ("bad line", replace(case, settings=4), seed + 2, 0.6, False),
        ("long", replace(case, settings=48, steps=4), seed + 1, 0.1, False),
        ("long again", replace(case, settings=48, steps=4, weights="initial"), seed + 5, 0.1, False),
    ]


def sessions(case: Case, count: int | None = None, seed: int = 1) -> list[Session]:
    """The conversations of the test suite with a configuration, the shortest first; then those that are not random.

    All of them, or so many.
    """
    rare: list[Talk] = [("extremes", case, seed, 0.0, True), ("edges", case, seed, 0.0, False)]
    kinds = {"extremes": Extremes, "edges": Edges}
    return [Session(*talk, kinds.get(talk[0], Conversation)) for talk in (talks(case, seed) + rare)[:count]]
