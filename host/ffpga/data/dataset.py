"""Data sets as u8 features and integer labels, and what every one must satisfy."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from ffpga_golden.config import MAX_CLASSES, MAX_FEATURES

from ..errors import FfpgaError
from ..fields import Shape
from ..files import as_text
from .images import side

#: The split of a data set that has none of its own is drawn from this seed, the same in every run.
SPLIT_SEED = 0


@dataclass(frozen=True)
class Dataset:
    """Features u8[n, features] and labels int64[n] to train on and to test on, and how the u8 came about.

    `shape` says how a sample's features lie, where that is known; one of other features than there are says nothing.
    """

    name: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    classes: int
    scaling: str
    shape: Shape | None = None

    @property
    def features(self) -> int:
        """Features of a sample."""
        return self.train_x.shape[1]

    @property
    def image(self) -> tuple[int, int]:
        """(height, width) of a sample that is an image; a square one where nothing says its shape.

        Raises
        ------
        FfpgaError
            It is none.
        """
        if self.shape is None or self.shape.features != self.features:
            return (side(self.features),) * 2
        if self.shape.image is None:
            raise FfpgaError(f"samples of {self.name} must be images, not {self.shape}: leave out what needs images")
        return self.shape.image

    def __str__(self) -> str:
        return (
            f"{self.name}: {len(self.train_x):,} samples to train, {len(self.test_x):,} to test, "
            f"{self.features} features, {self.classes} classes; {self.scaling}"
        )


def data_sha256(data: Dataset) -> str:
    """SHA-256 over the features, u8, and the labels, as bytes, of the samples to train and then of those to test."""
    found = hashlib.sha256()
    for part in (data.train_x, data.train_y, data.test_x, data.test_y):
        found.update(np.ascontiguousarray(part.astype(np.uint8)).tobytes())
    return found.hexdigest()


def scale(name: str, *parts: np.ndarray) -> tuple[list[np.ndarray], str]:
    """Features as u8: u8 stays; other numbers go from the smallest and largest of the data set to 0 and 255."""
    for part in parts:
        if part.ndim < 2:
            raise FfpgaError(f"{name}: features must be an array [samples, features], not {list(part.shape)}")
        if part.dtype.kind not in "buif":
            raise FfpgaError(f"{name}: features must be numbers, not {part.dtype}: convert them")
        if not part.size:
            raise FfpgaError(f"{name}: there must be samples with features, not {list(part.shape)}")
    flat = [part.reshape(len(part), -1) for part in parts]
    widths = {part.shape[1] for part in flat}
    if len(widths) > 1:
        raise FfpgaError(f"{name}: training and test samples must have the same features, not {sorted(widths)}")
    width = widths.pop()
    if not 1 <= width <= MAX_FEATURES:
        raise FfpgaError(f"{name}: features must be 1 to {MAX_FEATURES}, not {width}: choose or pool some")
    for part in flat:
        for word, bad in (("finite", ~np.isfinite(part)), ("0 or more", part < 0)):
            if bad.any():
                row, column = np.argwhere(bad)[0]
                value = part[row, column]
                remedy = "remove or fill such samples" if word == "finite" else "shift the column to start at 0"
                raise FfpgaError(
                    f"{name}: features must be {word}, not {value} (sample {row + 1}, feature {column + 1}): {remedy}"
                )
    if all(part.dtype == np.uint8 for part in flat):
        return flat, "u8 features as they are"
    low = min(float(part.min()) for part in flat if part.size)
    high = max(float(part.max()) for part in flat if part.size)
    if high == low:
        raise FfpgaError(f"{name}: features must not all be equal, not {low:g} everywhere: there is nothing to learn")
    scaled = [np.rint((part.astype(np.float64) - low) * (255 / (high - low))).astype(np.uint8) for part in flat]
    return scaled, f"features {low:g} to {high:g} scaled to 0 to 255"


def check_labels(name: str, labels: np.ndarray, samples: int) -> np.ndarray:
    """Labels as int64[samples]."""
    if labels.shape != (samples,):
        raise FfpgaError(f"{name}: labels must be one a sample, [{samples}], not {list(labels.shape)}")
    if labels.dtype.kind not in "buif":
        raise FfpgaError(f"{name}: labels must be integers 0 to {MAX_CLASSES - 1}, not {labels.dtype}: number them")
    bad = ~((labels >= 0) & (labels < MAX_CLASSES) & (labels == np.floor(labels)))
    if bad.any():
        at = int(np.argmax(bad))
        raise FfpgaError(
            f"{name}: labels must be integers 0 to {MAX_CLASSES - 1}, not {labels[at]} (sample {at + 1}): "
            "number them from 0"
        )
    return labels.astype(np.int64)


def finish(
    name: str,
    scaling: str,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray] | None,
    shape: Shape | None = None,
) -> Dataset:
    """A data set of u8 features and raw labels; without a test part every fifth sample of a label is held out."""
    train = train[0], check_labels(name, train[1], len(train[0]))
    if test is None:
        held = held_out(train[1])
        test = train[0][held], train[1][held]
        train = train[0][~held], train[1][~held]
    else:
        test = test[0], check_labels(name, test[1], len(test[0]))
    if not len(train[0]) or not len(test[0]):
        raise FfpgaError(f"{name}: there must be samples to train and to test, not {len(train[0])} and {len(test[0])}")
    classes = int(max(train[1].max(), test[1].max())) + 1
    if classes < 2:
        raise FfpgaError(f"{name}: labels must be of 2 to {MAX_CLASSES} classes, not all 0")
    return Dataset(as_text(name), *train, *test, classes, scaling, shape)


def shape_of(samples: np.ndarray) -> Shape | None:
    """How features lie in an array [n, features] or [n, height, width]; flat ones of a square number are images."""
    if samples.ndim == 3:
        return Shape(samples.shape[1:])
    return square(samples.shape[1]) if samples.ndim == 2 else None


def square(features: int) -> Shape | None:
    """The shape of a square image of so many features, at least 4 x 4; None where there is none."""
    edge = math.isqrt(features)
    return Shape((edge, edge)) if edge * edge == features and edge >= 4 else None


def held_out(labels: np.ndarray) -> np.ndarray:
    """bool[n]: a fifth of each label's samples, drawn from SPLIT_SEED."""
    random = np.random.RandomState(SPLIT_SEED)
    held = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        places = random.permutation(np.flatnonzero(labels == label))
        held[places[: max(1, len(places) // 5) if len(places) > 1 else 0]] = True
    return held
