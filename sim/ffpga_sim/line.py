"""A virtual board at the end of a line: bytes take their time, and so does the host's port."""

from collections import deque

from .board import CHUNK, VirtualBoard


class PacedLine:
    """A virtual board as a transport whose time is the chip's clock; the host itself takes none.

    Parameters
    ----------
    board : VirtualBoard
    clock_hz : float
        The chip's clock, in which the timeouts of `read` are counted.
    clocks_a_byte : int
        Of the line, in each direction; 0 for no line at all.
    latency : int
        Clocks from the host to the line and from the line to the host, such as USB's. Both may be changed at any time.
    """

    def __init__(self, board: VirtualBoard, *, clock_hz: float, clocks_a_byte: int = 0, latency: int = 0) -> None:
        self.board = board
        self.clock_hz = clock_hz
        self.latency = latency
        self._arriving: deque[tuple[int, bytes]] = deque()
        self._answers: deque[tuple[int, bytes]] = deque()
        self.clocks_a_byte = clocks_a_byte

    @property
    def clocks_a_byte(self) -> int:
        """Clocks of a byte on the line."""
        return self._clocks_a_byte

    @clocks_a_byte.setter
    def clocks_a_byte(self, clocks: int) -> None:
        self._clocks_a_byte = clocks
        self.board.pace(clocks)

    def write(self, data: bytes) -> None:
        """Bytes that reach the line after the latency."""
        self._arriving.append((self.board.clocks + self.latency, data))

    def read(self, n: int, timeout: float) -> bytes:
        """What has reached the host, at most `n` bytes; waits up to `timeout` seconds of the chip's time."""
        end = self.board.clocks + round(timeout * self.clock_hz)
        while True:
            now = self.board.clocks
            while self._arriving and self._arriving[0][0] <= now:
                self.board.write(self._arriving.popleft()[1])
            if self._answers and self._answers[0][0] <= now:
                when, data = self._answers.popleft()
                if len(data) > n:
                    self._answers.appendleft((when, data[n:]))
                return data[:n]
            if now >= end:
                return b""
            next_event = [queue[0][0] for queue in (self._arriving, self._answers) if queue]
            sent = self.board.advance(min([end, now + CHUNK, *next_event]) - now)
            if sent:
                self._answers.append((self.board.clocks + self._clocks_a_byte + self.latency, sent))

    def close(self) -> None:
        """Ends the simulation."""
        self.board.close()
