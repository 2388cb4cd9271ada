"""Side by side: a target and the golden device do the same steps, and everything they say is compared."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np

from ffpga_golden import GoldenDevice, floor_clocks
from ffpga_golden.registers import COUNTERS

from ..data.dataset import Dataset
from ..driver.device import Device
from ..driver.step import StepResult
from ..errors import FfpgaError
from .checkpoint import weights_sha256
from .loop import REPORT, Progress, prepare
from .options import TrainingOptions
from .watching import Recording
from .work import Work, check_fit, epoch_work

#: Steps between two comparisons of counters.
EVERY = 256
#: Inferences compared after the training, unless more are asked for.
TESTS = 50
#: The line's own errors are no difference of the network.
COMPARED = tuple(name for name in COUNTERS if name != "link_errors")


@dataclass
class Verification:
    """What was compared, and where the two first differed."""

    pairs: int
    steps: int
    inferences: int
    accuracy: float  #: of these inferences
    weights: int
    clocks: int
    predicted_clocks: int
    floor_clocks: int
    seconds: float
    weights_sha256: str
    difference: str | None = None

    @property
    def equal(self) -> bool:
        """Whether nothing differed."""
        return self.difference is None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"equal": self.equal, **vars(self)}


class _Difference(Exception):
    """The first difference, in words."""


def verify(
    device: Device,
    data: Dataset,
    *,
    pairs: int = 500,
    tests: int = TESTS,
    progress: Progress | None = None,
    golden: Device | None = None,
    wave: Recording | None = None,
    **options: Any,
) -> Verification:
    """Trains `device` and the golden model on the same pairs and compares every answer, weight and counter.

    Parameters
    ----------
    device, data
        What `ffpga.open` and `ffpga.load_dataset` return.
    pairs : int
        Training pairs; more than the data set has take a second epoch.
    tests : int
        Test samples to infer after the training; no more than there are.
    golden : Device, optional
        What to compare with, in place of a new golden device.
    wave : Recording, optional
        Records steps, such as a `Waveform` does, from a device that was opened with `wave`.
    **options
        See `TrainingOptions`.
    """
    chosen = TrainingOptions(**options)
    check_fit(device.config, data)
    if chosen.negatives == "replay":
        raise FfpgaError("negatives must be hard, own, random or host to verify, not replay, which asks between epochs")
    golden = golden or Device(GoldenDevice(device.config), device.config, order=device.order)
    both = device, golden
    for one in both:
        prepare(one, chosen)
    before = [one.counters() for one in both]
    started = time.perf_counter()
    steps = pairs * (1 if chosen.phases == "paired" else 2)
    difference, right, weights = None, [], [one.read_weights() for one in both]
    try:
        _compare_weights("before the first step", *weights)
        work: Iterator[Work] = (item for epoch in count() for item in epoch_work(chosen, data, epoch))
        work = islice(work, steps)
        _compare_steps(both, before, data, work if wave is None else wave.around(device, work), steps, progress)
        weights = [one.read_weights() for one in both]
        _compare_weights(f"after {pairs} pairs", *weights)
        right = _compare_inferences(both, before, data, tests, progress)
    except _Difference as found:
        difference = str(found)
        weights[0] = device.read_weights()
    spent = [_spent(one, start) for one, start in zip(both, before, strict=True)]
    return Verification(
        pairs=spent[0]["pairs"] + spent[0]["phases"] // 2,
        steps=spent[0]["pairs"] + spent[0]["phases"],
        inferences=len(right),
        accuracy=float(np.mean(right)) if right else 0.0,
        weights=device.config.weights,
        clocks=spent[0]["clocks"],
        predicted_clocks=spent[1]["clocks"],
        floor_clocks=floor_clocks(device.config, spent[0]["words_read"], spent[0]["words_updated"]),
        seconds=time.perf_counter() - started,
        weights_sha256=weights_sha256(weights[0]),
        difference=difference,
    )


def _spent(device: Device, before: dict[str, int]) -> dict[str, int]:
    after = device.counters()
    return {name: after[name] - before[name] for name in after}


def _compare_steps(
    both: tuple[Device, Device],
    before: list[dict[str, int]],
    data: Dataset,
    work: Iterator[Work],
    steps: int,
    progress: Progress | None,
) -> None:
    """Every answer of the steps, counters now and then."""
    answers: tuple[deque[StepResult], deque[StepResult]] = deque(), deque()
    waiting: deque[tuple[int, Work]] = deque()
    for step, item in enumerate(work, start=1):
        waiting.append((step, item))
        for device, queue in zip(both, answers, strict=True):
            item.submit(device, data, queue.append)
        if step % EVERY == 0 or step == steps:
            for device in both:
                device.flush()
        while all(answers):
            _compare_answers(*waiting.popleft(), answers[0].popleft(), answers[1].popleft())
        if step % EVERY == 0 or step == steps:
            _compare_counters(both, before, f"after step {step}")
        if progress is not None and (step % REPORT == 0 or step == steps):
            progress("verify", step, steps)


def _compare_answers(step: int, work: Work, found: StepResult, expected: StepResult) -> None:
    where = f"step {step} ({work})"
    if found.label != expected.label:
        raise _Difference(f"{where}: label {found.label}, golden {expected.label}")
    for name in ("squares", "probabilities"):
        word = {"squares": "sum of squares", "probabilities": "probability c"}[name]
        pairs = enumerate(zip(getattr(found, name), getattr(expected, name), strict=False))
        for entry, (value, right) in pairs:
            if value != right:
                raise _Difference(f"{where}: {word} of entry {entry} is {value}, golden {right}")
    if found != expected:
        raise _Difference(f"{where}: {len(found.squares)} entries, golden {len(expected.squares)}")


def _compare_counters(both: tuple[Device, Device], before: list[dict[str, int]], where: str) -> None:
    found, expected = (_spent(one, start) for one, start in zip(both, before, strict=True))
    for name in COMPARED:
        if found[name] != expected[name]:
            raise _Difference(f"{where}: counter {name} is {found[name]}, golden {expected[name]}")


def _compare_weights(where: str, found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for layer, (w, right) in enumerate(zip(found, expected, strict=True)):
        unequal = np.argwhere(w != right)
        if len(unequal):
            row, neuron = unequal[0]
            raise _Difference(
                f"{where}: weight of layer {layer}, row {row}, neuron {neuron} is {w[row, neuron]}, "
                f"golden {right[row, neuron]} ({len(unequal):,} of {w.size:,} differ)"
            )


def _compare_inferences(
    both: tuple[Device, Device], before: list[dict[str, int]], data: Dataset, tests: int, progress: Progress | None
) -> list[bool]:
    """Answers to the first test samples; returns which are right."""
    samples, right = data.test_x[:tests], []
    for number, x in enumerate(samples):
        answers = []
        for device in both:
            device.load_sample(x)
            answers.append(device.infer())
        if answers[0] != answers[1]:
            raise _Difference(f"inference of test sample {number}: {answers[0]}, golden {answers[1]}")
        right.append(answers[0][0] == data.test_y[number])
        if progress is not None:
            progress("test", number + 1, len(samples))
    _compare_counters(both, before, "after the inferences")
    return right
