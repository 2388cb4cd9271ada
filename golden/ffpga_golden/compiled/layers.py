"""The layers compiled by Numba, where it is installed: the same integers as `layers.Layers`, several times as fast.

`../layers.py` and `../arithmetic.py` are the specification; the tests hold this to them, bit for bit.
"""

from typing import Any

import numpy as np

from .. import arithmetic as a
from ..config import NetworkConfig
from ..dither import MASK, PERIOD, ROTATE, Generator, field_bits
from ..layers import Inputs, Layers, Parts
from ..timing import tile_walk
from .caching import njit

_LABEL, _ERROR, _GUARD, _MOST = a.LABEL_VALUE, a.ROUND_ERROR, a.NORM_GUARD, a.ACTIVITY_MAX


@njit(cache=True)
def _after(s: Any) -> Any:
    s ^= s << np.uint64(13) & np.uint64(MASK)
    s ^= s >> np.uint64(17)
    s ^= s << np.uint64(5) & np.uint64(MASK)
    return s


@njit(cache=True)
def _states(state: int, count: int) -> np.ndarray:
    out = np.empty(count, np.uint32)
    s = np.uint64(state)
    for n in range(count):
        s = _after(s)
        out[n] = s
    return out


#: The form of `timing.tile_walk` that is compiled.
compiled_tile_walk = njit(cache=True)(tile_walk)


