"""What can stand between two layers: any table from byte to byte, whose derivative nobody needs to know."""

import numpy as np

STEPS = 16  #: of a staircase


def _staircase(random: np.random.RandomState) -> np.ndarray:
    width = 256 // STEPS
    return np.arange(256) // width * width


def _monotone(random: np.random.RandomState) -> np.ndarray:
    rises = random.exponential(size=256) * (random.rand(256) < 0.25)
    rises[0] = 0
    return np.rint(np.cumsum(rises) * (255 / rises.sum()))


def _noisy(random: np.random.RandomState) -> np.ndarray:
    return np.clip(np.arange(256) * np.exp(0.35 * random.standard_normal(256)), 0, 255)


#: Tables by name: a staircase of 16 steps; one that rises at random, in jumps; the identity times a random factor
#: at each input, so that it goes up and down.
TABLES = {
    "identity": lambda random: np.arange(256),
    "staircase": _staircase,
    "monotone": _monotone,
    "noisy": _noisy,
}


def black_box_tables(name: str, count: int, seed: int) -> np.ndarray:
    """Tables u8[count, 256] of a kind, a different one each where they are drawn from the seed."""
    random = np.random.RandomState([seed, 1])
    return np.stack([TABLES[name](random) for _ in range(count)]).astype(np.uint8)
