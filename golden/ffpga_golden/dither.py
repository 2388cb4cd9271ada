"""The random generator: dither of the updates, draws of random labels.

A 32-bit xorshift (Marsaglia 2003; shifts 13, 17, 5) steps once for each row that an update visits and once for each
random label. Neuron j takes the state rotated left by 4 j. So the noise depends on (row ordinal, j) only, not on the
lanes or on the order in which groups are walked; and with lanes in eights every group is rotated alike, which saves
logic.
"""

from functools import cache

import numpy as np

MASK = 0xFFFF_FFFF
ROTATE = 4  #: neuron j takes the state rotated by ROTATE * j
PERIOD = 32 // ROTATE  #: neurons after which the rotations repeat
_BLOCK = 4096


def step(s: int) -> int:
    """The state after `s`, u32."""
    s ^= s << 13 & MASK
    s ^= s >> 17
    return s ^ (s << 5 & MASK)


def step_back(s: int) -> int:
    """The state before `s`, u32: the inverse of `step`."""
    for shift, left in ((5, True), (17, False), (13, True)):
        while shift < 32:
            s ^= (s << shift & MASK) if left else s >> shift
            shift *= 2
    return s


def rotate(s: int, amount: int) -> int:
    """`s`, u32, rotated left."""
    amount %= 32
    return (s << amount | s >> (32 - amount)) & MASK


def field_bits(u: int) -> int:
    """p: the dither is taken from the low p bits of the rotated state: 23 for u of 16 and more, else 15."""
    return 23 if u & 16 else 15


@cache
def _jump_tables() -> np.ndarray:
    """The linear map of `_BLOCK` steps as four byte tables, u32[4, 256]."""
    columns = [step(1 << bit) for bit in range(32)]

    def apply(matrix: list[int], value: int) -> int:
        out = 0
        for bit in range(32):
            if value >> bit & 1:
                out ^= matrix[bit]
        return out

    for _ in range(_BLOCK.bit_length() - 1):
        columns = [apply(columns, column) for column in columns]
    return np.array([[apply(columns, byte << 8 * n) for byte in range(256)] for n in range(4)], np.uint32)


class Generator:
    """The generator's state and the states to come, made a block at a time."""

    def __init__(self, seed: int = 1) -> None:
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Set the state to `seed`, u32, with its lowest bit set."""
        self.state = seed & MASK | 1
        self._ahead = np.empty(0, np.uint32)
        self._block = np.empty(0, np.uint32)

    def _extend(self) -> None:
        if not len(self._block):
            states, s = [], self.state
            for _ in range(_BLOCK):
                s = step(s)
                states.append(s)
            self._block = np.array(states, np.uint32)
        else:
            tables = _jump_tables()
            old = self._block
            self._block = (
                tables[0][old & 255] ^ tables[1][old >> 8 & 255] ^ tables[2][old >> 16 & 255] ^ tables[3][old >> 24]
            )
        self._ahead = np.concatenate((self._ahead, self._block))

    def states(self, count: int) -> np.ndarray:
        """The next `count` states, u32[count]; the generator moves past them."""
        while len(self._ahead) < count:
            self._extend()
        taken, self._ahead = self._ahead[:count], self._ahead[count:]
        if count:
            self.state = int(taken[-1])
        return taken

    def dither(self, rows: int, width: int, u: int, first: int = 0) -> np.ndarray:
        """Dither of the next `rows` rows, float32[rows, width] from neuron `first` on, uniform in [0, 2^u)."""
        doubled = self.states(rows).astype(np.uint64)[:, None] * np.uint64(0x1_0000_0001)
        columns = min(width, PERIOD)
        right = 32 - ROTATE * (first + np.arange(columns)) % 32 + field_bits(u) - u
        field = (doubled >> right.astype(np.uint64)) & np.uint64((1 << u) - 1)
        field = field.astype(np.float32)
        if width == columns:
            return field
        return np.tile(field, (1, -(-width // PERIOD)))[:, :width]
