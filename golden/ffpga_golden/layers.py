"""The layers of a network: their weights, and what a step does with them, over whole vectors."""

from dataclasses import dataclass

import numpy as np

from . import arithmetic as a
from .config import NetworkConfig
from .dither import Generator


@dataclass(frozen=True)
class Inputs:
    """A layer's non-zero inputs: rows int[n], values [n]. Bias and label rows are added by the walk."""

    rows: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)


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
    def inputs(self, x: np.ndarray) -> Inputs:
        """Inputs from a whole vector, u8[inputs]."""
        (rows,) = x.nonzero()
        return Inputs(rows, x[rows].astype(self.input_type))

    def _walked(self, inputs: Inputs, extra: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows and values of a walk: the inputs, then rows of value 255 (bias, labels)."""
        rows = np.concatenate((inputs.rows, extra)).astype(np.int64)
        return rows, np.concatenate((inputs.values, np.full(len(extra), a.LABEL_VALUE, self.input_type)))

    def preactivation(self, layer: int, inputs: Inputs) -> np.ndarray:
        """z [width] of a layer from its inputs and the bias."""
        rows, values = self._walked(inputs, [self.config.bias_row(layer)])
        exact = a.exact_dtype(self.config, values)
        return a.preactivation(values.astype(exact), self._w[layer][rows].astype(exact, copy=False))

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

    def update(self, layer: int, inputs: Inputs | None, extra: list[int], g: np.ndarray, u: int, plain: bool) -> None:
        """Change the weights of the inputs' rows, and of `extra` rows of value 255, by local errors [width]."""
        rows, values = self._walked(inputs or self.inputs(np.empty(0)), extra)
        dither = 1 << u - 1 if plain else self.random.dither(len(rows), len(g), u)
        w = self._w[layer]
        w[rows] = self.saturated(layer, w[rows] + a.change(values, g, dither, u))

    def saturated(self, layer: int, w: np.ndarray) -> np.ndarray:
        """Changed weights of a layer, held within +-weight_max, in place."""
        return a.saturate(w, self.config.weight_max)

    def local_error(self, c: int, d: np.ndarray) -> np.ndarray:
        """g [width] of a difference of activities."""
        return a.local_error(c, d)

    def normalised(self, y: np.ndarray, total: int) -> np.ndarray:
        """x' u8[width] of activities with this sum of squares."""
        return a.normalise(y, total).astype(np.uint8)
