"""The layers compiled by Numba, where it is installed: the same integers as `layers.Layers`, several times as fast.

`layers.py` and `arithmetic.py` are the specification; the tests hold this to them, bit for bit.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
import numpy as np

from . import arithmetic as a
from .dither import MASK, PERIOD, ROTATE, Generator, field_bits
from .layers import Inputs, Layers

_LABEL, _ERROR, _GUARD, _MOST = a.LABEL_VALUE, a.ROUND_ERROR, a.NORM_GUARD, a.ACTIVITY_MAX
_NO_ROWS, _NO_VALUES = np.empty(0, np.int64), np.empty(0, np.int32)


class _Cache:
    """Numba's cache of a function, which may be full or damaged: the function is then compiled again."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return self._kept.load_overload(*arguments)
        except Exception:  # what a damaged pickle raises may be anything
            with suppress(OSError):
                self._kept.flush()
            return None

    def save_overload(self, *arguments: Any) -> None:
        with suppress(OSError):
            self._kept.save_overload(*arguments)


def _njit(*, cache: bool) -> Callable[[Callable[..., Any]], Any]:
    """`numba.njit`, without a cache where no folder of Numba's can be written: see $NUMBA_CACHE_DIR.

    Compiling takes some seconds then, each time. A folder under /tmp would not do: what is in the cache is executed.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            compiled: Any = numba.njit(cache=cache)(function)
        except RuntimeError:
            return numba.njit(function)
        if cache:
            compiled._cache = _Cache(compiled._cache)
        return compiled

    return decorate


@_njit(cache=True)
def _states(state: int, count: int) -> np.ndarray:
    out = np.empty(count, np.uint32)
    s = np.uint64(state)
    for n in range(count):
        s ^= s << np.uint64(13) & np.uint64(MASK)
        s ^= s >> np.uint64(17)
        s ^= s << np.uint64(5) & np.uint64(MASK)
        out[n] = s
    return out


@_njit(cache=True)
def _preactivation(rows: np.ndarray, values: np.ndarray, bias: int, w: np.ndarray) -> np.ndarray:
    z = np.empty(w.shape[1], np.int32)
    for j in range(len(z)):
        z[j] = _LABEL * np.int32(w[bias, j])
    for i in range(len(rows)):
        row, x = w[rows[i]], values[i]
        for j in range(len(z)):
            z[j] += x * np.int32(row[j])
    return z


@_njit(cache=True)
def _activity(z: np.ndarray, shift: int) -> tuple[np.ndarray, int]:
    y, total = np.empty(len(z), np.int32), np.int64(0)
    half = 1 << (shift - 1)
    for j in range(len(z)):
        y[j] = min((max(np.int64(z[j]), 0) + half) >> shift, _MOST)
        total += y[j] * y[j]
    return y, total


@_njit(cache=True)
def _score(z: np.ndarray, w: np.ndarray, first: int, labels: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    y, totals = np.empty((len(labels), len(z)), np.int32), np.zeros(len(labels), np.int64)
    half = 1 << (shift - 1)
    for n in range(len(labels)):
        row, mine, total = w[first + labels[n]], y[n], np.int64(0)
        for j in range(len(z)):
            mine[j] = min((max(z[j] + _LABEL * np.int64(row[j]), 0) + half) >> shift, _MOST)
            total += mine[j] * mine[j]
        totals[n] = total
    return y, totals


@_njit(cache=True)
def _update(
    rows: np.ndarray,
    values: np.ndarray,
    extra: np.ndarray,
    g: np.ndarray,
    w: np.ndarray,
    states: np.ndarray,
    u: int,
    field: int,
    limit: int,
) -> None:
    width, shift = len(g), np.int32(u)
    noise = np.empty(width, np.int32)
    mask = np.uint32((1 << u) - 1)
    if not len(states):
        noise[:] = 1 << (u - 1)
    for i in range(len(rows) + len(extra)):
        if i < len(rows):
            row, x = w[rows[i]], values[i]
        else:
            row, x = w[extra[i - len(rows)]], np.int32(_LABEL)
        if len(states):
            doubled = np.uint64(states[i]) << np.uint64(32) | np.uint64(states[i])
            for k in range(min(PERIOD, width)):
                noise[k] = np.uint32(doubled >> np.uint64(32 - ROTATE * k + field - u)) & mask
            for j in range(PERIOD, width):
                noise[j] = noise[j - PERIOD]
        for j in range(width):
            new = np.int32(row[j]) + ((x * g[j] + noise[j]) >> shift)
            row[j] = np.int16(min(limit, max(-limit, new)))


@_njit(cache=True)
def _local_error(c: int, d: np.ndarray) -> np.ndarray:
    g = np.empty(len(d), np.int32)
    for j in range(len(d)):
        g[j] = (c * d[j] + (1 << (_ERROR - 1))) >> _ERROR
    return g


@_njit(cache=True)
def _normalised(y: np.ndarray, m: int, shift: int) -> np.ndarray:
    x = np.empty(len(y), np.uint8)
    for j in range(len(y)):
        x[j] = min((np.int64(y[j]) * (m << _GUARD) + (1 << shift >> 1)) >> shift, 255)
    return x


class CompiledGenerator(Generator):
    """The random generator, its states made as they are asked for."""

    def states(self, count: int) -> np.ndarray:
        """The next `count` states, u32[count]; the generator moves past them."""
        states = _states(self.state, count)
        if count:
            self.state = int(states[-1])
        return states


class CompiledLayers(Layers):
    """`Layers` in integers."""

    input_type = np.int32
    generator = CompiledGenerator

    @property
    def weight_type(self) -> type:
        """Type that the weights are kept in."""
        return np.int16

    def preactivation(self, layer: int, inputs: Inputs) -> np.ndarray:
        """z [width] of a layer from its inputs and the bias."""
        return _preactivation(inputs.rows, inputs.values, self.config.bias_row(layer), self._w[layer])

    def activity(self, layer: int, z: np.ndarray) -> tuple[np.ndarray, int]:
        """y [width] and the sum of squares of a layer without labels."""
        return _activity(z, self.config.activity_shift[layer])

    def score(self, z: np.ndarray, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """y [labels, width] and sums of squares [labels] of the labels' layer under each; z is without a label."""
        config, layer = self.config, self.config.label_layer
        return _score(z, self._w[layer], config.first_label, np.array(labels), config.activity_shift[layer])

    def update(self, layer: int, inputs: Inputs | None, extra: list[int], g: np.ndarray, u: int, plain: bool) -> None:
        """Change the weights of the inputs' rows, and of `extra` rows of value 255, by local errors [width]."""
        rows, values = (_NO_ROWS, _NO_VALUES) if inputs is None else (inputs.rows, inputs.values)
        states = self.random.states(0 if plain else len(rows) + len(extra))
        limit = self.config.weight_max
        _update(rows, values, np.array(extra), g, self._w[layer], states, u, field_bits(u), limit)

    def local_error(self, c: int, d: np.ndarray) -> np.ndarray:
        """g [width] of a difference of activities."""
        return _local_error(c, d)

    def normalised(self, y: np.ndarray, total: int) -> np.ndarray:
        """x' u8[width] of activities with this sum of squares."""
        if not total:
            return np.zeros(len(y), np.uint8)
        index, q = a.leading(total)
        width = len(y)
        return _normalised(y, int(a.norm_table(width)[index]), q + a.norm_offset(width))
