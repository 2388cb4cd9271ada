"""Training loops and evaluation, over any device."""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden import floor_clocks, initial_weights
from ffpga_golden.protocol import pack_answers

from ..data.dataset import Dataset
from ..driver.device import Device
from ..driver.runs import RUN, Runs, runs_of
from ..errors import DeviceReset, FfpgaError
from .checkpoint import Checkpoint
from .options import NEGATIVES, TrainingOptions
from .run import Epoch, RunState, TrainingResult
from .watching import Answers, Record, Recording
from .work import Work, check_fit, epoch_work, in_runs, run_work

#: Called with what is going on, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]

#: Steps between two looks at the counters: the largest core needs fewer than 2^32 clocks for them.
POLL = 4096
#: Steps between two calls of `Progress`.
REPORT = 16
#: Resets of the device within an epoch after which a run gives up.
MAX_RESETS = 10


def prepare(device: Device, options: TrainingOptions) -> None:
    """Registers and initial weights of a run."""
    options.apply(device)
    device.write_weights(initial_weights(device.config, options.seed))


def train(
    device: Device,
    data: Dataset,
    *,
    checkpoint: Path | None = None,
    resume: Checkpoint | None = None,
    progress: Progress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
    on_reset: Callable[[int], None] | None = None,
    wave: Recording | None = None,
    record: Record | None = None,
    result: TrainingResult | None = None,
    **options: Any,
) -> TrainingResult:
    """Trains a device from new weights, or from where a run of the same options on the same data was.

    A device that is reset meanwhile is made again what it was before the epoch, which is then repeated: the result is
    that of a run without resets.

    Parameters
    ----------
    device, data
        What `ffpga.open` and `ffpga.load_dataset` return.
    checkpoint : path, optional
        Written after every epoch, and when Ctrl-C ends the run.
    resume : Checkpoint, optional
        What another run wrote there: this one goes on from it, and ends as that one would have ended.
    progress, on_epoch, on_reset
        Called now and then with what is going on, after every epoch with its record, and after a reset with how many
        there have been.
    wave : Recording, optional
        Records steps of the first epoch, such as a `Waveform` does, from a device that was opened with `wave`.
    record : Record, optional
        Gathers what the run's report needs; made for this device, data set and options.
    result : TrainingResult, optional
        What is filled in and returned, for a caller who wants the whole epochs of a run that was ended.
    **options
        See `TrainingOptions`: epochs, objective, negatives, phases, seed, rate, gate, theta, alpha, polarity, ...

    Raises
    ------
    FfpgaError
        An option, the data or the checkpoint do not fit the device or each other, or the device failed.
    DeviceReset
        The device was reset MAX_RESETS times within an epoch.
    KeyboardInterrupt
        Ctrl-C was pressed; the checkpoint holds the weights of that moment.
    """
    chosen = TrainingOptions(**options).of(device.config)
    check_fit(device.config, data)
    for name, value in chosen.registers(device.config).items():
        device.check_register(name, value)
    chosen.check_data(data)
    if chosen.table != "identity":
        device.read_tables()  # or an error, before anything is changed
    run = RunState.of(chosen, data) if resume is None else RunState.resumed(resume, chosen, data)
    result = TrainingResult() if result is None else result
    if resume is not None:
        result.epochs, result.weights = list(run.epochs), resume.weights
    held, failures = resume, 0
    fresh, lost = True, False  # the device does not hold what it must; it has no session
    with interruptible() as stop:
        while True:
            try:
                if lost:
                    device.reopen()
                    lost = False
                if fresh and held is not None:
                    held.restore(device)
                elif fresh:
                    prepare(device, chosen)
                    held = Checkpoint.of(device, 0, run.as_dict(), data.prepared)
                assert held is not None
                fresh = False
                if len(run.epochs) == chosen.epochs:
                    break
                answers = None
                if record is not None:
                    answers = record.begin_epoch(len(run.epochs), run.steps / _steps(data, chosen))
                first = None if run.epochs else wave
                after = _train_epoch(device, data, chosen, run, first, progress, stop, answers)
                labels = None
                if not stop.is_set():
                    said = None if record is None else record.labels
                    labels = predict(device, data.test_x, progress=progress, stop=stop, said=said)
                if labels is not None:
                    after = _tested(device, data, chosen, after, labels)
                reached = Checkpoint.of(device, len(after.epochs), after.as_dict(), data.prepared)
            except DeviceReset:
                result.resets, failures, fresh, lost = result.resets + 1, failures + 1, True, True
                if failures == MAX_RESETS:
                    raise
                if on_reset is not None:
                    on_reset(result.resets)
                continue
            run, held, failures = after, reached, 0
            if checkpoint is not None:
                held.save(checkpoint)
            if labels is not None:
                result.epochs, result.weights = list(run.epochs), held.weights
                if record is not None:
                    record.end_epoch(run.epochs[-1].accuracy, labels, held)
            if stop.is_set():
                raise KeyboardInterrupt
            if on_epoch is not None:
                on_epoch(run.epochs[-1])
    return result


def _steps(data: Dataset, options: TrainingOptions) -> int:
    """Steps of an epoch: pairs, or phases where they are separate."""
    return len(data.train_x) * (1 if options.phases == "paired" else 2)


