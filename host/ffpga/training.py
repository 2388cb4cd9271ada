"""Training loops and evaluation, over any device."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden import floor_clocks, initial_weights

from .answers import Answers
from .checkpoint import Checkpoint, weights_sha256
from .datasets import Dataset
from .device import Device
from .errors import FfpgaError
from .images import side
from .options import NEGATIVES, TrainingOptions
from .record import RunRecord
from .waveform import Waveform
from .work import check_fit, epoch_work

#: Called with what is going on, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]

#: Steps between two looks at the counters: the largest core needs fewer than 2^32 clocks for them.
POLL = 4096
#: Steps between two calls of `Progress`.
REPORT = 16


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
        return {"accuracy": self.accuracy, **sums, "weights_sha256": weights_sha256(self.weights), "epochs": curve}


def prepare(device: Device, options: TrainingOptions) -> None:
    """Registers and initial weights of a run."""
    options.apply(device)
    device.write_weights(initial_weights(device.config, options.seed))


def train(
    device: Device,
    data: Dataset,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
    wave: Waveform | None = None,
    record: RunRecord | None = None,
    result: TrainingResult | None = None,
    **options: Any,
) -> TrainingResult:
    """Trains a device from new weights.

    Parameters
    ----------
    device, data
        What `ffpga.open` and `ffpga.load_dataset` return.
    checkpoint : path, optional
        Written after every epoch, and when Ctrl-C ends the run.
    progress, on_epoch
        Called now and then with what is going on, and after every epoch with its record.
    wave : Waveform, optional
        Steps of the first epoch to record, from a device that was opened with `wave`.
    record : RunRecord, optional
        Gathers what the run's report needs; made for this device, data set and options.
    result : TrainingResult, optional
        What is filled in and returned, for a caller who wants the whole epochs of a run that was ended.
    **options
        See `TrainingOptions`: epochs, objective, negatives, phases, seed, rate, gate, theta, alpha, polarity, ...

    Raises
    ------
    FfpgaError
        An option or the data do not fit the device, or the device failed.
    KeyboardInterrupt
        Ctrl-C was pressed; the checkpoint holds the weights of that moment.
    """
    chosen = TrainingOptions(**options)
    check_fit(device.config, data)
    chosen.registers(device.config)
    if chosen.shift:
        side(data.features)
    if chosen.table != "identity":
        device.read_tables()  # or an error, before anything is changed
    result = TrainingResult() if result is None else result
    with interruptible() as stop:
        prepare(device, chosen)
        for epoch in range(chosen.epochs):
            answers = None if record is None else record.begin_epoch()
            done = _train_epoch(device, data, chosen, epoch, wave if epoch == 0 else None, progress, stop, answers)
            labels = None
            if done is not None:
                said = None if record is None else record.labels
                labels = predict(device, data.test_x, progress=progress, stop=stop, said=said)
                if labels is not None:
                    done.accuracy = float(np.mean(labels == data.test_y))
                    result.epochs.append(done)
            if checkpoint is not None or record is not None:
                held = Checkpoint.of(device, len(result.epochs))
                if checkpoint is not None:
                    held.save(checkpoint)
                if record is not None and labels is not None:
                    record.end_epoch(result.epochs[-1].accuracy, labels, held)
                    result.weights = held.weights
            if stop.is_set():
                raise KeyboardInterrupt
            if on_epoch is not None:
                on_epoch(result.epochs[-1])
        result.weights = device.read_weights()
    return result


def _train_epoch(
    device: Device,
    data: Dataset,
    options: TrainingOptions,
    epoch: int,
    wave: Waveform | None,
    progress: Progress | None,
    stop: threading.Event,
    answers: Answers | None = None,
) -> Epoch | None:
    """One epoch; None where it was interrupted."""
    config, total = device.config, len(data.train_x) * (1 if options.phases == "paired" else 2)
    rate = options.learning_rate(config, epoch)
    device.write_register("learning_rate", rate)
    before, started = device.counters(), time.perf_counter()
    wrong = hardest_labels(device, data, options, progress) if options.negatives == "replay" else None
    steps = epoch_work(options, data, epoch, wrong)
    if wave is not None:
        steps = wave.around(device, steps)
    for done, work in enumerate(steps, start=1):
        work.submit(device, data, raw=None if answers is None else answers.sink(work.negative))
        if done % POLL == 0:
            device.submit_counters()
        if progress is not None and (done % REPORT == 0 or done == total):
            progress(f"epoch {epoch + 1}", done, total)
        if stop.is_set():
            break
    after = device.counters()
    if stop.is_set():
        return None
    spent = {name: after[name] - before[name] for name in after}
    pairs = spent["pairs"] + (spent["phases"] - len(wrong or ())) // 2
    if pairs != len(data.train_x):
        raise FfpgaError(f"the device counted {pairs} pairs, not {len(data.train_x)}: its bitstream is faulty")
    floor = floor_clocks(config, spent["words_read"], spent["words_updated"])
    names = ("clocks", "words_read", "words_updated", "updates", "updates_skipped")
    return Epoch(
        epoch=epoch + 1,
        learning_rate=rate,
        accuracy=0.0,
        pairs=pairs,
        floor_clocks=floor,
        seconds=time.perf_counter() - started,
        **{name: spent[name] for name in names},
    )


def hardest_labels(
    device: Device, data: Dataset, options: TrainingOptions, progress: Progress | None = None
) -> list[int]:
    """The wrong label of highest goodness for each training sample; nothing is learned."""
    values = options.registers(device.config)
    # In a negative phase this threshold and gate leave no probability but 0.
    threshold = 0 if options.polarity == "minus" else 2**32 - 1
    asking = {"negative_policy": NEGATIVES["hard"], "update_gate": 255}
    asking |= {f"threshold{layer}": threshold for layer in range(device.config.depth)}
    for name, value in asking.items():
        device.write_register(name, value)
    labels: list[int] = []
    for done, (x, label) in enumerate(zip(data.train_x, data.train_y.tolist(), strict=True), start=1):
        device.submit_sample(x)
        device.submit_phase(True, label, lambda answer: labels.append(answer.label))
        if done % POLL == 0:
            device.submit_counters()
        if progress is not None and (done % REPORT == 0 or done == len(data.train_x)):
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
    for done, sample in enumerate(x, start=1):
        device.submit_sample(sample)
        device.submit_infer(lambda label, _: labels.append(label))
        if done % POLL == 0:
            device.submit_counters()
        if progress is not None and (done % REPORT == 0 or done == len(x)):
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
