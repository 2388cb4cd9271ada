"""Receptive fields: windows over images and sequences, and the order of features that a device with fields takes.

A device knows nothing of images: its first layer's inputs come tile after tile. `windows` says which tiles each block
of neurons sees and in which order the features make tiles; a `Device` that is given this order brings every sample into
it.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np

from ffpga_golden.config import NetworkConfig
from ffpga_golden.fields import Fields

from .errors import FfpgaError

__all__ = [
    "Fields", "Shape", "Windows", "by_feature", "by_row", "check_order", "order_of", "parse_windows", "same_order",
    "tile_order", "windows", "windows_of",
]  # fmt: skip

#: How a shape is written.
SHAPES = "HxW (an image), N (a sequence), C:HxW or C:N (of C channels)"


@dataclass(frozen=True)
class Shape:
    """How a sample's features lie: channel after channel, each an image, row by row, or a sequence.

    Parameters
    ----------
    sizes : tuple of int
        (height, width) of an image, or (length,) of a sequence.
    channels : int
        Images or sequences of a sample.

    Raises
    ------
    FfpgaError
        There is no such shape.
    """

    sizes: tuple[int, ...]
    channels: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(int(size) for size in self.sizes))
        if len(self.sizes) not in (1, 2) or min(self.sizes) < 1 or self.channels < 1:
            raise FfpgaError(f"a shape must be {SHAPES} of 1 and more, not {self.channels}:{self.sizes}")

    @classmethod
    def parse(cls, text: str) -> "Shape":
        """From ``28x28``, ``128``, ``3:32x32`` or ``6:128``."""
        found = re.fullmatch(r"(?:([1-9]\d{0,3}):)?([1-9]\d{0,3})(?:x([1-9]\d{0,3}))?", text.strip())
        if found is None:
            raise FfpgaError(f"shape must be {SHAPES}, such as 28x28 or 6:128, not {text!r}")
        channels, first, second = found.groups()
        return cls((int(first), *([int(second)] if second else [])), int(channels or 1))

    @classmethod
    def of(cls, shape: "Shape | str | int | tuple[int, ...]") -> "Shape":
        """What a caller says: a shape, its text, (height, width), or the length of a sequence."""
        if isinstance(shape, Shape):
            return shape
        if isinstance(shape, str):
            return cls.parse(shape)
        return cls((shape,) if isinstance(shape, int) else tuple(shape))

    @property
    def features(self) -> int:
        """Features of a sample."""
        return self.channels * prod(self.sizes)

    @property
    def image(self) -> tuple[int, int] | None:
        """(height, width) of one image; None of a sequence, or of several channels."""
        return (self.sizes[0], self.sizes[1]) if len(self.sizes) == 2 and self.channels == 1 else None

    def check(self, features: int, name: str) -> None:
        """FfpgaError unless it is one of so many features, those of `name`."""
        if self.features != features:
            raise FfpgaError(
                f"shape {self} has {self.features} features, {name} {features}: give the shape of a sample, {SHAPES}"
            )

    def __str__(self) -> str:
        return (f"{self.channels}:" if self.channels > 1 else "") + "x".join(map(str, self.sizes))


@dataclass(frozen=True)
class Windows:
    """Windows over samples of a shape, one position after the other, row by row; see `windows`."""

    shape: Shape
    tile: int
    window: int
    stride: int

    def __post_init__(self) -> None:
        kind = "along an edge" if len(self.shape.sizes) == 2 else "long"
        for name in ("tile", "window", "stride"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"a {name} must be an integer, not {value!r}")
        shortest = min(self.shape.sizes)
        fitting = [1 << n for n in range(10) if all(size % (1 << n) == 0 for size in self.shape.sizes)]
        if self.tile not in fitting:
            raise FfpgaError(
                f"a tile must be 1, 2, 4, 8 ... {kind} and divide {self.shape}, not {self.tile}: "
                f"take {_either(fitting)}"
            )
        most = shortest // self.tile
        if not 1 <= self.window <= most:
            raise FfpgaError(
                f"a window must be 1 to {most} tiles {kind}, those of {self.tile} in {self.shape}, not {self.window}"
            )
        strides = [n for n in range(1, self.window + 1) if all((size - self.window) % n == 0 for size in self.tiles)]
        if self.stride not in strides:
            raise FfpgaError(
                f"a stride must take windows of {self.window} over all {'x'.join(map(str, self.tiles))} tiles of "
                f"{self.shape}, not be {self.stride}: take {_either(strides)}"
            )

    @property
    def tiles(self) -> tuple[int, ...]:
        """Tiles along each axis of a channel."""
        return tuple(size // self.tile for size in self.shape.sizes)

    @cached_property
    def positions(self) -> tuple[tuple[int, ...], ...]:
        """Where each window begins, in pixels: (row, column), or (place,) in a sequence; a block of neurons each."""
        steps = [range(0, size - self.window + 1, self.stride) for size in self.tiles]
        return tuple(tuple(self.tile * at for at in place) for place in product(*steps))

    @cached_property
    def fields(self) -> Fields:
        """The fields, for `NetworkConfig`; tiles are numbered row by row, all channels of a place in turn."""
        return Fields.windows(
            tile=self.tile ** len(self.tiles),
            grid=self.tiles,
            window=self.window,
            stride=self.stride,
            channels=self.shape.channels,
        )

    @cached_property
    def order(self) -> np.ndarray:
        """The features tile after tile, int[features]: input n of the device is feature order[n]."""
        return tile_order(self.shape, self.tile)

    @property
    def typed(self) -> str:
        """TILE,WINDOW,STRIDE, as `parse_windows` reads it."""
        return f"{self.tile},{self.window},{self.stride}"

    def inputs(self, block: int) -> np.ndarray:
        """The features that a block sees, as they come, int[seen], in the order of its rows."""
        return self.order[self.fields.inputs(block)]

    def __str__(self) -> str:
        return f"{self.typed} over {self.shape}"


def windows(shape: Shape | str | int | tuple[int, ...], tile: int, window: int, stride: int) -> Windows:
    """Square windows over images, or stretches of sequences, for the first layer of a network.

    Parameters
    ----------
    shape
        Of a sample: ``"28x28"`` or (28, 28) is an image, ``"128"`` or 128 a sequence, ``"3:32x32"`` and ``"6:128"`` are
        several of them, channel after channel; a window sees the same part of every channel.
    tile : int
        Pixels along a tile's edge, or places of a sequence: 1, 2, 4, 8 ..., and it divides the shape.
    window : int
        Tiles along a window's edge.
    stride : int
        Tiles from a window to the next one, such that every tile is seen.

    Returns
    -------
    Windows
        `fields` for `NetworkConfig`, `order` for `open_device`, `positions` of the windows, over which the width of the
        layer is shared out, and `inputs(block)`.

    Raises
    ------
    FfpgaError, TypeError
        The value, the rule, and what would fit.
    """
    return Windows(Shape.of(shape), tile, window, stride)


def tile_order(shape: Shape | str | int | tuple[int, ...], tile: int) -> np.ndarray:
    """The features of a shape tile after tile, int[features], for fields of one's own; see `windows`.

    Tiles are numbered row by row, all channels of a place in turn.

    Raises
    ------
    FfpgaError, TypeError
        The tile does not divide the shape.
    """
    whole = Windows(Shape.of(shape), tile, 1, 1)
    tiles, numbers = whole.tiles, np.arange(whole.shape.features)
    if len(tiles) == 1:
        return numbers.reshape(-1, tiles[0], tile).transpose(1, 0, 2).ravel()
    return numbers.reshape(-1, tiles[0], tile, tiles[1], tile).transpose(1, 3, 0, 2, 4).ravel()


def order_of(config: NetworkConfig, shape: Shape | None) -> np.ndarray | None:
    """The order of the features of a shape that a configuration takes: None without fields, or without a shape."""
    fields = config.fields_of(0)
    if fields is None or shape is None:
        return None
    shape.check(config.features, "the network")
    return tile_order(shape, _edge(fields, shape))


def windows_of(config: NetworkConfig, shape: Shape | None) -> Windows | None:
    """The windows that a configuration's first layer has over a shape; None where it has none, or other fields."""
    fields = config.fields_of(0)
    if fields is None or shape is None or shape.features != config.features:
        return None
    tile, axes = _edge(fields, shape), len(shape.sizes)
    window = round((fields.size / shape.channels) ** (1 / axes))
    for stride in range(1, window + 1):
        try:
            found = Windows(shape, tile, window, stride)
        except FfpgaError:
            continue
        if found.fields == fields:
            return found
    return None


