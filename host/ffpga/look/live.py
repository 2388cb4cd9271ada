"""What is seen of a training run while it goes on: a live panel in a terminal, now and then a line elsewhere."""

import time
from dataclasses import dataclass

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ffpga_golden import floor_clocks

from ..record.answers import Slice, bin_edges
from ..record.gathering import RunRecord
from ..training.run import Epoch
from .console import epoch_line

#: Seconds between two pictures of the panel, and between two lines where there is no terminal.
PANEL, LINES = 0.5, 10.0
#: Steps that "so far" looks back over.
LATEST = 512


@dataclass
class Moment:
    """What is known at a moment of the training; figures that are not known yet are None."""

    stage: str
    done: int
    total: int
    rate: float | None  #: pairs or tests a second
    accuracy: float | None  #: test accuracy: so far in a test, else of the last one
    clocks: float | None  #: a pair
    floor: float | None  #: ratio to the floor
    part: Slice | None  #: the latest steps
    refused: int
    resent: int


def median_goodness(counts: np.ndarray, width: int) -> float | None:
    """Median of a histogram of sums of squares, as mean square activity."""
    total = int(counts.sum())
    if not total:
        return None
    at = int(np.searchsorted(np.cumsum(counts), (total + 1) // 2))
    low, high = bin_edges()[at : at + 2]
    return float(low + high) / 2 / (4096 * width)


class LiveView:
    """Shows a run; its `progress` and `epoch` are handed to `train`.

    Parameters
    ----------
    console : Console
        Where; with `quiet` nothing is shown.
    record : RunRecord
        What is filled in meanwhile.
    quiet : bool
    """

    def __init__(self, console: Console, record: RunRecord, quiet: bool = False) -> None:
        self._console, self._record, self._quiet = console, record, quiet
        self._stage, self._first, self._began, self._seen = "", 0, 0.0, 0.0
        self._base: dict[str, int] | None = None
        self._costs: tuple[float | None, float | None] = None, None
        self._live: Live | None = None
        self._bar = Progress(
            TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(), console=console, auto_refresh=False,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, rate="")

    def __enter__(self) -> "LiveView":
        if self._console.is_terminal and not self._quiet:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._seen = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def epoch(self, epoch: Epoch) -> None:
        """An epoch has ended."""
        self._costs = epoch.clocks / epoch.pairs, epoch.clocks / epoch.floor_clocks
        if not self._quiet:
            self._console.print(epoch_line(epoch))

    def reset(self, count: int) -> None:
        """The device was reset, as often as this."""
        if not self._quiet:
            self._console.print(f"reset {count} of the device: restored, the epoch again")

    def progress(self, stage: str, done: int, total: int) -> None:
        """Called often; shows something when it is time."""
        if self._quiet:
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._first, self._began, self._base = stage, done, now, None
            self._bar.reset(self._task, description=stage, total=total)
            self._record.device.submit_counters()
        elif now - self._seen >= (PANEL if self._live is not None else LINES):
            self._seen = now
            moment = self._moment(stage, done, total, now)
            self._record.device.submit_counters()
            if self._live is not None:
                self._live.update(self._panel(moment), refresh=True)
            else:
                self._console.print(line(moment, self._record.device.config.layers), soft_wrap=True)

    def _moment(self, stage: str, done: int, total: int, now: float) -> Moment:
        record = self._record
        learning = stage.startswith("epoch")
        counters = record.device.last_counters
        if learning and self._base is None:
            self._base = counters
        elif learning and self._base is not None:
            spent = {name: counters[name] - self._base[name] for name in counters}
            pairs = spent["pairs"] + spent["phases"] / 2
            floor = floor_clocks(record.device.config, spent["words_read"], spent["words_updated"])
            if pairs and floor:
                self._costs = spent["clocks"] / pairs, spent["clocks"] / floor
        accuracy = record.accuracies[-1] if record.accuracies else None
        if stage == "test" and record.labels:
            accuracy = float(np.mean(np.array(record.labels) == record.data.test_y[: len(record.labels)]))
        steps = (done - self._first) / (1 if not learning or record.options.phases == "paired" else 2)
        took = now - self._began
        return Moment(
            stage, done, total, steps / took if took > 0 else None, accuracy, *self._costs,
            record.answers.latest(LATEST), **record.link_errors,
        )  # fmt: skip

    def _panel(self, moment: Moment) -> RenderableType:
        unit = "pairs/s" if moment.stage.startswith("epoch") else "/s"
        rate = "" if moment.rate is None else f"{moment.rate:,.0f} {unit}"
        self._bar.update(self._task, completed=moment.done, total=moment.total, rate=rate)
        facts = Table.grid(padding=(0, 3))
        facts.add_row("test accuracy", "clocks a pair", "x floor", "link errors", style="dim")
        facts.add_row(
            _percent(moment.accuracy, 2) + (" so far" if moment.stage == "test" else ""),
            "-" if moment.clocks is None else f"{moment.clocks:,.0f}",
            "-" if moment.floor is None else f"{moment.floor:.2f}",
            f"{moment.refused:,} refused, {moment.resent:,} resent",
        )
        layers = Table.grid(padding=(0, 3))
        for _ in range(5):
            layers.add_column(justify="right")
        layers.add_row("goodness", "positive", "negative", "right", "skipped", style="dim")
        for layer, row in enumerate(layer_rows(moment.part, self._record.device.config.layers)):
            positive, negative, right, skipped = row
            layers.add_row(
                f"layer {layer + 1}", Text(positive, style="blue"), Text(negative, style="yellow"), right, skipped
            )
        return Group(self._bar, facts, layers)


def _percent(share: float | None, digits: int = 0) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def layer_rows(part: Slice | None, widths: tuple[int, ...]) -> list[tuple[str, str, str, str]]:
    """For each layer: median goodness of both phases, share of steps it had right, share of updates skipped."""
    rows = []
    for layer, width in enumerate(widths):
        if part is None:
            rows.append(("-", "-", "-", "-"))
            continue
        values = [median_goodness(part.goodness[layer, phase], width) for phase in (0, 1)]
        said = ["-" if value is None else f"{value:.2f}" for value in values]
        right = _percent(int(part.right[layer]) / max(1, part.steps))
        skipped = _percent(int(part.skipped[layer]) / max(1, int(part.updates[layer])))
        rows.append((said[0], said[1], right, skipped))
    return rows


def line(moment: Moment, widths: tuple[int, ...]) -> str:
    """A moment as one plain line."""
    said = [f"{moment.stage}: {moment.done:,} of {moment.total:,}"]
    if moment.rate is not None:
        said.append(f"{moment.rate:,.0f} a second")
    if moment.accuracy is not None:
        said.append(f"test {_percent(moment.accuracy, 2)}{' so far' if moment.stage == 'test' else ''}")
    if moment.clocks is not None and moment.floor is not None:
        said.append(f"{moment.clocks:,.0f} clocks a pair, {moment.floor:.2f} x floor")
    if moment.part is not None and moment.stage.startswith("epoch"):
        for layer, (positive, negative, right, skipped) in enumerate(layer_rows(moment.part, widths)):
            said.append(f"layer {layer + 1} goodness {positive} / {negative}, {right} right, {skipped} skipped")
    if moment.refused or moment.resent:
        said.append(f"link errors {moment.refused:,} refused, {moment.resent:,} resent")
    return "; ".join(said)
