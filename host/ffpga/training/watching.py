"""What may watch a training run from above: whoever keeps its record or records its signals does these."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import numpy as np

from ..driver.device import Device
from ..driver.link import Done
from .checkpoint import Checkpoint

Step = TypeVar("Step")


class Recording(Protocol):
    """Records signals of the device while some steps are done."""

    def around(self, device: Device, steps: Iterable[Step]) -> Iterator[Step]:
        """Passes on the steps of a run; each is submitted to `device` before the next one is asked for."""


class Answers(Protocol):
    """Takes what the steps of an epoch answer."""

    def sink(self, negative: bool | None) -> Done:
        """What takes the answers' payloads of pairs (None), positive phases (False) or negative ones (True)."""


class Record(Protocol):
    """Gathers what a run's report needs. An epoch that is begun again after a reset replaces the one before."""

    labels: list[int]  #: what is filled, one by one, with the answers of the test under way

    def begin_epoch(self, epoch: int, share: float) -> Answers:
        """What is to take an epoch's answers: after so many whole ones, and this share of it."""

    def end_epoch(self, accuracy: float, predictions: np.ndarray, held: Checkpoint) -> None:
        """An epoch's test ended with these predictions, int64[n], and the device holds this."""
