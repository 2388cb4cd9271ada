"""Images moved, distorted, halved and mixed."""

import hashlib
import math

import numpy as np
import pytest

from ffpga import FfpgaError, load_dataset
from ffpga.data.images import distorted, halved, hybrid, moved, side


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


def drawn(seed: int, count: int) -> list[int]:
    """The random numbers of an image's seed."""
    out = []
    for number in range(1, count + 1):
        h = (seed * 0x85EBCA6B + number * 0x9E3779B9) % 2**32
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            h = (h ^ h >> shift) * factor % 2**32
        out.append(h ^ h >> 16)
    return out


def distorted_slowly(x: np.ndarray, seed: int, strength: float) -> np.ndarray:
    """One image f8[height, width], pixel by pixel, in real numbers."""
    height, width = x.shape
    numbers = drawn(seed, 38)
    tall, wide, slant, turn, down, right = (
        strength * most * ((number >> 16) / 2**15 - 1)
        for number, most in zip(numbers, (0.1, 0.1, 0.1, 0.122, height / 28, width / 28), strict=False)
    )
    bends = np.array([sum(number.to_bytes(4, "little")) - 510 for number in numbers[6:]]).reshape(2, 4, 4) / 148

    def along(edge: int, pixel: int) -> np.ndarray:
        """What each of four points has in a pixel: a smooth step from one to the next."""
        at = 3 * pixel / (edge - 1)
        point = min(int(at), 2)
        part = at - point
        out = np.zeros(4)
        out[point + 1] = part * part * (3 - 2 * part)
        out[point] = 1 - out[point + 1]
        return out

    framed = np.pad(x, ((1, 2), (1, 2)))
    out = np.zeros(x.shape)
    for i, j in np.ndindex(x.shape):
        bend = [along(height, i) @ one @ along(width, j) * strength for one in bends]
        y, z = i - (height - 1) / 2, j - (width - 1) / 2
        row = i + tall * y + turn * z + down + bend[0] * height / 28
        column = j + wide * z + (slant - turn) * y + right + bend[1] * width / 28
        row, column = min(max(row, -1), height), min(max(column, -1), width)
        r, c = math.floor(row), math.floor(column)
        corner = framed[r + 1 : r + 3, c + 1 : c + 3]
        out[i, j] = [1 - row + r, row - r] @ corner @ [1 - column + c, column - c]
    return out


@pytest.mark.parametrize(("size", "strength"), [((28, 28), 1), ((12, 20), 1.5), ((8, 8), 4)])
def test_distorted_is_what_real_numbers_say(size, strength):
    rows, columns = np.mgrid[: size[0], : size[1]]
    x = np.rint(127 + 64 * np.sin(rows / 3) + 63 * np.cos(columns / 4)).astype(np.uint8)
    found = distorted(x.reshape(1, -1), np.array([77], np.uint32), strength, size)
    wanted = distorted_slowly(x.astype(float), 77, strength)
    assert np.abs(found.reshape(size) - wanted).max() < 6, "places are right to 1/32 of a pixel: 255 to 0 at the edge"
    assert np.abs(x - wanted).max() > 30


def test_distorted_images_are_the_same_everywhere():
    found = distorted(load_dataset("digits").train_x[:100], np.arange(100))
    assert hashlib.sha256(found.tobytes()).hexdigest()[:32] == "b77b5c27a618fadf5912c54996eff6b4"


def test_an_image_is_distorted_by_its_seed_alone():
    random = np.random.RandomState(3)
    x, seeds = random.randint(0, 256, (700, 64)).astype(np.uint8), random.randint(0, 2**32, 700, np.uint32)
    found = distorted(x, seeds)
    for n in (0, 5, 511, 512, 699):
        assert distorted(x[n : n + 1], seeds[n : n + 1])[0].tolist() == found[n].tolist()
    assert np.array_equal(distorted(x, seeds, 0), x)
    assert (distorted(x[:1].repeat(9, axis=0), np.arange(9)) != found[0]).any(axis=1).all()
    with pytest.raises(FfpgaError, match="must be those of a square image, not 8"):
        distorted(x[:, :8], seeds)


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
