"""The network whose steps are compiled, one by one or many in a run."""

from typing import Any

import numba
import numpy as np

from ..config import NetworkConfig
from ..network import Network, Step, Steps
from ..registers import COUNTERS, NegativePolicy
from . import steps
from .caching import alone, sources, stamped
from .layers import CompiledLayers
from .memory import Memory, decoded, memory_of


def _compiled(function: Any, given: tuple[Any, ...]) -> Any:
    """A function of `steps`, from Numba's cache or compiled: arguments are of the same types in every network, and to
    find them out takes longer than a step.
    """
    if function.overloads:
        return function
    stamped(function, sources())
    with alone(function):
        function.compile(tuple(map(numba.typeof, given)))
    return function


def _plain(x: np.ndarray) -> np.ndarray:
    """An array of the type that the compiled functions are compiled for."""
    return np.require(x, np.uint8, ("C", "W"))


class CompiledNetwork(Network):
    """`Network` with compiled steps: the same integers, many times as fast. It is not recurrent.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config, CompiledLayers)
        self._memory: Memory = memory_of(config)
        self._layers.keep_in(self._memory.w)  # type: ignore[attr-defined]
        self._clock.tally = self._memory.tally  # type: ignore[assignment]
        self._decoded: tuple[int, ...] = ()
        self._none = np.zeros((0, config.features), np.uint8)

    def _samples(self, x: np.ndarray) -> np.ndarray:
        """Samples as the compiled functions take them, which look at nothing but their number."""
        if x.shape[1:] != (self.config.features,) or x.dtype != np.uint8:
            raise ValueError(f"samples must be u8[n, {self.config.features}], not {x.dtype}{list(x.shape)}")
        return _plain(x)

    def _run(self, function: Any, *arguments: Any) -> None:
        """A function of `steps`, with the network's state brought there and back."""
        memory, values = self._memory, tuple(self.registers.values())
        if values != self._decoded:
            memory.registers[:], self._decoded = decoded(self.config, self.registers, self._rate, self._sign), values
        memory.random[0] = self.random.state
        memory.counters[:] = [*self.counters.values()]
        given = memory, self._clock.sizes, _plain(self.tables), *arguments
        _compiled(function, given)(*given)
        self.random.state = int(memory.random[0])
        self.counters.update(zip(COUNTERS, memory.counters.tolist(), strict=True))

    def _steps(self, x: np.ndarray, labels: Any, given: Any, kind: int, x_negative: np.ndarray | None = None) -> Steps:
        n, labelled = len(x), self.config.classes > 0
        work = np.zeros((n, 3), np.int64)
        work[:, 0], work[:, 2] = labels if labelled else 0, kind
        if labelled and self.registers["negative_policy"] == NegativePolicy.HOST:
            work[:, 1] = given
        if (work[:, :2] < 0).any() or (work[:, :2] >= max(1, self.config.classes)).any():
            raise ValueError(f"labels must be 0 to {self.config.classes - 1}, not {work[:, :2].tolist()}")
        squares, chances = (
            np.empty((n, 2 * self.config.depth), np.int64),
            np.empty((n, 2 * self.config.depth), np.uint8),
        )
        used = np.empty(n, np.uint8)
        other = self._none
        if kind == steps.PAIR and not labelled:
            other = self._samples(x if x_negative is None else x_negative)
        self._run(steps.train, self._samples(x), other, work, squares, chances, used)
        entries = self.config.depth * (2 if kind == steps.PAIR else 1)
        return Steps(squares[:, :entries], chances[:, :entries], used)

    def train_run(
        self, x: np.ndarray, labels: np.ndarray, given: np.ndarray, negative: bool | None, x_negative: np.ndarray | None
    ) -> Steps:
        kind = steps.PAIR if negative is None else steps.NEGATIVE if negative else steps.POSITIVE
        return self._steps(x, labels, given, kind, x_negative)

    def train_pair(self, x: np.ndarray, label: int, negative: int = 0, x_negative: np.ndarray | None = None) -> Step:
        other = None if x_negative is None else x_negative[None]
        return _step(self._steps(x[None], label, negative, steps.PAIR, other))

    def train_phase(self, x: np.ndarray, label: int, negative: bool) -> Step:
        return _step(self._steps(x[None], label, label, steps.NEGATIVE if negative else steps.POSITIVE))

    def infer_run(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        labels, sums = np.empty(len(x), np.uint8), np.empty(len(x), np.int64)
        self._run(steps.infer, self._samples(x), labels, sums)
        return labels, sums

    def infer(self, x: np.ndarray) -> tuple[int, int]:
        labels, sums = self.infer_run(x[None])
        return int(labels[0]), int(sums[0])


def _step(said: Steps) -> Step:
    entries = zip(said.squares[0].tolist(), said.probabilities[0].tolist(), strict=True)
    return Step(list(entries), int(said.labels[0]))
