"""The stream of training steps: which sample, which labels, which phase, in an order that the seed fixes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np

from ffpga_golden.config import NetworkConfig
from ffpga_golden.network import Steps

from ..data.dataset import Dataset
from ..data.images import distorted, moved
from ..driver.device import Device
from ..driver.link import Done
from ..driver.runs import RUN, Runs
from ..driver.step import StepResult
from ..errors import FfpgaError
from .options import TrainingOptions


@dataclass(frozen=True)
class Work:
    """One command: a pair, or one phase."""

    sample: int
    label: int
    wrong: int | None = None  #: the host's choice of a negative label
    negative: bool | None = None  #: the phase; None for a pair
    shift: tuple[int, int] = (0, 0)  #: pixels by which the image is moved, down and right
    distortion: tuple[int, float] | None = None  #: its seed, and how strong it is

    def submit(
        self,
        device: Device,
        data: Dataset,
        done: Callable[[StepResult], None] | None = None,
        raw: Done | None = None,
    ) -> None:
        """Queues the sample and its step; `done` gets its answer, or `raw` the payload of that."""
        changed = self.distortion is not None or any(self.shift)
        device.submit_sample(shown(data, [self])[0] if changed else data.train_x[self.sample])
        if self.negative is None:
            device.submit_pair(self.label, self.wrong, done, raw)
        else:
            given = self.label if self.wrong is None else self.wrong
            device.submit_phase(self.negative, given, done, raw)

    def __str__(self) -> str:
        kind = "pair" if self.negative is None else "negative phase" if self.negative else "positive phase"
        return f"{kind} of sample {self.sample}, label {self.label}"


def run_work(runs: Runs, data: Dataset, works: Sequence[Work]) -> Steps:
    """Steps in a run, all pairs or all of one phase: what `Work.submit` would do, one by one."""
    labels = np.array([work.label for work in works])
    wrong = np.array([-1 if work.wrong is None else work.wrong for work in works])
    negative = works[0].negative
    x = shown(data, works)
    if negative is None:
        return runs.train(x, labels, np.maximum(wrong, 0))
    given = np.where(wrong < 0, labels, wrong)
    return runs.train(x, given, given, negative)


def shown(data: Dataset, works: Sequence[Work]) -> np.ndarray:
    """The samples of steps of an epoch, u8[n, features], as the host changes them: all by the same strength."""
    x = data.train_x[[work.sample for work in works]]
    if works[0].distortion is not None:
        seeds, strengths = zip(*(work.distortion for work in works if work.distortion is not None), strict=True)
        x = distorted(x, np.array(seeds, np.uint32), strengths[0], data.image)
    shifts = np.array([work.shift for work in works])
    if shifts.any():
        for shift in {work.shift for work in works}:
            ours = (shifts == shift).all(axis=1)
            x[ours] = moved(x[ours], *shift, data.image)
    return x


def in_runs(works: Iterable[Work], most: int = RUN) -> Iterator[list[Work]]:
    """Steps in groups, each of pairs or of one phase, of at most so many."""
    for _, alike in groupby(works, lambda work: work.negative):
        while run := list(islice(alike, most)):
            yield run


def epoch_work(options: TrainingOptions, data: Dataset, epoch: int, wrong: list[int] | None = None) -> Iterator[Work]:
    """All steps of an epoch; `wrong` are the negative labels that the host replays, one a training sample."""
    random = np.random.RandomState([options.seed, epoch])  # its stream is frozen across NumPy versions
    order = random.permutation(len(data.train_x)).tolist()
    labels = data.train_y.tolist()
    if options.negatives == "host":
        shift = random.randint(1, data.classes, len(labels))
        wrong = ((data.train_y + shift) % data.classes).tolist()
    shifts = [(0, 0)] * len(labels)
    if options.shift:
        drawn = random.randint(-options.shift, options.shift + 1, (len(labels), 2))
        shifts = [(down, right) for down, right in drawn.tolist()]
    distortions: list[tuple[int, float] | None] = [None] * len(labels)
    if options.distort:
        seeds = random.randint(0, 1 << 32, len(labels), np.uint32)
        distortions = [(seed, options.distort) for seed in seeds.tolist()]

    def step(sample: int, negative: bool | None = None) -> Work:
        given = wrong[sample] if wrong and negative is not False else None
        return Work(sample, labels[sample], given, negative, shifts[sample], distortions[sample])

    if options.phases == "paired":
        yield from map(step, order)
        return
    for first in range(0, len(order), options.block):
        block = order[first : first + options.block]
        for negative in (False, True):
            for sample in block:
                yield step(sample, negative)


def check_fit(config: NetworkConfig, data: Dataset) -> None:
    """FfpgaError where a device of this configuration cannot learn this data set."""
    if not config.classes:
        raise FfpgaError("training from a data set needs labels: open a device with classes, or drive it pair by pair")
    if config.features != data.features:
        raise FfpgaError(f"the device has {config.features} features, {data.name} {data.features}: they must be equal")
    if config.classes < data.classes:
        raise FfpgaError(f"the device has {config.classes} classes, {data.name} {data.classes}: it needs as many")