def _train_epoch(
    device: Device,
    data: Dataset,
    options: TrainingOptions,
    run: RunState,
    wave: Recording | None,
    progress: Progress | None,
    stop: threading.Event,
    answers: Answers | None,
) -> RunState:
    """The rest of the running epoch, or what of it was done when `stop` was set."""
    epoch, total = len(run.epochs), _steps(data, options)
    device.write_register("learning_rate", options.learning_rate(device.config, epoch))
    before, started = device.counters(), time.perf_counter()
    wrong = run.wrong
    if options.negatives == "replay" and wrong is None:
        wrong = hardest_labels(device, data, options, progress)
    steps: Iterator[Work] = islice(epoch_work(options, data, epoch, wrong), run.steps, None)
    if wave is not None:
        steps = wave.around(device, steps)
    done = run.steps
    for more in _submitted(device, data, steps, None if wave is not None else runs_of(device), answers):
        done += more
        if done % POLL < more:
            device.submit_counters()
        if progress is not None and (done % REPORT < more or done == total):
            progress(f"epoch {epoch + 1}", done, total)
        if stop.is_set():
            break
    after = device.counters()
    spent = {name: after[name] - before[name] for name in after}
    return run.further(done - run.steps, spent, time.perf_counter() - started, wrong)


def _submitted(
    device: Device, data: Dataset, steps: Iterable[Work], runs: Runs | None, answers: Answers | None
) -> Iterator[int]:
    """Steps, done in runs or queued one by one; says each time how many more there are."""
    if runs is None:
        for work in steps:
            work.submit(device, data, raw=None if answers is None else answers.sink(work.negative))
            yield 1
        return
    for works in in_runs(steps):
        said = run_work(runs, data, works)
        if answers is not None:
            sink = answers.sink(works[0].negative)
            for payload in pack_answers(said.squares, said.probabilities, said.labels):
                sink(payload)
        yield len(works)


def _tested(device: Device, data: Dataset, options: TrainingOptions, run: RunState, labels: np.ndarray) -> RunState:
    """The run with the record of its epoch, whose test gave these labels."""
    spent, config = run.spent, device.config
    pairs = spent["pairs"] + (spent["phases"] - len(run.wrong or ())) // 2
    if pairs != len(data.train_x):
        raise FfpgaError(f"the device counted {pairs} pairs, not {len(data.train_x)}: its bitstream is faulty")
    names = ("clocks", "words_read", "words_updated", "updates", "updates_skipped")
    return run.after(
        Epoch(
            epoch=len(run.epochs) + 1,
            learning_rate=options.learning_rate(config, len(run.epochs)),
            accuracy=float(np.mean(labels == data.test_y)),
            pairs=pairs,
            floor_clocks=floor_clocks(config, spent["words_read"], spent["words_updated"]),
            seconds=run.seconds,
            **{name: spent[name] for name in names},
        )
    )


def hardest_labels(
    device: Device, data: Dataset, options: TrainingOptions, progress: Progress | None = None
) -> list[int]:
    """The wrong label of highest goodness for each training sample; nothing is learned."""
    values = options.registers(device.config)
    # In a negative phase this threshold and gate leave no probability but 0.
    threshold = 0 if options.polarity == "minus" else 2**32 - 1
    asking = {"negative_policy": NEGATIVES["hard"], "update_gate": 255}
    for layer in range(device.config.depth):
        # Goodness may exceed the largest threshold, but not by so much that a probability becomes 255 at this slope.
        asking |= {f"threshold{layer}": threshold, f"temperature{layer}": 31}
    for name, value in asking.items():
        device.write_register(name, value)
    labels: list[int] = []
    runs, done = runs_of(device), 0
    works = (Work(sample, label, negative=True) for sample, label in enumerate(data.train_y.tolist()))
    for found in in_runs(works, REPORT if runs is None else RUN):
        if runs is not None:
            labels.extend(run_work(runs, data, found).labels.tolist())
        else:
            for work in found:
                work.submit(device, data, lambda answer: labels.append(answer.label))
        done += len(found)
        if done % POLL < len(found):
            device.submit_counters()
        if progress is not None:
            progress("negatives", done, len(data.train_x))
    device.flush()
    for name in asking:
        device.write_register(name, values[name])
    return labels


def predict(
    device: Device,
    x: np.ndarray,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    said: list[int] | None = None,
) -> np.ndarray | None:
    """Labels int64[n] of samples u8[n, features]; None where `stop` was set meanwhile. `said` gets them one by one."""
    labels = [] if said is None else said
    runs = runs_of(device)
    size = 1 if runs is None else RUN
    for first in range(0, len(x), size):
        part = x[first : first + size]
        if runs is not None:
            labels.extend(runs.infer(part).tolist())
        else:
            device.submit_sample(part[0])
            device.submit_infer(lambda label, _: labels.append(label))
        done = first + len(part)
        if done % POLL < size:
            device.submit_counters()
        if progress is not None and (done % REPORT < size or done == len(x)):
            progress("test", done, len(x))
        if stop is not None and stop.is_set():
            break
    device.flush()
    return np.array(labels, np.int64) if len(labels) == len(x) else None


def evaluate(device: Device, data: Dataset, *, progress: Progress | None = None) -> float:
    """Accuracy on the test samples, 0 to 1."""
    check_fit(device.config, data)
    labels = predict(device, data.test_x, progress=progress)
    return float(np.mean(labels == data.test_y))


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, so that a run ends between two steps; a second Ctrl-C ends it at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def handle(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    former = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, former)
