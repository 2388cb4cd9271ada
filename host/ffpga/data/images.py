"""Samples as square images: moved, made smaller, mixed."""

import math

import numpy as np

from ..errors import FfpgaError


def side(features: int) -> int:
    """Pixels along an edge of an image of `features` pixels.

    Raises
    ------
    FfpgaError
        There is no such square image.
    """
    edge = math.isqrt(features)
    if edge * edge != features:
        raise FfpgaError(f"features must be those of a square image, not {features}: leave out what needs images")
    return edge


def moved(x: np.ndarray, down: int, right: int, size: tuple[int, int] | None = None) -> np.ndarray:
    """Images u8[..., features] of a size (height, width), default square, moved by some pixels; zeros come in."""
    height, width = size or (side(x.shape[-1]),) * 2
    image = x.reshape(*x.shape[:-1], height, width)
    out = np.zeros_like(image)
    out[..., max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)] = image[
        ..., max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)
    ]
    return out.reshape(x.shape)


def halved(x: np.ndarray) -> np.ndarray:
    """Images u8[n, features] at half the size along each axis: means of 2 x 2 pixels, rounded."""
    edge = side(x.shape[1])
    if edge % 2:
        raise FfpgaError(f"images must have an even number of pixels along an edge to be halved, not {edge}")
    blocks = x.reshape(len(x), edge // 2, 2, edge // 2, 2)
    return ((blocks.sum(axis=(2, 4), dtype=np.int64) + 2) // 4).astype(np.uint8).reshape(len(x), -1)


def hybrid(one: np.ndarray, other: np.ndarray, random: np.random.RandomState, blurs: int = 6) -> np.ndarray:
    """Two images u8[features] mixed by a mask of large random patches (Hinton 2022, section 3.2).

    The mask is random bits, blurred `blurs` times with [1/4, 1/2, 1/4] along both axes, and 1 where it is above 1/2.
    """
    edge = side(len(one))
    mask = random.randint(0, 2, (edge, edge)).astype(np.float64)
    for _ in range(blurs):
        for axis in (0, 1):
            mask = (np.roll(mask, 1, axis) + 2 * mask + np.roll(mask, -1, axis)) / 4
    return np.where(mask.reshape(-1) > 0.5, one, other)
