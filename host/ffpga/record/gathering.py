"""What gathers a run's record while it goes on, and writes it: JSON and arrays beside the checkpoint."""

import json
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset
from ..driver.device import Device
from ..errors import FfpgaError
from ..fields import by_feature
from ..files import write_whole
from ..training.checkpoint import Checkpoint
from ..training.options import TrainingOptions
from .answers import Answers, Slice
from .beliefs import label_goodness, shortlist_goodness
from .stored import ARRAYS, EXAMINED, FIGURES, FORMAT, WEIGHT_BINS

#: Points in time that histograms are kept of: of a run with few epochs, of an epoch, and of any run at most.
MOMENTS, MOMENTS_AN_EPOCH, MOMENTS_AT_MOST = 48, 12, 480
#: Mistakes that are kept.
MISTAKES = 24


def weight_histogram(config: NetworkConfig, weights: np.ndarray) -> np.ndarray:
    """uint32[WEIGHT_BINS]: how many weights are in each unit of 1/64, and exactly at each limit."""
    exact = weights.astype(np.int64).ravel()
    units = np.clip(exact >> (6 if config.weight_bits == 16 else 0), -126, 126)
    units = np.where(np.abs(exact) == config.weight_max, 127 * np.sign(exact), units)
    return np.bincount(units + WEIGHT_BINS // 2, minlength=WEIGHT_BINS).astype(np.uint32)


@dataclass
class RunRecord:
    """Gathers what happens in a training run; `train` fills it in.

    Parameters
    ----------
    device : Device
        What is trained.
    data : Dataset
    options : TrainingOptions
    """

    device: Device
    data: Dataset
    options: TrainingOptions
    answers: Answers = field(init=False)  #: of the epoch under way
    labels: list[int] = field(init=False, default_factory=list)  #: answers of the test under way
    accuracies: list[float] = field(init=False, default_factory=list)
    begun: float | None = field(init=False, default=None)  #: epochs that were done before, in a run that is resumed
    ends: list[float] = field(init=False, default_factory=list)  #: epoch at which each slice ends
    slices: list[Slice] = field(init=False, default_factory=list)
    saturated: list[list[float]] = field(init=False, default_factory=list)  #: share of weights at a limit, a layer
    predictions: np.ndarray | None = field(init=False, default=None)  #: of the last test
    last: Checkpoint | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.answers = Answers(self.device.config, self.options)
        self._done = 0, 0.0
        self._sign = -1 if self.options.polarity == "minus" else 1
        self._errors = self.device.last_counters["link_errors"], self.device.link.resent

    def begin_epoch(self, epoch: int, share: float) -> Answers:
        """What is to take an epoch's answers: after so many whole ones, and this share of it."""
        self.answers, self.labels, self._done = Answers(self.device.config, self.options), [], (epoch, share)
        self.begun = epoch + share if self.begun is None else self.begun
        return self.answers

    def end_epoch(self, accuracy: float, predictions: np.ndarray, held: Checkpoint) -> None:
        """Sums the epoch up, whose test ended with these predictions and weights."""
        (epoch, share), epochs = self._done, self.options.epochs
        if epoch % -(-epochs // MOMENTS_AT_MOST) == 0:
            parts = self.answers.slices(max(1, min(MOMENTS_AN_EPOCH, MOMENTS // epochs)))
            self.slices += parts
            self.ends += [epoch + share + (1 - share) * (n + 1) / len(parts) for n in range(len(parts))]
        self.accuracies.append(accuracy)
        self.predictions, self.last = predictions, held
        limit = self.device.config.weight_max
        self.saturated.append([float(np.mean(np.abs(w) == limit)) for w in held.weights])

    @property
    def link_errors(self) -> dict[str, int]:
        """Frames of this run that the device refused, as it last said, and that the host sent again."""
        refused = self.device.last_counters["link_errors"] - self._errors[0]
        return {"refused": refused, "resent": self.device.link.resent - self._errors[1]}

    def _mistakes(self) -> dict[str, np.ndarray]:
        """The wrong test samples whose answer's goodness is furthest above the true label's, worst first.

        The margin is that of the sums of squares which decided, as mean square activity of their layers; it can be
        below 0 only where the true label was not on the shortlist (`mistakes_listed`).
        """
        assert self.last is not None and self.predictions is not None
        data, config = self.data, self.device.config
        wrong = np.flatnonzero(self.predictions != data.test_y)[:EXAMINED]
        said, true = self.predictions[wrong], data.test_y[wrong]
        each = np.arange(len(wrong))
        squares = label_goodness(self.last, data.test_x[wrong])
        found = self._sign * squares
        listing = self._sign * shortlist_goodness(self.last, data.test_x[wrong], squares)
        # An inference adds up the layers of the labels on its shortlist, or has the layer alone decide that makes it.
        shortlist = self.last.registers["shortlist"]
        order = np.argsort(-listing, axis=1, kind="stable")[:, :shortlist]
        if shortlist > 1:
            times = self.last.registers["time_steps"] if config.recurrent else 1
            sums = found.sum(axis=2) / (4096.0 * times * sum(config.layers))
        else:
            sums = listing / (4096.0 * config.layers[config.label_layer])
        margin = sums[each, said] - sums[each, true]
        worst = np.argsort(-margin, kind="stable")[:MISTAKES]
        return {
            "mistakes": wrong[worst],
            "mistakes_x": data.test_x[wrong[worst]],
            "mistakes_margin": margin[worst].astype(np.float32),
            "mistakes_listed": (order == true[:, None]).any(axis=1)[worst],
        }

    def save(self, folder: Path, figures: dict[str, Any]) -> None:
        """Writes `run.json` and `run.npz` into the run's folder; at least one epoch has ended."""
        if self.last is None or self.predictions is None:
            raise FfpgaError("a record must have an epoch at least, not none: train longer")
        slices = self.slices
        arrays = {
            "begun": np.float32(self.begun or 0.0),
            "ends": np.array(self.ends, np.float32),
            "steps": np.array([part.steps for part in slices], np.uint32),
            **{
                name: np.stack([getattr(part, name) for part in slices])
                for name in ("goodness", "updates", "skipped", "right")
            },
            "weights": np.stack([weight_histogram(self.device.config, w) for w in self.last.weights]),
            "saturated": np.array(self.saturated, np.float32),
            "predictions": self.predictions.astype(np.uint8),
            "labels": self.data.test_y.astype(np.uint8),
            "fields": by_feature(self.device.config, self.last.weights[0], self.device.order).astype(np.int16),
            **self._mistakes(),
        }
        file = BytesIO()
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        write_whole(folder / ARRAYS, file.getvalue())
        described = {"format": FORMAT, **figures, "link_errors": self.link_errors}
        write_whole(folder / FIGURES, (json.dumps(described, indent=1) + "\n").encode())
