"""What the driver needs of a line: serial port, golden device and virtual board have it."""

from typing import Protocol


class Transport(Protocol):
    """Bytes to and from a device."""

    def write(self, data: bytes) -> None:
        """Sends all of `data`."""

    def read(self, n: int, timeout: float) -> bytes:
        """What is there, at most `n` bytes; waits up to `timeout` seconds for the first; b"" on silence."""

    def close(self) -> None:
        """Releases the line."""
