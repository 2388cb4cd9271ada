"""Samples in few bits: a bit for eight features, a bit a feature, and a level for each that is not 0."""

import numpy as np

from .config import NetworkConfig

#: Bits of a level.
BITS = (8, 4, 2, 1)
#: Features that one bit says of whether any of them is not 0.
EIGHT = 8


def scale(bits: int) -> int:
    """By what a level of so many bits is multiplied to become the value of an input."""
    return 255 // (2**bits - 1)


def quantised(x: np.ndarray, bits: int) -> np.ndarray:
    """Inputs u8 as the nearest values that a level of so many bits has, u8: none is in the middle between two.

    With 8 bits they stay as they are.
    """
    if bits == 8:
        return x
    values = np.rint(np.arange(256) / scale(bits)).astype(np.uint8) * np.uint8(scale(bits))
    return values[x]


def least_bits(x: np.ndarray) -> int:
    """Fewest bits whose levels all inputs u8 are."""
    for bits in BITS[::-1]:
        if not (x % scale(bits)).any():
            return bits
    raise AssertionError("a level of 8 bits is any value")


def packed_size(x: np.ndarray, bits: int) -> int:
    """Bytes of `pack_bits`, without making them."""
    starts = np.arange(0, len(x), EIGHT)
    stored = x != 0
    several = np.logical_or.reduceat(stored, starts)
    features = np.minimum(EIGHT, len(x) - starts)[several].sum()
    levels = bits * np.count_nonzero(stored) if bits > 1 else 0
    return -(-int(len(starts) + features + levels) // 8)


def pack_bits(x: np.ndarray, bits: int) -> bytes:
    """A sample, u8[features], all of whose values are levels of so many bits, as a stream of bits.

    Of every eight features a bit says whether any of them is not 0; if so a bit of each of them follows, and behind a
    1, unless `bits` is 1, the level of that feature, value / `scale`, its lowest bit first. The last eight are as many
    as there are. A byte's lowest bit comes first, and the last byte's highest ones are 0.

    Example: 0 0 255 and five zeros are 1, 001 1111, 00000 with 4 bits: ``f9 00``.
    """
    starts = np.arange(0, len(x), EIGHT)
    stored = x != 0
    counts = np.add.reduceat(stored, starts, dtype=np.int64)  # of each eight
    some = counts > 0
    level = bits if bits > 1 else 0
    sizes = 1 + some * np.minimum(EIGHT, len(x) - starts) + level * counts
    at = np.cumsum(sizes) - sizes
    stream = np.zeros(int(sizes.sum()), np.uint8)
    stream[at] = some
    (index,) = stored.nonzero()
    eight = index >> 3
    before = np.arange(len(index)) - (np.cumsum(counts) - counts)[eight]  # others of its eight that are not 0
    flags = at[eight] + 1 + (index & 7) + level * before
    stream[flags] = 1
    levels = x[index] // scale(bits)
    for place in range(level):
        stream[flags + 1 + place] = levels >> place & 1
    return np.packbits(stream, bitorder="little").tobytes()


def unpack_bits(config: NetworkConfig, bits: int, data: bytes) -> np.ndarray | None:
    """The sample u8[features] that a stream of `pack_bits` holds, or None where it is none.

    None: it ends before the last feature, or there is a 1 behind that. A level of 0 is an input of 0.
    """
    stream = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little").tolist()
    level, factor = bits if bits > 1 else 0, scale(bits)
    x = np.zeros(config.features, np.uint8)
    at = 0
    for first in range(0, config.features, EIGHT):
        if at >= len(stream):
            return None
        at += 1
        if not stream[at - 1]:
            continue
        for feature in range(first, min(first + EIGHT, config.features)):
            if at >= len(stream):
                return None
            at += 1
            if not stream[at - 1]:
                continue
            if at + level > len(stream):
                return None
            read = sum(bit << place for place, bit in enumerate(stream[at : at + level])) if level else 1
            x[feature] = read * factor
            at += level
    return None if any(stream[at:]) else x
