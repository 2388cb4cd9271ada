"""Receptive fields: which of a layer's inputs its neurons see."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from math import prod

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The receptive fields of a layer.

    Its inputs are divided into tiles of equal size, tile after tile; its neurons into blocks of equal size, each of
    which sees some of the tiles. A neuron's rows are the inputs of its block's tiles, in their order.

    Parameters
    ----------
    tile : int
        Inputs of a tile: 1, 2, 4, 8 ..., so that an input's tile and its place there are bits of its number.
    blocks : tuple of tuples of int
        The tiles that each block sees, in ascending order; as many for every block.

    Raises
    ------
    TypeError, ValueError
        Names the value and the rule.
    """

    tile: int
    blocks: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if isinstance(self.tile, bool) or not isinstance(self.tile, int):
            raise TypeError(f"a tile must be a number of inputs, not {self.tile!r}")
        if self.tile < 1 or self.tile & self.tile - 1:
            raise ValueError(f"a tile must hold 1, 2, 4, 8 ... inputs, not {self.tile}")
        if isinstance(self.blocks, str) or not isinstance(self.blocks, Iterable):
            raise TypeError(f"blocks must be a sequence of sequences of tiles, not {self.blocks!r}")
        blocks = tuple(self.blocks)
        for block in blocks:
            if not isinstance(block, Iterable):
                raise TypeError(f"a block must be a sequence of tiles, not {block!r}")
        object.__setattr__(self, "blocks", tuple(tuple(block) for block in blocks))
        if not self.blocks:
            raise ValueError("fields must have a block, not none")
        for block in self.blocks:
            for tile in block:
                if isinstance(tile, bool) or not isinstance(tile, int):
                    raise TypeError(f"a block's tiles must be integers, not {tile!r}")
            if not block or block[0] < 0 or any(a >= b for a, b in pairwise(block)):
                raise ValueError(f"a block must see at least one tile, 0 and up, in ascending order, not {[*block]}")
            if len(block) != self.size:
                raise ValueError(f"every block must see as many tiles as the first, {self.size}, not {[*block]}")

    @classmethod
    def windows(cls, *, tile: int, grid: tuple[int, ...], window: int, stride: int, channels: int = 1) -> "Fields":
        """Windows over a grid of tiles, one position after the other, row by row: a block for each.

        Parameters
        ----------
        tile : int
            Inputs of a tile.
        grid : tuple of int
            Tiles along each axis; they are numbered row by row, all channels of a place in turn.
        window, stride : int
            Tiles along each axis that a window covers, and from one window to the next.
        channels : int
            Grids beside each other, of all of which a window covers the same places.
        """
        numbers = np.arange(prod(grid) * channels).reshape(*grid, channels)
        steps = [range(0, size - window + 1, stride) for size in grid]
        parts = (numbers[tuple(slice(at, at + window) for at in place)] for place in product(*steps))
        return cls(tile=tile, blocks=tuple(tuple(part.ravel().tolist()) for part in parts))

    @property
    def size(self) -> int:
        """Tiles that a block sees."""
        return len(self.blocks[0])

    @property
    def seen(self) -> int:
        """Inputs that a neuron sees."""
        return self.size * self.tile

    @cached_property
    def tiles(self) -> np.ndarray:
        """The tiles of each block, int[blocks, size]."""
        return np.array(self.blocks, np.int64)

    def inputs(self, block: int) -> np.ndarray:
        """The inputs that a block sees, int[seen], in the order of its rows."""
        return (self.tiles[block][:, None] * self.tile + np.arange(self.tile)).ravel()

    def check(self, layer: int, inputs: int, width: int, lanes: int) -> None:
        """Raise ValueError unless they fit a layer: layers count from 1 in what is said."""
        which = f"layer {layer + 1}"
        if inputs % self.tile:
            raise ValueError(f"a tile must divide the {inputs} inputs of {which}, not {self.tile}")
        most = max(block[-1] for block in self.blocks)
        if most >= inputs // self.tile:
            raise ValueError(f"a field of {which} must see tiles 0 to {inputs // self.tile - 1}, not {most}")
        blocks = len(self.blocks)
        if width % blocks or width // blocks % lanes:
            step = blocks * lanes
            raise ValueError(
                f"the neurons of {which} must be shared out over {blocks} fields in multiples of {lanes} lanes, "
                f"not {width}: take {-(-width // step) * step}"
            )

    def packed(self) -> bytes:
        """Tile, blocks, tiles a block and then every block's tiles, u16 each: what two devices are told apart by."""
        flat = self.tiles.ravel().tolist()
        return struct.pack(f"<{3 + len(flat)}H", self.tile, len(self.blocks), self.size, *flat)
