"""Images moved, halved and mixed."""

import numpy as np
import pytest

from ffpga import FfpgaError
from ffpga.data.images import halved, hybrid, moved, side


def test_moved_brings_in_zeros():
    x = np.arange(1, 17, dtype=np.uint8)
    assert moved(x, 0, 0).tolist() == x.tolist()
    assert moved(x, 1, 0).reshape(4, 4).tolist() == [[0, 0, 0, 0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
    assert moved(x, 0, -1).reshape(4, 4)[0].tolist() == [2, 3, 4, 0]
    assert not moved(x, -4, 0).any()


def test_moved_in_a_rectangle():
    x = np.arange(1, 9, dtype=np.uint8)
    assert moved(x, 1, -1, (2, 4)).tolist() == [0, 0, 0, 0, 2, 3, 4, 0]
    assert moved(x, 0, 1, (4, 2)).tolist() == [0, 1, 0, 3, 0, 5, 0, 7]
    with pytest.raises(FfpgaError, match="must be those of a square image, not 8"):
        moved(x, 1, 0)


def test_halved_is_the_rounded_mean():
    x = np.array([[0, 1, 255, 255, 1, 0, 255, 255, 8, 8, 0, 0, 8, 9, 0, 1]], np.uint8)
    assert halved(x).tolist() == [[1, 255, 8, 0]]


def test_a_hybrid_has_large_patches_of_both():
    random = np.random.RandomState(0)
    shares = []
    for _ in range(20):
        mask = hybrid(np.full(784, 1), np.full(784, 0), random).reshape(28, 28)
        shares.append(mask.mean())
        changes = (np.diff(mask, axis=0) != 0).mean()
        assert 0 < changes < 0.25, "single pixels would change in half of the places"
    assert 0.3 < np.mean(shares) < 0.7


def test_only_squares_are_images():
    with pytest.raises(FfpgaError, match="features must be those of a square image, not 37"):
        side(37)
    with pytest.raises(FfpgaError, match="an even number of pixels along an edge to be halved, not 3"):
        halved(np.zeros((1, 9), np.uint8))
