"""Samples as images: moved, distorted, made smaller, mixed."""

import math

import numpy as np

from ..errors import FfpgaError

#: Most that `distorted` draws at strength 1, in 1/4096 of a pixel's distance from the middle: 0.1, 0.1, 7 degrees.
_STRETCH, _SLANT, _TURN = 410, 410, 500
#: The same in 1/256 of a 28th of an edge; and 256 times what makes a standard deviation of 148 one of 256.
_MOVE, _BEND = 256, 443
#: Points along an edge that are moved to bend an image.
_POINTS = 4
#: Images that are distorted at a time.
_CHUNK = 512


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


def distorted(
    x: np.ndarray, seeds: np.ndarray, strength: float = 1.0, size: tuple[int, int] | None = None
) -> np.ndarray:
    """Images turned, stretched, slanted, moved and bent at random, as by a hand that writes; of integers throughout.

    Parameters
    ----------
    x : array
        u8[n, features].
    seeds : array
        u32[n]: each fixes what is drawn for its image.
    strength : float
        At 1 an image is turned by up to 7 degrees, stretched along each axis and slanted by up to a tenth, moved by up
        to a 28th of its edge, and bent between 4 x 4 points that move by a 28th of it, as a standard deviation.
    size : (height, width), optional
        Of an image; default square.

    Returns
    -------
    array
        u8[n, features], between pixels linear ones; zeros come in.
    """
    size = size or (side(x.shape[-1]),) * 2
    out = np.empty_like(x)
    for at in range(0, len(x), _CHUNK):
        out[at : at + _CHUNK] = _distorted(x[at : at + _CHUNK], seeds[at : at + _CHUNK], strength, *size)
    return out


def _distorted(x: np.ndarray, seeds: np.ndarray, strength: float, height: int, width: int) -> np.ndarray:
    drawn = _hashes(np.asarray(seeds), 6 + 2 * _POINTS**2)
    most = [_STRETCH, _STRETCH, _SLANT, _TURN, _MOVE * height / 28, _MOVE * width / 28]
    limits = np.rint(strength * np.array(most)).astype(np.int64)
    even = ((drawn[:, :6] >> 16).astype(np.int64) - (1 << 15)) * limits >> 15
    tall, wide, slant, turn, down, right = even.astype(np.int32).T[..., None, None]
    bytes_of = drawn[:, 6:, None] >> np.array([0, 8, 16, 24], np.uint32) & 255
    normal = (bytes_of.sum(axis=-1, dtype=np.int64) - 510).reshape(-1, 2, _POINTS, _POINTS)
    # Where each pixel comes from, in 1/256 of one.
    places = []
    for bends, edge in zip((normal[:, 0], normal[:, 1]), (height, width), strict=True):
        moves = bends * round(strength * _BEND * edge / 28) >> 8
        # Floats that are integers, which hold them: BLAS is faster.
        bent = _between(height) @ moves.astype(np.float64) @ _between(width).T
        places.append((bent.astype(np.int64) >> 16).astype(np.int32))
    rows = (2 * np.arange(height, dtype=np.int32) - (height - 1))[:, None]
    columns = 2 * np.arange(width, dtype=np.int32) - (width - 1)
    places[0] += ((4096 + tall) * rows + turn * columns >> 5) + (height - 1) * 128 + down
    places[1] += ((4096 + wide) * columns + (slant - turn) * rows >> 5) + (width - 1) * 128 + right
    # The four pixels around that place, beyond an edge zeros.
    framed = np.zeros((len(x), height + 3, width + 3), np.int32)
    framed[:, 1:-2, 1:-2] = x.reshape(-1, height, width)
    (row, under), (column, beside) = (
        np.divmod(np.clip(place, -256, 256 * edge), 256) for place, edge in zip(places, (height, width), strict=True)
    )
    first = np.arange(len(x), dtype=np.int64)[:, None, None] * framed[0].size + (row + 1) * (width + 3) + column + 1
    flat = framed.ravel()
    above = (256 - beside) * flat[first] + beside * flat[first + 1]
    first += width + 3
    below = (256 - beside) * flat[first] + beside * flat[first + 1]
    return ((256 - under) * above + under * below + (1 << 15) >> 16).astype(np.uint8).reshape(x.shape)


def _hashes(seeds: np.ndarray, count: int) -> np.ndarray:
    """Random numbers u32[n, count], of each seed u32[n] so many: MurmurHash3's finaliser of numbers that lie apart."""
    number = np.arange(1, count + 1, dtype=np.uint64) * 0x9E37_79B9
    first = (seeds[:, None].astype(np.uint64) * 0x85EB_CA6B + number & 0xFFFF_FFFF).astype(np.uint32)
    second = (first ^ first >> np.uint32(16)) * np.uint32(0x85EB_CA6B)
    third = (second ^ second >> np.uint32(13)) * np.uint32(0xC2B2_AE35)
    return third ^ third >> np.uint32(16)


def _between(edge: int) -> np.ndarray:
    """What each of the points along an edge has in each pixel, f8[edge, points] of integers that add up to 256."""
    last = max(1, edge - 1)
    at = np.arange(edge) * (_POINTS - 1)
    point = np.minimum(at // last, _POINTS - 2)
    part = (at - point * last) * 256 // last
    following = part * part * (768 - 2 * part) >> 16
    out = np.zeros((edge, _POINTS))
    out[np.arange(edge), point], out[np.arange(edge), point + 1] = 256 - following, following
    return out


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