def _edge(fields: Fields, shape: Shape) -> int:
    """Pixels along the edge of a tile."""
    return round(fields.tile ** (1 / len(shape.sizes)))


def parse_windows(text: str, shape: Shape) -> Windows:
    """From ``TILE,WINDOW,STRIDE``, as it is typed."""
    if not re.fullmatch(r"\d{1,4},\d{1,4},\d{1,4}", text):
        raise FfpgaError(f"fields must be TILE,WINDOW,STRIDE, such as 4,3,1, not {text!r}")
    return Windows(shape, *(int(part) for part in text.split(",")))


def check_order(order: np.ndarray | None, features: int) -> np.ndarray | None:
    """An order of features as int[features], read-only, or None; FfpgaError unless it has each feature once."""
    if order is None:
        return None
    given = np.array(order)
    if (
        given.shape != (features,)
        or given.dtype.kind not in "iu"
        or not np.array_equal(np.sort(given), range(features))
    ):
        raise FfpgaError(f"order must have each of the features 0 to {features - 1} once, not {_shown(given)}")
    given = given.astype(np.intp)
    given.flags.writeable = False
    return given


def same_order(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two orders of as many features are one; None is as they come."""
    if one is None or other is None:
        given = one if other is None else other
        return given is None or np.array_equal(given, range(len(given)))
    return np.array_equal(one, other)


def by_feature(config: NetworkConfig, weights: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
    """The first layer's weights on the features as they come.

    Parameters
    ----------
    config : NetworkConfig
    weights : array
        Of the first layer, [rows, width], as a device has them.
    order : array, optional
        What the device was given.

    Returns
    -------
    array
        [features + labels + 1, width]: a row for each feature, 0 where a neuron does not see it, then labels and bias.
    """
    out = np.zeros((config.features + config.rows(0) - config.seen(0), weights.shape[1]), weights.dtype)
    out[_places(config, order)] = weights
    return out


def by_row(config: NetworkConfig, weights: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
    """The inverse of `by_feature`: what is of features that a neuron does not see is left out."""
    return weights[_places(config, order)]


def _places(config: NetworkConfig, order: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Row and column, among the weights by feature, of each of the first layer's weights [rows, width]."""
    width, seen, features = config.layers[0], config.seen(0), config.features
    fields, order = config.fields_of(0), np.arange(features) if order is None else np.asarray(order)
    rows = np.empty((config.rows(0), width), np.int64)
    rows[seen:] = (features + np.arange(config.rows(0) - seen))[:, None]
    if fields is None:
        rows[:seen] = order[:, None]
    else:
        blocks = np.stack([order[fields.inputs(block)] for block in range(config.blocks(0))], axis=1)
        rows[:seen] = np.repeat(blocks, width // config.blocks(0), axis=1)
    return rows, np.broadcast_to(np.arange(width), rows.shape)


def _either(values: list[int]) -> str:
    return " or ".join(map(str, values))


def _shown(array: np.ndarray) -> str:
    return f"{array.dtype}{list(array.shape)}" if array.size > 8 or array.ndim != 1 else str(array.tolist())
