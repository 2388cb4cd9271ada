"""What the processor's caches allow: how fast a thread reads weights, and how fast it changes them."""

from typing import Any

import numpy as np

from .alternate import Turn

#: Bytes that a turn touches: some 10 ms.
WORK = 1 << 28


def cache_turns(size: int) -> dict[str, Turn]:
    """Turns of a thread that reads, and of one that reads and writes back, so many bytes over and over.

    They return the bytes touched; a byte that is read and written back counts once. As many bytes as a network's
    weights are in the same level of the caches as these. The loops do as little as they can, in vectors.
    """
    import numba

    @numba.njit(nogil=True)
    def read(words: Any, times: int) -> Any:
        found = np.uint64(0)
        for n in range(times):
            mask = np.uint64(n)  # another one each time, so that no pass is left out
            for i in range(len(words)):
                found ^= words[i] & mask
        return found

    @numba.njit(nogil=True)
    def update(words: Any, times: int) -> None:
        for n in range(times):
            more = np.uint64(n)
            for i in range(len(words)):
                words[i] += more

    words = np.arange(max(1, size // 8), dtype=np.uint64)
    times = max(1, WORK // words.nbytes)

    def turn(loop: Any) -> Turn:
        loop(words, 1)  # compiles

        def work() -> float:
            loop(words, times)
            return float(times * words.nbytes)

        return work

    return {"read": turn(read), "update": turn(update)}
