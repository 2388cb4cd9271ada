"""What a training run has done: the record of each epoch, and how far it is, so that another process can go on."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from ..data.dataset import Dataset, data_sha256
from ..errors import FfpgaError
from .checkpoint import Checkpoint, weights_sha256
from .options import TrainingOptions


@dataclass
class Epoch:
    """What an epoch did."""

    epoch: int  #: from 1
    learning_rate: int  #: shift u
    accuracy: float  #: on the test samples, 0 to 1
    pairs: int
    clocks: int
    floor_clocks: int  #: what the weight memory alone would need
    words_read: int
    words_updated: int
    updates: int  #: updates of a layer
    updates_skipped: int
    seconds: float  #: of training, without the test


@dataclass
class TrainingResult:
    """What a training run did, epoch by epoch and in all."""

    epochs: list[Epoch] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)
    resets: int = 0  #: of the device, each made good

    @property
    def accuracy(self) -> float:
        """Test accuracy after the last epoch."""
        return self.epochs[-1].accuracy

    def total(self, name: str) -> Any:
        """A figure summed over the epochs."""
        return sum(getattr(epoch, name) for epoch in self.epochs)

    def as_dict(self) -> dict[str, Any]:
        """Everything but the weights themselves, for JSON."""
        names = ("pairs", "clocks", "floor_clocks", "words_read", "words_updated", "updates", "updates_skipped")
        sums = {name: self.total(name) for name in (*names, "seconds")}
        curve = [vars(epoch) for epoch in self.epochs]
        sha256 = weights_sha256(self.weights)
        return {"accuracy": self.accuracy, **sums, "resets": self.resets, "weights_sha256": sha256, "epochs": curve}


@dataclass(frozen=True)
class RunState:
    """How far a run is: all that must be known, beside what the device holds, to go on exactly as it would have."""

    options: dict[str, Any]  #: `TrainingOptions` as a dictionary
    data: str  #: hash of the samples
    epochs: tuple[Epoch, ...] = ()  #: those that are whole and tested
    steps: int = 0  #: done of the running epoch
    spent: dict[str, int] = field(default_factory=dict)  #: what the device counted in it
    seconds: float = 0.0  #: that it took
    wrong: list[int] | None = None  #: the negative labels that the host replays in it

    @classmethod
    def of(cls, options: TrainingOptions, data: Dataset) -> "RunState":
        """A run that has not begun."""
        return cls(asdict(options), data_sha256(data))

    def after(self, epoch: Epoch) -> "RunState":
        """With one epoch more."""
        return RunState(self.options, self.data, (*self.epochs, epoch))

    def further(self, steps: int, spent: dict[str, int], seconds: float, wrong: list[int] | None) -> "RunState":
        """Within the epoch, so many steps on."""
        total = {name: self.spent.get(name, 0) + value for name, value in spent.items()}
        return replace(self, steps=self.steps + steps, spent=total, seconds=self.seconds + seconds, wrong=wrong)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def resumed(cls, held: Checkpoint, options: TrainingOptions, data: Dataset) -> "RunState":
        """The run that a checkpoint was written in; an error unless it is the one of these options and data."""
        if held.run is None:
            raise FfpgaError("the checkpoint does not say how far its run was: train again, without --resume")
        run = cls._parsed(held.run)
        fresh = cls.of(options, data)
        for name, value in fresh.options.items():
            if run.options.get(name) != value:
                raise FfpgaError(
                    f"{name} must be {run.options.get(name)} as in the run of the checkpoint, not {value}: "
                    "resume with the same options, or train again"
                )
        if run.data != fresh.data:
            raise FfpgaError(f"the checkpoint's run was on other data than {data.name}: resume with the same")
        labels = run.wrong if run.wrong is not None else [0] * len(data.train_x)
        if (
            len(run.epochs) != held.epoch
            or held.epoch > options.epochs
            or run.steps > len(data.train_x) * (1 if options.phases == "paired" else 2)
            or len(labels) != len(data.train_x)
            or not all(0 <= label < data.classes for label in labels)
        ):
            raise FfpgaError("the checkpoint contradicts itself: it is damaged, train again")
        return run

    @classmethod
    def _parsed(cls, found: dict[str, Any]) -> "RunState":
        """From `as_dict`, every type checked."""

        def integers(values: Any) -> bool:
            return all(type(value) is int and value >= 0 for value in values)

        try:
            epochs = tuple(Epoch(**epoch) for epoch in found["epochs"])
            run = cls(**{**found, "epochs": epochs})
            right = (
                isinstance(run.options, dict)
                and isinstance(run.data, str)
                and all(
                    isinstance(getattr(epoch, f.name), (int, float)) and getattr(epoch, f.name) >= 0
                    for epoch in epochs
                    for f in fields(Epoch)
                )
                and integers([run.steps, *run.spent.values(), *(run.wrong or [])])
                and isinstance(run.seconds, (int, float))
            )
        except (TypeError, KeyError, AttributeError):
            right = False
        if not right:
            raise FfpgaError("the checkpoint does not say how far its run was: it is damaged, train again")
        return run
