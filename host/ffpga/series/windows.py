"""Windows of a recording: where they lie, and what they become."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..errors import FfpgaError
from .spectrum import spectrum, spectrum_names

#: What a window becomes.
FEATURES = ("raw", "spectrum")
#: The shortest window.
SHORTEST = 4


@dataclass(frozen=True)
class Windowing:
    """How a recording becomes samples.

    Parameters
    ----------
    window : int
        Values of each channel, in a row, that make a sample.
    hop : int
        From the beginning of a window to that of the next one.
    features : "raw" or "spectrum"
        What becomes of it; see `spectrum.spectrum`.
    unit : float
        What the recording has where one unit was measured, such as 4096 of an accelerometer of 4,096 counts a g: the
        values are divided by it. Only spectra depend on it.

    Raises
    ------
    FfpgaError
        One of them is out of range.
    """

    window: int
    hop: int
    features: str = "raw"
    unit: float = 1.0

    def __post_init__(self) -> None:
        if self.window < SHORTEST:
            raise FfpgaError(f"window must be {SHORTEST} values or more, not {self.window}")
        if self.hop < 1:
            raise FfpgaError(f"hop must be 1 or more, not {self.hop}: take half of the window, {self.window // 2}")
        if self.features not in FEATURES:
            raise FfpgaError(f"features must be {' or '.join(FEATURES)}, not {self.features!r}")
        if not 0 < self.unit < np.inf:
            raise FfpgaError(f"unit must be above 0, not {self.unit}")

    def of(self, windows: np.ndarray) -> np.ndarray:
        """Samples float64[n, channels * length] of windows [n, channels, window], channel after channel."""
        values = np.asarray(windows, np.float64) / self.unit
        if self.features == "spectrum":
            values = spectrum(values)
        return values.reshape(len(values), -1)

    @property
    def length(self) -> int:
        """Features of a channel."""
        return self.window if self.features == "raw" else len(spectrum_names(self.window))

    def names(self, channels: Sequence[str]) -> tuple[str, ...]:
        """Of the features, such as ``ax bin 3``."""
        parts = [f" {n + 1}" for n in range(self.window)] if self.features == "raw" else spectrum_names(self.window)
        return tuple(channel + part for channel in channels for part in parts)

    def __str__(self) -> str:
        unit = "" if self.unit == 1 else f" of values / {self.unit:g}"
        kind = "spectra" if self.features == "spectrum" else "windows"
        return f"{kind} of {self.window} values, {self.hop} apart{unit}"


def stretches(rows: int, *changes: np.ndarray) -> list[tuple[int, int]]:
    """First row and end of each stretch in which none of some values [rows] changes."""
    cut = np.zeros(max(0, rows - 1), bool)
    for values in changes:
        cut |= values[1:] != values[:-1]
    ends = [0, *(np.flatnonzero(cut) + 1).tolist(), rows]
    return [(first, end) for first, end in pairwise(ends) if end > first]


def window_starts(parts: Sequence[tuple[int, int]], windowing: Windowing) -> np.ndarray:
    """int64[n]: first rows of the windows that lie within one of some stretches.

    Raises
    ------
    FfpgaError
        There is none.
    """
    window = windowing.window
    found = [np.arange(first, end - window + 1, windowing.hop) for first, end in parts]
    starts = np.concatenate([np.zeros(0, np.int64), *found])
    if not len(starts):
        longest = max((end - first for first, end in parts), default=0)
        raise FfpgaError(
            f"window must be at most {longest} values, not {window}: no stretch of one label and group is longer"
        )
    return starts


def cut(values: np.ndarray, starts: np.ndarray, window: int) -> np.ndarray:
    """Windows [n, channels, window] of a recording [rows, channels]."""
    return np.lib.stride_tricks.sliding_window_view(values, window, axis=0)[starts]
