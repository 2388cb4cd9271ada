"""Drifts of a sensor: what a chip's data are before and after, and the stream from which it learns on."""

import math
from dataclasses import dataclass, replace

import numpy as np

from ..errors import FfpgaError
from .dataset import Dataset
from .images import moved

SCENARIOS = ("inverted", "shifted", "new-class")


@dataclass(frozen=True)
class Drift:
    """Data from before a drift, on which the chip was trained, and from after it."""

    name: str
    old: Dataset
    drifted: Dataset

    @property
    def same_samples(self) -> bool:
        """Whether training sample n after the drift is the one before it, as the sensor sees it now."""
        return self.name != "new-class"

    def most_pairs(self, replay: float = 0.0) -> int:
        """Pairs of the longest stream that sees each sample once."""
        old, fresh = len(self.old.train_x), len(self.drifted.train_x)
        if self.same_samples:
            return fresh
        longest = range(old + fresh, 0, -1)
        return next(n for n in longest if _replayed(n, replay) <= old and n - _replayed(n, replay) <= fresh)

    def stream(self, pairs: int, replay: float = 0.0, seed: int = 0) -> list[tuple[bool, int]]:
        """Training samples in order, none of them twice: (whether it is an old one, which).

        Parameters
        ----------
        pairs : int
            Samples in all.
        replay : float
            Share of old ones, evenly spread, 0 to below 1.
        seed : int
            Of the order. The drifted samples come in the same one, whatever `replay` is.

        Raises
        ------
        FfpgaError
            There are fewer samples than that.
        """
        most = self.most_pairs(replay)
        if not 1 <= pairs <= most:
            raise FfpgaError(
                f"pairs must be 1 to {most:,}, not {pairs:,}: the stream of {self.name} with a replay share of "
                f"{replay:g} has no more samples"
            )
        random = np.random.RandomState([seed, len(SCENARIOS)])
        fresh = random.permutation(len(self.drifted.train_x))
        old = fresh[::-1] if self.same_samples else random.permutation(len(self.old.train_x))
        out: list[tuple[bool, int]] = []
        for n in range(pairs):
            before, after = _replayed(n, replay), _replayed(n + 1, replay)
            out.append((True, int(old[before])) if after > before else (False, int(fresh[n - before])))
        return out


def _replayed(pairs: int, replay: float) -> int:
    """Old samples among the first pairs of a stream; a share such as 0.29 is meant as it is written."""
    return math.floor(pairs * replay + 1e-9)


def drift(name: str, data: Dataset, *, pixels: int | None = None, new_class: int | None = None) -> Drift:
    """A data set's drift.

    Parameters
    ----------
    name : "inverted", "shifted" or "new-class"
        Contrast inverted, 255 - x; images moved to the right; a class that was not there in training.
    pixels : int, optional
        By which images are moved; default: an eighth of their edge.
    new_class : int, optional
        Default: the last one.

    Raises
    ------
    FfpgaError
        There is no such drift, distance or class, or the samples are no images.
    """
    if name not in SCENARIOS:
        raise FfpgaError(f"scenario must be {' or '.join(SCENARIOS)}, not {name!r}")
    if name == "inverted":
        return Drift(name, data, replace(data, train_x=255 - data.train_x, test_x=255 - data.test_x))
    if name == "shifted":
        height, width = data.image
        pixels = max(1, width // 8) if pixels is None else pixels
        if not 1 <= pixels < width:
            raise FfpgaError(f"pixels must be 1 to {width - 1} for images of {height} x {width}, not {pixels}")
        train, test = (
            np.stack([moved(x, 0, pixels, data.image) for x in part]) for part in (data.train_x, data.test_x)
        )
        return Drift(name, data, replace(data, train_x=train, test_x=test))
    new = data.classes - 1 if new_class is None else new_class
    if not 0 <= new < data.classes:
        raise FfpgaError(f"new class must be 0 to {data.classes - 1}, not {new}")
    train, test = data.train_y == new, data.test_y == new
    if not all(part.any() for part in (train, ~train, test, ~test)):
        raise FfpgaError(f"{data.name} must have samples of class {new} and of others, to train and to test")
    return Drift(name, _chosen(data, ~train, ~test), _chosen(data, train, test))


def _chosen(data: Dataset, train: np.ndarray, test: np.ndarray) -> Dataset:
    """Some of the samples, bool[n] each."""
    held = {"train_x": data.train_x[train], "train_y": data.train_y[train]}
    return replace(data, **held, test_x=data.test_x[test], test_y=data.test_y[test])
