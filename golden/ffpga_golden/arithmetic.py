"""The integer arithmetic, one function a step, over whole vectors.

All values are integers. They are carried in floating point where that is exact (every sum stays below the mantissa),
because BLAS and SIMD are fast there; `exact_dtype` says which type is. Symbols: x input (u8), W weight, z
pre-activation, y activity (u12), G sum of squares, c probability (u8), d difference of activities (s13), g local
error (s16), u learning-rate shift, k temperature shift. Source: Hinton 2022, sections 2 and 3; Lee & Song 2023 for
the contrast of two phases.
"""

from functools import cache

import numpy as np

from .config import ACTIVITY_MAX, INPUT_MAX, NetworkConfig

LABEL_VALUE = 255  #: input of the label's row and of the bias row
ROUND_ERROR = 5  #: g is c d / 32
NORM_GUARD = 3  #: bits by which y m is raised so that the normaliser's shift is never negative
NORM_INDEX_BITS = 7  #: leading bits of G that index the normaliser's table; the top two are not both 0


def exact_dtype(config: NetworkConfig, x: np.ndarray) -> type:
    """float32 where every sum over inputs `x` and one label stays below 2^24, else float64."""
    if config.weight_bits == 8 and (int(x.sum()) + 2 * LABEL_VALUE) * config.weight_max < 1 << 24:
        return np.float32
    return np.float64


def preactivation(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """z_j = sum_i x_i W[i, j] over the rows given. x: [rows], w: [rows, width]."""
    return x @ w


def activity(z: np.ndarray, shift: int) -> np.ndarray:
    """y = min(4095, (max(z, 0) + 2^(s-1)) >> s)."""
    y = np.floor((z + (1 << shift - 1)) * 2.0**-shift)
    return np.minimum(np.maximum(y, 0, out=y), ACTIVITY_MAX, out=y)


def sum_of_squares(y: np.ndarray) -> np.ndarray:
    """G = sum_j y_j^2 over the last axis. y^2 < 2^24, so that float32 squares are exact."""
    return (y * y).sum(axis=-1, dtype=np.float64)


@cache
def probability_table() -> np.ndarray:
    """T[d + 128] = round(255 sigmoid(-d / 16)) for d = -128 to 127, u8."""
    d = np.arange(-128, 128)
    return np.floor(255 / (1 + np.exp(d / 16)) + 0.5).astype(np.uint8)


def probability(margin: int, k: int, gate: int) -> int:
    """c = T[clamp(margin >> k)], or 0 where it is below the update gate."""
    c = int(probability_table()[min(127, max(-128, margin >> k)) + 128])
    return 0 if c < gate else c


def local_error(c: int, d: np.ndarray) -> np.ndarray:
    """g = round(c d / 32), halves upwards. d: [width], s13."""
    return np.floor((c * d + (1 << ROUND_ERROR - 1)) * 2.0**-ROUND_ERROR)


def leading(total: int) -> tuple[int, int]:
    """(index, q): G = f 4^q with 1 <= f < 4, and the 7 leading bits of f."""
    q = (total.bit_length() - 1) // 2
    shift = 2 * q + 2 - NORM_INDEX_BITS
    return (total >> shift if shift >= 0 else total << -shift), q


@cache
def norm_table(width: int) -> np.ndarray:
    """m for each leading-bit pattern of G, u8[128]: round(128 h / sqrt f), with 32 sqrt(width) = h 2^a, 1 <= h < 2."""
    root = 32 * np.sqrt(width)
    h = root / 2.0 ** np.floor(np.log2(root))
    f = (np.arange(1 << NORM_INDEX_BITS) + 0.5) / (1 << NORM_INDEX_BITS - 2)
    return np.minimum(255, np.floor(128 * h / np.sqrt(f) + 0.5)).astype(np.uint8)


def norm_offset(width: int) -> int:
    """E - q of a layer: 7 - a plus the guard bits; 0 or more for every width."""
    return 7 - int(np.floor(np.log2(32 * np.sqrt(width)))) + NORM_GUARD


def normalise(y: np.ndarray, total: int) -> np.ndarray:
    """x' = min(255, round(y m 2^guard >> E)), of root mean square 32; all 0 where G is 0. y: [width]."""
    if not total:
        return np.zeros_like(y)
    width = len(y)
    index, q = leading(total)
    m, shift = int(norm_table(width)[index]), q + norm_offset(width)
    return np.minimum(np.floor((y * (m << NORM_GUARD) + (1 << shift >> 1)) * 2.0**-shift), INPUT_MAX)


def change(x: np.ndarray, g: np.ndarray, dither: np.ndarray | int, u: int) -> np.ndarray:
    """(x_i g_j + dither_ij) >> u, float32[rows, width]: below 2^24 before the shift, hence exact."""
    product = x[:, None].astype(np.float32) * g.astype(np.float32)
    product += dither
    product *= np.float32(2.0**-u)
    return np.floor(product, out=product)


def saturate(w: np.ndarray, limit: int) -> np.ndarray:
    """Weights held within +-limit, in place."""
    np.minimum(w, limit, out=w)
    return np.maximum(w, -limit, out=w)
