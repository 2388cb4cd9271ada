"""How many frames are under way at once: enough to hide the line's round trip, few enough that none is lost."""

import time
from collections.abc import Callable

from ffpga_golden.protocol import HELD, KEPT, WINDOW, kept_bytes

#: Answers over which a rate is measured, and those after a loss until the window may be larger again.
BLOCK, CAUTION = 24, 2000
#: Of the frames that a round trip hides, those that are sent ahead: rates are not even.
SHARE = 0.9


class Window:
    """The frames that may be unanswered.

    A device takes HELD frames whatever it does; more may be on their way there and back, as many as it executes in a
    round trip. A serial line or SPI cannot hold bytes back: what comes too early there is lost and sent again. So the
    window is HELD, and most of what the rate of answers times the shortest round trip gives; a loss halves it for a
    while.

    Attributes
    ----------
    size : int
        Frames, HELD to WINDOW. It may be set, and then stays.
    now : callable
        Seconds; that of a simulated line is not this machine's.
    """

    def __init__(self) -> None:
        self.now: Callable[[], float] = time.perf_counter
        self._size, self._fixed = HELD, False
        self.begin(1)

    @property
    def size(self) -> int:
        """Frames."""
        return self._size

    @size.setter
    def size(self, frames: int) -> None:
        self._size, self._fixed = frames, True

    def begin(self, depth: int) -> None:
        """A session with a device of so many layers."""
        self._depth = depth
        if not self._fixed:
            self._size = HELD
        self._most = WINDOW  # frames, at the moment
        self._kept = 0  # bytes of the answers to come
        self._trip = float("inf")  # the shortest one
        self._sent = 0.0  # when the frame that is alone on its way was sent
        self._alone = False
        self._answers, self._began, self._calm = 0, 0.0, 0

    def has_room(self, opcode: int, pending: int) -> bool:
        """Whether a command may be sent behind so many that are unanswered."""
        return not pending or (pending < self._size and self._kept + kept_bytes(self._depth, opcode) <= KEPT)

    def sent(self, opcode: int, pending: int) -> None:
        """A command was sent; so many others are unanswered."""
        self._kept += kept_bytes(self._depth, opcode)
        self._alone = not pending
        if self._alone:
            self._sent, self._answers = self.now(), 0  # the line stood still: no rate

    def answered(self, opcode: int) -> None:
        """A command was answered, the oldest one."""
        self._kept -= kept_bytes(self._depth, opcode)
        if self._alone:
            self._trip, self._alone = min(self._trip, self.now() - self._sent), False
        if not self._answers:
            self._began = self.now()
        self._answers += 1
        if self._calm:
            self._calm -= 1
        else:
            self._most = WINDOW
        if self._answers > BLOCK:
            took, self._answers = self.now() - self._began, 0
            if not self._fixed and took > 0 and self._trip < float("inf"):
                self._size = min(self._most, HELD + int(SHARE * BLOCK * self._trip / took))

    def lost(self) -> None:
        """Something was lost, and all that is unanswered is sent again."""
        self._most, self._calm, self._answers, self._alone = max(HELD, self._size // 2), CAUTION, 0, False
        if not self._fixed:
            self._size = min(self._size, self._most)
