"""Lines to boards by their names: `serial:PORT` and `spi:URL`, at the rate at which the board answers."""

from contextlib import suppress

from ffpga_golden.protocol import BAUD, BAUDS

from ..errors import FfpgaError
from .link import Link, SilentDevice
from .serial_port import SerialTransport
from .spi_port import HERTZ, SpiTransport

#: Kinds of lines, as targets begin.
KINDS = ("serial", "spi")


def is_board(target: str) -> bool:
    """Whether a target is the line to a board."""
    kind, _, port = target.partition(":")
    return kind in KINDS and bool(port)


def open_line(target: str, baud: int = BAUD) -> SerialTransport | SpiTransport:
    """The line that a target names.

    A serial port is left at the rate at which something answers: `baud` first, and where that is a rate of the boards,
    the other ones; a session that is open there ends.

    Parameters
    ----------
    target : str
        ``serial:PORT`` or ``spi:URL``.
    baud : int
        Bits a second. A board behind SPI has any; there BAUD stands for `HERTZ`.

    Raises
    ------
    FfpgaError
        The line is absent or taken.
    """
    kind, _, port = target.partition(":")
    if kind == "spi":
        return SpiTransport(port, HERTZ if baud == BAUD else baud)
    line = SerialTransport(port, baud)
    if baud not in BAUDS:
        return line
    try:
        for rate in (baud, *(one for one in BAUDS if one != baud)):
            with suppress(FfpgaError):  # the port has no such rate
                line.retune(rate)
                if _answers(line):
                    return line
        line.retune(baud)
    except BaseException:
        line.close()
        raise
    return line


def _answers(line: SerialTransport) -> bool:
    try:
        Link(line, timeout=0.15, patience=2).identify()
    except SilentDevice:
        return False
    except FfpgaError:  # such as a device of another version
        return True
    return True