@njit(cache=True)
def _starts(numbers: np.ndarray, tile: int, tiles: int) -> np.ndarray:
    starts = np.zeros(tiles + 1, np.int64)
    for i in range(len(numbers)):
        starts[numbers[i] // tile + 1] += 1
    for n in range(tiles):
        starts[n + 1] += starts[n]
    return starts


@njit(cache=True)
def _preactivation(
    numbers: np.ndarray, values: np.ndarray, starts: np.ndarray, fields: np.ndarray, tile: int, bias: int, w: np.ndarray
) -> np.ndarray:
    z = np.empty(w.shape[1], np.int32)
    width = len(z) // len(fields)
    for block in range(len(fields)):
        mine, at = z[block * width : (block + 1) * width], block * width
        for j in range(width):
            mine[j] = _LABEL * np.int32(w[bias, at + j])
        for n in range(fields.shape[1]):
            seen = fields[block, n]
            for i in range(starts[seen], starts[seen + 1]):
                row, x = w[numbers[i] + (n - seen) * tile, at : at + width], values[i]
                for j in range(width):
                    mine[j] += x * np.int32(row[j])
    return z


@njit(cache=True)
def _activity(z: np.ndarray, shift: int) -> tuple[np.ndarray, int]:
    y, total = np.empty(len(z), np.int32), np.int64(0)
    half = 1 << (shift - 1)
    for j in range(len(z)):
        y[j] = min((max(np.int64(z[j]), 0) + half) >> shift, _MOST)
        total += y[j] * y[j]
    return y, total


@njit(cache=True)
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


@njit(cache=True)
def _change(
    row: np.ndarray, x: int, g: np.ndarray, state: int, first: int, u: int, field: int, limit: int, plain: bool
) -> None:
    """Change a row of a block whose first neuron is `first`."""
    shift, mask = np.int32(u), np.uint32((1 << u) - 1)
    noise = np.empty(PERIOD, np.int32)
    if plain:
        noise[:] = 1 << (u - 1)
    else:
        doubled = np.uint64(state) << np.uint64(32) | np.uint64(state)
        for k in range(PERIOD):
            turn = ROTATE * (first + k) % 32
            noise[k] = np.uint32(doubled >> np.uint64(32 - turn + field - u)) & mask
    for j in range(len(row)):
        new = np.int32(row[j]) + ((x * g[j] + noise[j % PERIOD]) >> shift)
        row[j] = np.int16(min(limit, max(-limit, new)))


@njit(cache=True)
def _update(
    numbers: np.ndarray,
    values: np.ndarray,
    starts: np.ndarray,
    fields: np.ndarray,
    tile: int,
    extra: np.ndarray,
    part: np.ndarray,
    g: np.ndarray,
    w: np.ndarray,
    state: int,
    u: int,
    field: int,
    limit: int,
    plain: bool,
) -> int:
    width = w.shape[1] // len(fields)
    s = np.uint64(state)
    for block in range(len(fields)):
        at = block * width
        for n in range(fields.shape[1]):
            seen = fields[block, n]
            for i in range(starts[seen], starts[seen + 1]):
                if not plain:
                    s = _after(s)
                row = w[numbers[i] + (n - seen) * tile, at : at + width]
                _change(row, values[i], g[0, at : at + width], s, at, u, field, limit, plain)
        for i in range(len(extra)):
            if not plain:
                s = _after(s)
            row = w[extra[i], at : at + width]
            _change(row, np.int32(_LABEL), g[part[i], at : at + width], s, at, u, field, limit, plain)
    return s


@njit(cache=True)
def _local_error(c: int, d: np.ndarray) -> np.ndarray:
    g = np.empty(len(d), np.int32)
    for j in range(len(d)):
        g[j] = (c * d[j] + (1 << (_ERROR - 1))) >> _ERROR
    return g


@njit(cache=True)
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
    tile_walk = staticmethod(compiled_tile_walk)

    @property
    def weight_type(self) -> type:
        """Type that the weights are kept in."""
        return np.int16

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        every = np.zeros((1, 1), np.int64)  # one block that sees one tile, which is all inputs
        self._fields = [
            (fields.tile, fields.tiles) if (fields := config.fields_of(layer)) else (config.inputs(layer), every)
            for layer in range(config.depth)
        ]

    def keep_in(self, flat: np.ndarray) -> None:
        """Keep the weights in an array from now on, int16[weights], layer after layer."""
        ends = np.cumsum([w.size for w in self._w])
        for layer, (w, end) in enumerate(zip(self._w, ends.tolist(), strict=True)):
            self._w[layer] = flat[end - w.size : end].reshape(w.shape)

    def inputs(self, layer: int, x: np.ndarray) -> Inputs:
        """A layer's inputs from a whole vector, u8[inputs]."""
        (numbers,) = x.nonzero()
        fields = self.config.fields_of(layer)
        starts = _starts(numbers, fields.tile, len(x) // fields.tile) if fields else None
        return Inputs(numbers, x[numbers].astype(self.input_type), starts)

    def _walk(self, layer: int, inputs: Inputs) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
        """Inputs, where those of each tile begin, the tiles of each block, inputs of a tile."""
        starts = np.array((0, len(inputs))) if inputs.starts is None else inputs.starts
        tile, fields = self._fields[layer]
        return inputs.numbers, inputs.values, starts, fields, tile

    def preactivation(self, layer: int, inputs: Inputs) -> np.ndarray:
        """z [width] of a layer from its inputs and the bias."""
        return _preactivation(*self._walk(layer, inputs), self.config.bias_row(layer), self._w[layer])

    def activity(self, layer: int, z: np.ndarray) -> tuple[np.ndarray, int]:
        """y [width] and the sum of squares of a layer without labels."""
        return _activity(z, self.config.activity_shift[layer])

    def score(self, z: np.ndarray, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """y [labels, width] and sums of squares [labels] of the labels' layer under each; z is without a label."""
        config, layer = self.config, self.config.label_layer
        return _score(z, self._w[layer], config.first_label, np.array(labels), config.activity_shift[layer])

    def update(self, layer: int, inputs: Inputs, parts: Parts, u: int, plain: bool) -> None:
        """Change the weights of the inputs' rows, and of further rows of value 255, block by block."""
        extra = np.array([row for rows, _ in parts for row in rows])
        part = np.array([n for n, (rows, _) in enumerate(parts) for _ in rows])
        g = parts[0][1][None] if len(parts) == 1 else np.stack([errors for _, errors in parts])
        state, limit = self.random.state, self.config.weight_max
        state = _update(
            *self._walk(layer, inputs), extra, part, g, self._w[layer], state, u, field_bits(u), limit, plain
        )  # fmt: skip
        if not plain:
            self.random.state = int(state)

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
