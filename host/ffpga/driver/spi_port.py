"""A board's SPI as a transport: bytes both ways at once, and zero bytes where there is nothing to say."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from ..errors import FfpgaError

#: Bits a second unless another rate is asked for: the adapter's next one below half of the slowest core's clock.
HERTZ = 15_000_000
#: Zero bytes that are sent to hear what a board says, and most bytes of an exchange.
POLL, MOST = 64, 1024


class Wires(Protocol):
    """An SPI master with chip select, in mode 0."""

    def exchange(self, data: bytes) -> bytes:
        """Sends `data`; as many bytes come back."""

    def close(self) -> None:
        """Releases the adapter."""


class SpiTransport:
    """A board's SPI at an adapter.

    What idles are zero bytes, which end empty frames, in both directions: so no length need be known, and a zero that
    follows a zero is dropped.

    Parameters
    ----------
    port : str
        A URL of pyftdi, such as ``ftdi://ftdi:2232h/1``.
    hertz : int
        Bits a second, at most half of the core's clock; the adapter takes its next lower one.
    wires : callable, optional
        Opens `port` at `hertz`; by default with the package pyftdi.
    clock : callable, optional
        Seconds, of which `read` waits so many: a model's wires have time of their own.

    Raises
    ------
    FfpgaError
        The adapter or its package is absent; later: it was unplugged.
    """

    bits = 8  #: of a byte on the line

    def __init__(
        self,
        port: str,
        hertz: int = HERTZ,
        wires: Callable[[str, int], Wires] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 1 <= hertz <= 30_000_000:
            raise FfpgaError(f"baud must be 1 to 30,000,000 bits a second over SPI, not {hertz:,}")
        self.name, self.baud = port, hertz
        self._wires, self._clock = (wires or FtdiWires)(port, hertz), clock
        self._heard, self._ended = bytearray(), True

    def write(self, data: bytes) -> None:
        """Sends all of `data`; what comes back meanwhile is kept for `read`."""
        for at in range(0, len(data), MOST):
            self._exchange(data[at : at + MOST])

    def read(self, n: int, timeout: float) -> bytes:
        """What is there, at most `n` bytes; waits up to `timeout` seconds for the first; b"" on silence."""
        end = self._clock() + timeout
        while True:
            late = self._clock() >= end  # before it is asked: whoever sleeps too long must ask once more
            if not self._heard:
                self._exchange(bytes(POLL))
            if self._heard or late:
                data = bytes(self._heard[:n])
                del self._heard[:n]
                return data

    def close(self) -> None:
        """Releases the adapter."""
        self._wires.close()

    def _exchange(self, data: bytes) -> None:
        for byte in self._wires.exchange(data):
            if byte or not self._ended:
                self._heard.append(byte)
            self._ended = not byte


class FtdiWires:
    """The SPI of an FTDI adapter with an MPSSE (FT232H, FT2232H, FT4232H): AD0 sck, AD1 mosi, AD2 miso, AD3 cs.

    Parameters
    ----------
    port, hertz
        See `SpiTransport`.
    """

    def __init__(self, port: str, hertz: int) -> None:
        try:
            from pyftdi.ftdi import FtdiError
            from pyftdi.spi import SpiController
            from usb.core import USBError
        except ImportError as error:
            raise FfpgaError(f"target spi needs {error.name or error}: pip install 'ffpga[spi]'") from None
        self._failures: tuple[type[Exception], ...] = (FtdiError, USBError, OSError, ValueError)
        self._port = port
        self._controller: Any = SpiController(cs_count=1)
        try:
            self._controller.configure(port)
            self._spi = self._controller.get_port(cs=0, freq=hertz, mode=0)
        except self._failures as error:
            raise FfpgaError(
                f"SPI adapter {port!r} cannot be opened ({_reason(error)}): check the cable, the name, such as "
                "ftdi://ftdi:2232h/1, and that your user may use USB devices"
            ) from None

    def exchange(self, data: bytes) -> bytes:
        """See `Wires`."""
        try:
            return bytes(self._spi.exchange(data, duplex=True))
        except self._failures as error:
            raise FfpgaError(
                f"SPI adapter {self._port!r} failed ({_reason(error)}): check the cable and start again"
            ) from None

    def close(self) -> None:
        """See `Wires`."""
        self._controller.close()


def _reason(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
