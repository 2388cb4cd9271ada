"""What a shell offers when an option's value is completed."""

from collections.abc import Callable
from pathlib import Path

Completer = Callable[[str], list[str]]


def words(*values: str) -> Completer:
    """A choice of words."""

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete


def targets(incomplete: str) -> list[str]:
    """golden, sim, and a serial port each."""
    try:
        from serial.tools import list_ports
    except ImportError:  # no pyserial, or another package of its name
        return words("golden", "sim", "serial:", "spi:")(incomplete)
    ports = [f"serial:{port.device}" for port in list_ports.comports()] or ["serial:"]
    return words("golden", "sim", *sorted(ports), "spi:")(incomplete)


def data(incomplete: str) -> list[str]:
    """digits, MNIST in a folder, tables and folders on the way to them."""
    scheme, colon, path = incomplete.rpartition(":")
    if colon and scheme != "mnist":
        return []
    typed = Path(path)
    folder, start = (typed, "") if path.endswith("/") else (typed.parent, typed.name)
    found = []
    for entry in sorted(folder.glob(f"{start}*")):
        if entry.is_dir():
            found.append(f"{scheme}{colon}{entry}/")
        elif not colon and entry.suffix in (".csv", ".npz"):
            found.append(str(entry))
    return [*words("digits", "mnist:")(incomplete), *found]
