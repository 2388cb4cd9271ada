"""A recording read back: the signals of its view, a value a clock."""

import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..errors import FfpgaError

T = TypeVar("T")


class Recording:
    """The FST file of a virtual board.

    Parameters
    ----------
    path : Path

    Raises
    ------
    FfpgaError
        The package that reads it is missing, or it is no recording of a virtual board.
    """

    def __init__(self, path: Path) -> None:
        try:
            import pywellen
        except ImportError:
            raise FfpgaError("reading a waveform needs pywellen: pip install 'ffpga[wave]'") from None
        if not path.is_file():
            raise FfpgaError(f"recording {path} must be a file: make it with ffpga wave")
        self.path = path
        try:
            self._wave = pywellen.Waveform(str(path))
        except UnicodeEncodeError:  # it wants text, which the name of a folder need not be
            self._beside = tempfile.TemporaryDirectory()
            link = Path(self._beside.name, "recording.fst")
            link.symlink_to(path.absolute())
            self._wave = pywellen.Waveform(str(link))
        self.names = {var.full_name for var in self._wave.all_vars()}
        if "TOP.clk" not in self.names:
            raise FfpgaError(f"recording {path} must be of a virtual board, and has no clock: make it with ffpga wave")

    @cached_property
    def _times(self) -> np.ndarray:
        """When the values of each clock are read: at its second half, where they hold until the edge that ends it."""
        return np.array([time for time, level in self._wave["TOP.clk"].tv if level == 0])

    def __len__(self) -> int:
        """Clocks."""
        return len(self._times)

    def values(self, name: str) -> np.ndarray:
        """Values of a signal of the view, such as "walker.issue", int[clocks]; signed ones are not turned."""
        from ffpga_sim.view import SCOPE

        full = f"{SCOPE}.{name}"
        if full not in self.names:
            raise FfpgaError(f"{self.path} has no signal {name}: it is not in this core's view")
        times, values = zip(*self._wave[full].tv, strict=True)
        at = np.searchsorted(np.array(times), self._times, side="right") - 1
        return np.array(values, dtype=object)[np.maximum(at, 0)]

    def signed(self, name: str, bits: int) -> np.ndarray:
        """Values of a signal in two's complement."""
        values = self.values(name)
        return np.array([value - (value >> bits - 1 << bits) for value in values], dtype=object)

    def words(self, name: str) -> list[str]:
        """Values of a signal that are words, such as the state of a machine."""
        return [int(value).to_bytes(32, "big").lstrip(b"\0").decode() for value in self.values(name)]


def runs(values: Sequence[T]) -> list[tuple[int, int, T]]:
    """(begin, clocks, value) of each run of equal values."""
    found: list[tuple[int, int, T]] = []
    begin = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[begin]:
            found.append((begin, at - begin, values[begin]))
            begin = at
    return found


def spans(busy: Sequence[bool], gap: int) -> list[tuple[int, int]]:
    """(begin, clocks) of where it is true; what is `gap` clocks apart, or less, is one."""
    joined: list[tuple[int, int]] = []
    for begin, clocks, on in runs(busy):
        if on and joined and begin - sum(joined[-1]) <= gap:
            joined[-1] = joined[-1][0], begin + clocks - joined[-1][0]
        elif on:
            joined.append((begin, clocks))
    return joined
