"""Data sets as u8 features and integer labels, and what every one must satisfy."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from ..errors import FfpgaError
from ..fields import Shape
from .images import side
from .preparation import Preparation, class_names


@dataclass(frozen=True)
class Dataset:
    """Features u8[n, features] and labels int64[n] to train on and to test on, and how the u8 came about.

    `shape` says how a sample's features lie, where that is known; one of other features than there are says nothing.
    `prepared` is what made u8 of a file's numbers, with the names of the classes, and goes into the checkpoint; `notes`
    say what was found and done on reading, a line each.
    """

    name: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    classes: int
    scaling: str
    shape: Shape | None = None
    prepared: Preparation | None = None
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classes are called: their numbers where nobody named them."""
        return class_names(self.prepared, self.classes)

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


def shape_of(samples: np.ndarray) -> Shape | None:
    """How features lie in an array [n, features] or [n, height, width]; flat ones of a square number are images."""
    if samples.ndim == 3:
        return Shape(samples.shape[1:])
    return square(samples.shape[1]) if samples.ndim == 2 else None


def square(features: int) -> Shape | None:
    """The shape of a square image of so many features, at least 4 x 4; None where there is none."""
    edge = math.isqrt(features)
    return Shape((edge, edge)) if edge * edge == features and edge >= 4 else None
