"""Side by side: a target and the golden device do the same steps, and everything they say is compared."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np

from ffpga_golden import GoldenDevice, floor_clocks
from ffpga_golden.protocol import pack_answers
from ffpga_golden.registers import COUNTERS

from ..data.dataset import Dataset
from ..driver.device import Device
from ..driver.link import DirectLink
from ..driver.runs import runs_of
from ..driver.step import StepResult
from ..errors import FfpgaError
from .checkpoint import weights_sha256
from .loop import REPORT, Progress, prepare
from .options import TrainingOptions
from .watching import Recording
from .work import Work, check_fit, epoch_work, in_runs, run_work

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
    if golden is None:
        model = GoldenDevice(device.config)
        golden = Device(model, device.config, order=device.order, link=DirectLink(model))
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
    found: list[StepResult] = []
    waiting: list[Work] = []
    for step, item in enumerate(work, start=1):
        waiting.append(item)
        item.submit(both[0], data, found.append)
        if step % EVERY == 0 or step == steps:
            both[0].flush()
            expected = _golden_answers(both[1], data, waiting)
            for number, (one, *said) in enumerate(zip(waiting, found, expected, strict=True), step - len(waiting) + 1):
                _compare_answers(number, one, *said)
            waiting.clear()
            found.clear()
            _compare_counters(both, before, f"after step {step}")
        if progress is not None and (step % REPORT == 0 or step == steps):
            progress("verify", step, steps)


def _golden_answers(golden: Device, data: Dataset, works: Sequence[Work]) -> list[StepResult]:
    """What the golden device answers to some steps."""
    found: list[StepResult] = []
    runs = runs_of(golden)
    for some in in_runs(works):
        if runs is not None:
            said = run_work(runs, data, some)
            found += map(StepResult.unpack, pack_answers(said.squares, said.probabilities, said.labels))
        else:
            for work in some:
                work.submit(golden, data, found.append)
    golden.flush()
    return found


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
