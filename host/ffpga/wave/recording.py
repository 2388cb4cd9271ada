"""A training step on its way to a waveform: the golden model goes to the step, the virtual board does it, recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden import GoldenDevice
from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset
from ..driver.device import Device
from ..driver.link import DirectLink
from ..driver.opening import open_device
from ..driver.step import StepResult
from ..errors import FfpgaError
from ..fields import order_of
from ..training.loop import Progress, prepare
from ..training.options import TrainingOptions
from ..training.work import Work, check_fit, epoch_work

#: Steps that the board does, unrecorded, at the most before the chosen one, wherever that suffices.
LEAD = 64


@dataclass
class Recorded:
    """Steps that were recorded, and what they answered."""

    path: Path
    first: int  #: counted from 1
    steps: list[Work] = field(default_factory=list)
    answers: list[StepResult] = field(default_factory=list)
    spent: list[dict[str, int]] = field(default_factory=list)  #: clocks of each, see `ffpga_golden.timing.SPENT`
    view: dict[str, list[Any]] = field(default_factory=dict)  #: groups of signals, see `VirtualBoard.view`


@dataclass
class _Snapshot:
    """A golden device before a step."""

    step: int
    weights: list[np.ndarray]
    registers: dict[str, int]


def _run(options: TrainingOptions, data: Dataset) -> Iterator[tuple[int, Work]]:
    """Every step of a run, with its epoch."""
    for epoch in range(options.epochs):
        for item in epoch_work(options, data, epoch):
            yield epoch, item


def record_steps(
    config: NetworkConfig,
    data: Dataset,
    path: Path,
    *,
    first: int = 1,
    count: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> Recorded:
    """Records some steps of a training run on the virtual board.

    They are the steps that the whole run has: the golden model, whose bits are the core's, does those before. Weights
    and registers go to the board a few steps ahead, at one whose random state can be written: its lowest bit is 1.

    Parameters
    ----------
    config, data
        What is trained on what.
    path : Path
        The FST file to write.
    first, count : int
        The first step to record, counted from 1, and how many.
    **options
        See `TrainingOptions`.

    Raises
    ------
    FfpgaError
        The run has no such steps, the board cannot be built, or it does not do what the golden model does.
    """
    chosen = TrainingOptions(**options)
    check_fit(config, data)
    if chosen.negatives == "replay":
        raise FfpgaError("negatives must be hard, own, random or host to record, not replay, which asks between epochs")
    total = len(data.train_x) * chosen.epochs * (1 if chosen.phases == "paired" else 2)
    if not (first >= 1 and count >= 1 and first + count - 1 <= total):
        raise FfpgaError(
            f"steps must be 1 to {total:,}, those of {chosen.epochs} epochs, not {first:,} to {first + count - 1:,}"
        )
    golden, order = GoldenDevice(config), order_of(config, data.shape)
    with (
        Device(golden, config, order=order, link=DirectLink(golden)) as model,
        open_device("sim", config, order=order, wave=path) as board,
    ):
        prepare(model, chosen)
        start = _before(model, golden, chosen, data, first, progress)
        prepare(board, chosen)
        for name, value in start.registers.items():
            board.write_register(name, value)
        board.write_weights(start.weights)
        recorded = Recorded(path, first, view=board.transport.view())  # type: ignore[attr-defined]
        _on_board(board, chosen, data, start.step, recorded, count)
        _check(model, golden, chosen, data, recorded)
        for one, other in zip(model.read_weights(), board.read_weights(), strict=True):
            if not np.array_equal(one, other):
                raise FfpgaError("the board's weights are not the golden model's: its core is faulty")
    return recorded


def _before(
    model: Device, golden: GoldenDevice, options: TrainingOptions, data: Dataset, first: int, progress: Progress | None
) -> _Snapshot:
    """Trains the model up to the step; returns it as it was at a step before, or at that one."""
    network, running = golden.network, 0
    held = _Snapshot(1, network.weights, dict(network.registers))
    for step, (epoch, item) in enumerate(_run(options, data), start=1):
        if epoch != running:
            model.write_register("learning_rate", options.learning_rate(model.config, epoch))
            running = epoch
        if first - step <= LEAD and network.random.state & 1:
            held = _Snapshot(step, network.weights, {**network.registers, "seed": network.random.state})
        if step == first:
            break
        item.submit(model, data)
        if progress is not None and step % 100 == 0:
            progress("golden", step, first - 1)
    return held


def _on_board(
    board: Device, options: TrainingOptions, data: Dataset, start: int, recorded: Recorded, count: int
) -> None:
    """The board goes to the first step and is recorded to the end of the last."""
    recorder: Any = board.transport
    rate = board.read_register("learning_rate")
    work = enumerate(_run(options, data), start=1)
    for step, (epoch, item) in islice(work, start - 1, recorded.first + count - 1):
        wanted = options.learning_rate(board.config, epoch)
        if wanted != rate:
            if step > recorded.first:
                raise FfpgaError(f"steps must be of one learning rate, not {recorded.first:,} to {step:,}: take fewer")
            board.write_register("learning_rate", wanted)
            rate = wanted
        if step == recorded.first:
            board.flush()
            try:
                recorder.trace(recorded.path)
            except OSError as error:
                raise FfpgaError(f"{error}: choose another place") from None
        if step >= recorded.first:
            recorded.steps.append(item)
        item.submit(board, data, recorded.answers.append if step >= recorded.first else None)
    board.flush()
    try:
        recorder.stop_trace()
    except OSError as error:
        raise FfpgaError(f"{error}: choose another place") from None


def _check(model: Device, golden: GoldenDevice, options: TrainingOptions, data: Dataset, recorded: Recorded) -> None:
    """The model does the same steps; FfpgaError where an answer is another one."""
    for number, (item, found) in enumerate(zip(recorded.steps, recorded.answers, strict=True)):
        before = golden.network.spent
        answers: list[StepResult] = []
        item.submit(model, data, answers.append)
        after = golden.network.spent
        recorded.spent.append({what: after[what] - before[what] for what in after})
        if answers != [found]:
            raise FfpgaError(
                f"step {recorded.first + number} ({item}): the board answers {found}, the golden model {answers[0]}: "
                "its core is faulty"
            )
