"""The layers of a network: their weights, and what a step does with them, over whole vectors."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import arithmetic as a
from .config import NetworkConfig
from .dither import Generator
from .timing import tile_walk

#: Rows of value 255 and the local errors [width] that they take.
Parts = list[tuple[list[int], np.ndarray]]


@dataclass(frozen=True)
class Inputs:
    """A layer's non-zero inputs: numbers int[n], values [n]. Bias and label rows are added by the walk.

    Where the layer has receptive fields, `starts` says where each tile's inputs begin, int[tiles + 1].
    """

    numbers: np.ndarray
    values: np.ndarray
    starts: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def listed(self) -> int | np.ndarray:
        """What a walk's clocks depend on: how many inputs there are, or in which tiles they are."""
        return len(self) if self.starts is None else self.starts


class Layers:
    """The specification, in NumPy: it carries integers in floating point, where that is exact and fast.

    Parameters
    ----------
    config : NetworkConfig
        The weights are all zero at first.
    """

    #: Types of inputs, weights and activities.
    input_type: type = np.float32
    generator: type[Generator] = Generator
    #: What times a walk over tiles.
    tile_walk = staticmethod(tile_walk)

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config
        self.random = self.generator()
        self._w: list[np.ndarray] = [
            np.zeros((config.rows(n), width), self.weight_type) for n, width in enumerate(config.layers)
        ]

    @property
    def weight_type(self) -> type:
        """Type that the weights are kept in."""
        return np.float32 if self.config.weight_bits == 8 else np.float64

    # Weights -------------------------------------------------------------------------------------------------------
    @property
    def weights(self) -> list[np.ndarray]:
        """Copies of the weights, int16[rows, width] a layer."""
        return [w.astype(np.int16) for w in self._w]

    @weights.setter
    def weights(self, weights: list[np.ndarray]) -> None:
        for own, w in zip(self._w, weights, strict=True):
            if own.shape != np.shape(w):
                raise ValueError(f"weights must be {own.shape}, not {np.shape(w)}")
            own[:] = w

    def read(self, layer: int, rows: np.ndarray, neurons: np.ndarray) -> np.ndarray:
        """Some weights of a layer, int16[n]."""
        return self._w[layer][rows, neurons].astype(np.int16)

    def write(self, layer: int, rows: np.ndarray, neurons: np.ndarray, values: np.ndarray) -> None:
        """Write some weights of a layer; what is beyond +-weight_max is held there."""
        self._w[layer][rows, neurons] = np.clip(values, -self.config.weight_max, self.config.weight_max)

    # Steps ---------------------------------------------------------------------------------------------------------
    def inputs(self, layer: int, x: np.ndarray) -> Inputs:
        """A layer's inputs from a whole vector, u8[inputs]."""
        (numbers,) = x.nonzero()
        fields = self.config.fields_of(layer)
        starts = None
        if fields:
            starts = np.searchsorted(numbers, np.arange(0, len(x) + 1, fields.tile)).astype(np.int64)
        return Inputs(numbers, x[numbers].astype(self.input_type), starts)

    def _blocks(self, layer: int, inputs: Inputs) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Of each block of neurons: which they are, the rows that a walk of theirs visits, and the values."""
        fields = self.config.fields_of(layer)
        if fields is None or inputs.starts is None:
            yield slice(0, self.config.layers[layer]), inputs.numbers, inputs.values
            return
        width = self.config.layers[layer] // len(fields.blocks)
        for block, tiles in enumerate(fields.tiles):
            seen = [slice(inputs.starts[tile], inputs.starts[tile + 1]) for tile in tiles]
            rows = [inputs.numbers[s] + (n - t) * fields.tile for n, (s, t) in enumerate(zip(seen, tiles, strict=True))]
            neurons = slice(block * width, (block + 1) * width)
            yield neurons, np.concatenate(rows), np.concatenate([inputs.values[s] for s in seen])

    def _walked(self, rows: np.ndarray, values: np.ndarray, extra: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows and values of a walk: the inputs, then rows of value 255 (bias, labels)."""
        all_rows = np.concatenate((rows, extra)).astype(np.int64)
        return all_rows, np.concatenate((values, np.full(len(extra), a.LABEL_VALUE, self.input_type)))

    def preactivation(self, layer: int, inputs: Inputs) -> np.ndarray:
        """z [width] of a layer from its inputs and the bias."""
        parts = []
        for neurons, rows, values in self._blocks(layer, inputs):
            rows, values = self._walked(rows, values, [self.config.bias_row(layer)])
            exact = a.exact_dtype(self.config, values)
            parts.append(a.preactivation(values.astype(exact), self._w[layer][rows, neurons].astype(exact, copy=False)))
        return np.concatenate(parts)

    def activity(self, layer: int, z: np.ndarray) -> tuple[np.ndarray, int]:
        """y [width] and the sum of squares of a layer without labels."""
        y = a.activity(z, self.config.activity_shift[layer])
        return y, int(a.sum_of_squares(y))

    def score(self, z: np.ndarray, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """y [labels, width] and sums of squares [labels] of the labels' layer under each; z is without a label."""
        layer, first = self.config.label_layer, self.config.first_label
        w = self._w[layer][[first + label for label in labels]]
        y = a.activity(z + a.LABEL_VALUE * w, self.config.activity_shift[layer])
        return y, a.sum_of_squares(y)

    def update(self, layer: int, inputs: Inputs, parts: Parts, u: int, plain: bool) -> None:
        """Change the weights of the inputs' rows, and of further rows of value 255, block by block.

        Parameters
        ----------
        parts : Parts
            Further rows and their local errors, in the order of the walk; the inputs take the first part's.
        """
        w = self._w[layer]
        for neurons, rows, values in self._blocks(layer, inputs):
            for number, (extra, g) in enumerate(parts):
                seen = (rows, values) if number == 0 else (rows[:0], values[:0])
                walked, x = self._walked(*seen, extra)
                mine = g[neurons]
                dither = 1 << u - 1 if plain else self.random.dither(len(walked), len(mine), u, neurons.start)
                changed = w[walked, neurons] + a.change(x, mine, dither, u)
                w[walked, neurons] = self.saturated(layer, changed)

    def saturated(self, layer: int, w: np.ndarray) -> np.ndarray:
        """Changed weights of a layer, held within +-weight_max, in place."""
        return a.saturate(w, self.config.weight_max)

    def local_error(self, c: int, d: np.ndarray) -> np.ndarray:
        """g [width] of a difference of activities."""
        return a.local_error(c, d)

    def normalised(self, y: np.ndarray, total: int) -> np.ndarray:
        """x' u8[width] of activities with this sum of squares."""
        return a.normalise(y, total).astype(np.uint8)
