"""The wrong label of a negative phase: who chooses it, and which labels contend for it."""

from collections.abc import Callable

import numpy as np

from .clock import Clock
from .dither import Generator
from .registers import NegativePolicy, Polarity

#: Activities [labels, width] and sums of squares [labels] under some labels.
Score = Callable[[list[int]], tuple[np.ndarray, np.ndarray]]


class WrongLabels:
    """What the policy of the registers says, draws and looks for.

    Parameters
    ----------
    classes : int
    registers : dict of int
        Those of the network, which may change.
    random : Generator
    clock : Clock
    """

    def __init__(self, classes: int, registers: dict[str, int], random: Generator, clock: Clock) -> None:
        self._classes, self._registers, self._random, self._clock = classes, registers, random, clock

    @property
    def policy(self) -> NegativePolicy:
        """Who chooses."""
        return NegativePolicy(self._registers["negative_policy"])

    @property
    def scores(self) -> bool:
        """Whether the goodness of several labels decides."""
        return self.policy in (NegativePolicy.HARD, NegativePolicy.OWN)

    @property
    def draws(self) -> bool:
        """Whether it takes a random draw."""
        few = self.policy == NegativePolicy.HARD and self._contenders < self._classes - 1
        return self._classes > 0 and (few or self.policy in (NegativePolicy.RANDOM, NegativePolicy.OWN))

    @property
    def _contenders(self) -> int:
        """How many wrong labels contend, at most all."""
        wrong = self._classes - 1
        return min(max(1, self._registers.get("contenders", wrong)), wrong)

    def _from(self, label: int, drawn: int, count: int) -> list[int]:
        """`count` wrong labels in turn, from the one on that the top byte of a draw says."""
        wrong = self._classes - 1
        first = (drawn >> 24) * wrong >> 8
        return [(label + 1 + (first + n) % wrong) % self._classes for n in range(count)]

    def given(self, label: int, host: int) -> int:
        """The wrong label that is drawn, or else the host's."""
        return self._from(label, int(self._random.states(1)[0]), 1)[0] if self.draws else host

    def _contending(self, label: int) -> tuple[list[int], list[int]]:
        """The labels that are scored, in the order of the walk, and those that cannot be the wrong one.

        With fewer contenders than wrong labels: the true one and, of the others in turn, as many from a random one
        on. Under the policy OWN each takes part on a toss of a coin, or, where none does, all do.
        """
        classes, count = self._classes, self._contenders
        drawn = int(self._random.states(1)[0]) if self.draws else 0
        labels = [label, *self._from(label, drawn, count)] if count < classes - 1 else list(range(classes))
        others = [n for n in range(classes) if n == label or n not in labels]
        if self.policy != NegativePolicy.OWN:
            return labels, others
        out = [n for n in range(classes) if n in others or drawn >> n & 1]
        return labels, out if len(out) < classes else others

    def contest(self, label: int, score: Score) -> tuple[int, dict[int, np.ndarray], dict[int, int]]:
        """The hardest label that takes part, activities [width] and sums of squares by label of those scored.

        It is the one of highest goodness, the lowest such label on a tie.
        """
        labels, out = self._contending(label)
        ys, totals = score(labels)
        lowest = self._registers["polarity"] == Polarity.MINUS_SUM_OF_SQUARES
        goodness = np.full(self._classes, -np.inf)
        goodness[labels] = -totals if lowest else totals
        goodness[out] = -np.inf
        self._clock.select(self._classes - len(out), len(out))
        return int(np.argmax(goodness)), dict(zip(labels, ys, strict=True)), dict(zip(labels, totals, strict=True))
