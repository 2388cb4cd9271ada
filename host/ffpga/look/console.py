"""What the command line shows: progress bars, tables, JSON files."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ..files import write_whole
from ..training.run import Epoch


class _Console(Console):
    """A console that leaves it to the command's entry to say that nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        raise


console = _Console(highlight=False)

Report = Callable[[str, int, int], None]


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="cyan")


@contextmanager
def progress() -> Iterator[Report]:
    """A bar for each stage, with rate and time left; nothing is left of it afterwards."""
    columns = (
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None)
        current = ""

        def report(stage: str, done: int, total: int) -> None:
            nonlocal task, current
            if stage != current:
                bars.remove_task(task)
                task, current = bars.add_task(stage, total=total), stage
            bars.update(task, completed=done)

        yield report


def epoch_line(epoch: Epoch) -> str:
    """An epoch in one line of 80 columns."""
    skipped = epoch.updates_skipped / max(1, epoch.updates + epoch.updates_skipped)
    clocks = f"{epoch.clocks / epoch.pairs:,.0f} clocks a pair, {epoch.clocks / epoch.floor_clocks:.2f} x floor"
    return (
        f"epoch {epoch.epoch:3}  test {100 * epoch.accuracy:5.2f} %  u {epoch.learning_rate:2}  "
        f"{clocks:>34}  {100 * skipped:2.0f} % skipped"
    )


def show(title: str, rows: dict[str, Any]) -> None:
    """Names and values, a line each. No value is broken: of 80 columns, a hash takes 64."""
    console.print(title, style="bold", soft_wrap=True)
    wide = max((len(name) for name in rows), default=0)
    for name, value in rows.items():
        said = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        console.print(f"{name:{wide}}  {said}", soft_wrap=True, markup=False)


def write_json(path: Path | None, figures: dict[str, Any]) -> None:
    """Figures as JSON, where a path was given."""
    if path is not None:
        write_whole(path, (json.dumps(figures, indent=1) + "\n").encode())
