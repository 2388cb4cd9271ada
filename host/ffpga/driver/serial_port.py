"""The serial port as a transport: for this program alone, and without its adapter's waiting where that can be had."""

import errno
import logging
import os
import sys
from typing import Any

from ffpga_golden.protocol import BAUD

from ..errors import FfpgaError

_log = logging.getLogger("ffpga")

#: Ports of which it was said that they answer late.
_told: set[str] = set()


class SerialTransport:
    """A serial port, 8N1 without flow control.

    No other program that asks for the same can have the port meanwhile. A USB adapter is asked not to hold back what
    it received (up to 16 ms); where it cannot be, that is logged as a warning of `ffpga`, once a port.

    Parameters
    ----------
    port : str
        Name of the port, such as ``/dev/ttyUSB1`` or ``COM4``; or a URL of pyserial, such as ``socket://HOST:PORT`` or
        ``rfc2217://HOST:PORT``.
    baud : int
        Bits a second, those that the board was built for.

    Raises
    ------
    FfpgaError
        The port is absent or taken; later: it was unplugged.
    """

    bits = 10  #: of a byte on the line

    def __init__(self, port: str, baud: int = BAUD) -> None:
        if not 1 <= baud <= 100_000_000:
            raise FfpgaError(f"baud must be 1 to 100,000,000 bits a second, not {baud:,}")
        serial = pyserial()
        self.name, self.baud = port, baud
        self._failures = (serial.SerialException, OSError)
        # A port at the far end of a network has no time-out for writing, and no lock.
        local: dict[str, Any] = {} if "://" in port else {"write_timeout": 5, "exclusive": True}
        try:
            self._serial = serial.serial_for_url(port, baudrate=baud, timeout=0, **local)
        except (*self._failures, ValueError) as error:
            raise FfpgaError(
                f"serial port {port!r} cannot be opened ({_reason(error)}): {_remedy(port, error)}"
            ) from None
        if local and sys.platform == "linux":
            self._ask_for_low_latency()

    def _ask_for_low_latency(self) -> None:
        try:
            self._serial.set_low_latency_mode(True)
        except ValueError as error:
            number = getattr(error.__context__, "errno", None)
            if number in (errno.ENOTTY, errno.EINVAL, errno.EOPNOTSUPP) or self.name in _told:
                return  # it has no such mode and so no such wait, or it was said
            _told.add(self.name)
            why = os.strerror(number) if number else str(error)
            _log.warning(
                "serial port %r has no low-latency mode (%s): a command that is waited for takes up to 16 ms",
                self.name,
                why,
            )

    def retune(self, baud: int) -> None:
        """Another rate; what was on its way is dropped.

        Raises
        ------
        FfpgaError
            The port does not have it.
        """
        try:
            self._serial.baudrate = baud
            self._serial.reset_input_buffer()
        except (*self._failures, ValueError) as error:
            raise FfpgaError(f"serial port {self.name!r} has no {baud:,} bits a second ({_reason(error)})") from None
        self.baud = baud

    def write(self, data: bytes) -> None:
        """Sends all of `data`."""
        try:
            self._serial.write(data)
        except self._failures as error:
            raise self._lost(error) from None

    def read(self, n: int, timeout: float) -> bytes:
        """What is there, at most `n` bytes; waits up to `timeout` seconds for the first; b"" on silence."""
        try:
            if self._serial.timeout != timeout:  # pyserial sets the whole port anew, across a network, too
                self._serial.timeout = timeout
            data = self._serial.read(1)
            while data and len(data) < n and (waiting := self._serial.in_waiting):
                data += self._serial.read(min(n - len(data), waiting))
            return data
        except self._failures as error:
            raise self._lost(error) from None

    def close(self) -> None:
        """Releases the port."""
        self._serial.close()

    def _lost(self, error: Exception) -> FfpgaError:
        return FfpgaError(f"serial port {self.name!r} failed ({_reason(error)}): check the cable and start again")


def pyserial() -> Any:
    """The package pyserial; FfpgaError where it is absent, or another one has its name."""
    try:
        import serial
    except ImportError:
        raise FfpgaError("a serial port needs the package pyserial: pip install pyserial") from None
    if not hasattr(serial, "Serial"):
        place = getattr(serial, "__file__", None) or next(iter(getattr(serial, "__path__", ())), "somewhere")
        raise FfpgaError(
            f"the package serial at {place} is not pyserial, which has the same name: "
            "pip uninstall serial, then pip install --force-reinstall pyserial"
        )
    return serial


def _remedy(port: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        return f"sudo usermod -aG {_group(port)} $USER, then log in again"
    if number in (errno.EAGAIN, errno.EBUSY):
        return "another program has it: end that one first"
    return "check the cable, the name and that no other program has it"


def _group(port: str) -> str:
    """The group that may use a port: dialout, where the system does not say another one."""
    try:
        import grp

        name = grp.getgrgid(os.stat(port).st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return "dialout"
    return "dialout" if name == "root" else name


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return os.strerror(number)
    return str(error).splitlines()[0]
