"""Learning in the field: the sensor drifts, and a trained chip learns on from a short labelled stream."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ffpga_golden import initial_weights
from ffpga_golden.registers import Objective

from ...data.dataset import Dataset
from ...data.drift import Drift
from ...driver.device import Device
from ...driver.runs import RUN, runs_of
from ...errors import FfpgaError
from ..checkpoint import Checkpoint
from ..loop import POLL, REPORT, Progress, predict
from ..options import NEGATIVES, TrainingOptions

#: Pairs of a stream, where nobody says how many and there are samples enough.
PAIRS = 5000
#: A chip has recovered within so much of the accuracy from before the drift.
RECOVERED = 0.02
#: Learning-rate shift in the field above that of a first epoch; README.md says what others do.
RATE = 1
#: Weights that a stream starts from.
TRAINED, NEW = "trained", "new weights"


@dataclass(frozen=True, kw_only=True)
class FieldOptions:
    """Choices of learning in the field, checked once.

    Parameters
    ----------
    pairs : int, optional
        Length of the stream; default: 5,000, or the last test that the samples suffice for.
    replay : float
        Share of old samples in the stream with replay, 0 to below 1; 0: no such stream.
    rate : int, optional
        Learning-rate shift u; the default depends on features, weight bits and the objective that the device holds.
    negatives : "hard", "own" or "random"
        How the device chooses the wrong labels.
    seed : int
        Of the stream's order and of new weights.
    """

    pairs: int | None = None
    replay: float = 0.5
    rate: int | None = None
    negatives: str = "hard"
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.replay < 1:
            raise FfpgaError(f"replay must be 0 or more and below 1, not {self.replay:g}")
        choices = ("hard", "own", "random")
        if self.negatives not in choices:
            raise FfpgaError(f"negatives must be {' or '.join(choices)} in the field, not {self.negatives!r}")

    def stream(self, drift: Drift) -> list[tuple[bool, int]]:
        """See `Drift.stream`."""
        pairs = self.pairs
        if pairs is None:
            most = drift.most_pairs(self.replay)
            pairs = milestones(min(most, PAIRS) + 1)[-2] or most
        return drift.stream(pairs, self.replay, self.seed)

    def first_rate(self, device: Device) -> int:
        """Learning-rate shift."""
        if self.rate is not None:
            return self.rate
        objective = Objective(device.read_register("objective")).name.lower()
        return min(device.config.rate_max, TrainingOptions(objective=objective).first_rate(device.config) + RATE)


def milestones(pairs: int) -> list[int]:
    """When a stream is tested: after 0, 10, 20, 50, 100, ... pairs, and at its end."""
    series = (step * 10**power for power in range(1, 9) for step in (1, 2, 5))
    return [0, *(n for n in series if n < pairs), pairs]


@dataclass
class Point:
    """A test in the field."""

    pairs: int  #: of the stream so far
    replayed: int  #: old ones of them
    clocks: int  #: of learning so far
    drifted: float  #: accuracy on the drifted test samples, 0 to 1
    old: float  #: accuracy on the test samples from before the drift


@dataclass
class FieldRun:
    """What a chip did in one scenario, test by test."""

    scenario: str
    start: str  #: TRAINED or NEW
    replay: float
    rate: int  #: shift u
    before: float = 0.0  #: accuracy before the drift
    points: list[Point] = field(default_factory=list)

    @property
    def best(self) -> Point:
        """The first test of the best drifted accuracy."""
        return max(self.points, key=lambda point: point.drifted)

    @property
    def recovered(self) -> Point | None:
        """The first test within RECOVERED of the accuracy before the drift; None where there was none."""
        return next((point for point in self.points if point.drifted >= self.before - RECOVERED), None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        first, last = self.points[0], self.points[-1]
        figures = {name: getattr(self, name) for name in ("scenario", "start", "replay", "rate", "before")}
        figures |= {"fell_to": first.drifted, "recovered_after": self.recovered and self.recovered.pairs}
        figures |= {"best": self.best.drifted, "best_after": self.best.pairs}
        figures |= {"end": last.drifted, "old_at_end": last.old, "forgotten": self.before - last.old}
        return {**figures, "points": [vars(point) for point in self.points]}


def learn_on(
    device: Device, start: Checkpoint, drift: Drift, options: FieldOptions, progress: Progress | None = None
) -> FieldRun:
    """Makes the device what it was when trained, and lets it learn on from the drifted stream, tested on the way.

    Parameters
    ----------
    start : Checkpoint
        Of a chip trained on `drift.old`.

    Raises
    ------
    FfpgaError
        The stream needs more samples than there are, or the checkpoint is not of the device's configuration.
    """
    stream = options.stream(drift)
    start.restore(device)
    rate = options.first_rate(device)
    device.write_register("learning_rate", rate)
    device.write_register("negative_policy", int(NEGATIVES[options.negatives]))
    run = FieldRun(drift.name, TRAINED, options.replay, rate)
    runs, done, replayed, clocks = runs_of(device), 0, 0, 0
    for end in milestones(len(stream)):
        earlier = device.counters()["clocks"]
        while done < end:
            part = stream[done : min(end, done + (REPORT if runs is None else RUN))]
            sources = [drift.old if old else drift.drifted for old, _ in part]
            x = [source.train_x[sample] for source, (_, sample) in zip(sources, part, strict=True)]
            y = [int(source.train_y[sample]) for source, (_, sample) in zip(sources, part, strict=True)]
            if runs is not None:
                runs.train(np.stack(x), np.array(y), np.zeros(len(y), np.int64))
            else:
                for sample, label in zip(x, y, strict=True):
                    device.submit_sample(sample)
                    device.submit_pair(label)
            done, replayed = done + len(part), replayed + sum(old for old, _ in part)
            if done % POLL < len(part):
                device.submit_counters()
            if progress is not None:
                progress(drift.name, done, len(stream))
        clocks += device.counters()["clocks"] - earlier
        drifted, old_data = (_accuracy(device, part, progress) for part in (drift.drifted, drift.old))
        run.points.append(Point(done, replayed, clocks, drifted, old_data))
    run.before = run.points[0].old
    return run


def _accuracy(device: Device, data: Dataset, progress: Progress | None) -> float:
    return float(np.mean(predict(device, data.test_x, progress=progress) == data.test_y))


def field_runs(
    device: Device, start: Checkpoint, drift: Drift, options: FieldOptions, progress: Progress | None = None
) -> Iterator[FieldRun]:
    """A scenario: learning on without replay, then with it; then, to compare, learning the same from new weights.

    The latter is left out for a new class, of which alone nothing can be learned. Parameters as for `learn_on`.
    """
    plain = replace(options, replay=0.0)
    first = learn_on(device, start, drift, plain, progress)
    yield first
    if options.replay:
        yield learn_on(device, start, drift, options, progress)
    if drift.same_samples:
        new = replace(start, weights=initial_weights(device.config, options.seed))
        yield replace(learn_on(device, new, drift, plain, progress), start=NEW, before=first.before)
