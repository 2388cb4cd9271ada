"""Rates side by side: contestants take turns on the same machine, and their ratios are taken turn by turn."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

#: A contestant: does a turn's work and returns how much it was.
Turn = Callable[[], float]


@dataclass(frozen=True)
class Rates:
    """Work a second of each contestant in each turn, float[turns]."""

    rates: dict[str, np.ndarray]

    def median(self, name: str) -> float:
        """Median rate of a contestant."""
        return float(np.median(self.rates[name]))

    def ratio(self, name: str, other: str) -> tuple[float, float, float]:
        """Median of the turns' ratios, and their quartiles."""
        ratios = self.rates[name] / self.rates[other]
        low, middle, high = np.percentile(ratios, (25, 50, 75))
        return float(middle), float(low), float(high)

    def as_dict(self) -> dict[str, list[float]]:
        """For JSON."""
        return {name: [round(float(rate), 1) for rate in rates] for name, rates in self.rates.items()}


def alternate(
    contestants: Mapping[str, Turn],
    turns: int,
    *,
    clock: Callable[[], float] = time.thread_time,
    on_turn: Callable[[int], None] = lambda done: None,
) -> Rates:
    """Lets contestants work in turn; each has a first turn that does not count.

    Parameters
    ----------
    contestants
        By name.
    turns : int
        Of each contestant.
    clock
        Seconds. The thread's own processor time, unless told otherwise, is what an idle machine would take: other
        programs then count only for what they leave of caches and memory.
    on_turn
        Called with the turns done.
    """
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(turns + 1):
        for name, work in contestants.items():
            begun = clock()
            done = work()
            spent = clock() - begun
            if turn:
                rates[name].append(done / spent)
        on_turn(turn)
    return Rates({name: np.array(found) for name, found in rates.items()})


def spread(ratio: tuple[float, float, float], digits: int = 2) -> str:
    """A ratio and its quartiles as text."""
    middle, low, high = ratio
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
