"""Byte transports: what the driver needs of a line, and the serial port. Golden device and virtual board are others."""

from typing import Protocol

from ..errors import FfpgaError

BAUD = 3_000_000


class Transport(Protocol):
    """Bytes to and from a device."""

    def write(self, data: bytes) -> None:
        """Sends all of `data`."""

    def read(self, n: int, timeout: float) -> bytes:
        """What is there, at most `n` bytes; waits up to `timeout` seconds for the first; b"" on silence."""

    def close(self) -> None:
        """Releases the line."""


class SerialTransport:
    """A serial port, 8N1 without flow control.

    Parameters
    ----------
    port : str
        Name of the port, such as ``/dev/ttyUSB1`` or ``COM4``; or a URL of pyserial.
    baud : int
        Bits a second.

    Raises
    ------
    FfpgaError
        The port is absent or taken; later: it was unplugged.
    """

    def __init__(self, port: str, baud: int = BAUD) -> None:
        import serial

        self.name = port
        self._failures = (serial.SerialException, OSError)
        try:
            self._serial = serial.serial_for_url(port, baudrate=baud, timeout=0, write_timeout=5)
        except (*self._failures, ValueError) as error:
            raise FfpgaError(
                f"serial port {port!r} cannot be opened ({_reason(error)}): "
                "check the cable, the name and that no other program has it"
            ) from None

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except self._failures as error:
            raise self._lost(error) from None

    def read(self, n: int, timeout: float) -> bytes:
        try:
            self._serial.timeout = timeout
            first = self._serial.read(1)
            return first + self._serial.read(min(n - 1, self._serial.in_waiting)) if first else b""
        except self._failures as error:
            raise self._lost(error) from None

    def close(self) -> None:
        self._serial.close()

    def _lost(self, error: Exception) -> FfpgaError:
        return FfpgaError(f"serial port {self.name!r} failed ({_reason(error)}): check the cable and start again")


def _reason(error: Exception) -> str:
    number = getattr(error, "strerror", None)
    return number or str(error).splitlines()[0]
