"""The commands `ffpga bench tasks`, `anomalies` and `bits`: real data, what others make of them, in few bits."""

from pathlib import Path
from typing import Annotated

import typer

from ..bench.anomalies import TASKS, anomalies_table, run_anomalies
from ..bench.speed.input_bits import SENSORS, bits_table, run_bits, tasks_for
from ..bench.tasks import run_tasks, tasks_of, with_fields
from ..bench.tasks_table import draw_tasks, fields_table, tasks_table
from ..data.raw import path_of
from ..files import folder, write_whole
from ..look.console import console, progress, write_json
from .options.command import command
from .options.network import parse_layers
from .options.shared import Json

Directory = Annotated[str, typer.Option(help="folder of .csv and .npz files, each a task; digits come with them")]
Seeds = Annotated[int, typer.Option(help="runs of each, from seeds 0, 1, ...", min=1)]


@command
def tasks_command(
    *,
    data: Directory,
    only: Annotated[str, typer.Option(help="tasks whose names have this in them")] = "",
    layers: Annotated[str, typer.Option(help="widths, the perceptron's too")] = "64,64",
    seeds: Seeds = 3,
    epochs: Annotated[
        int | None, typer.Option(help="passes of ours; default: 30, small tables more: 60,000 pairs", min=1)
    ] = None,
    out: Annotated[
        Path,
        typer.Option(help="folder for tasks.json, tasks.md, tasks.png and a file a task"),
        folder("tasks.json", "tasks.md", "tasks.png"),
    ] = Path("runs/tasks"),
    json: Json = None,
) -> None:
    """Train on every file of a folder, beside a perceptron and logistic regression; what --out has is not repeated.

    Files with users or other groups are split by these, recordings and windows become spectra.
    """
    widths = parse_layers(layers)
    tasks = tasks_of(path_of(data), only, widths)
    with progress() as report:
        rows = run_tasks(tasks, out, seeds=seeds, epochs=epochs, progress=report, said=_say)
        windows = run_tasks(with_fields(tasks), out, seeds=seeds, epochs=epochs, progress=report, said=_say)
    figures = {"seeds": seeds, "layers": list(widths), "tasks": rows, "fields": windows}
    page = tasks_table(rows) + (f"\n\n{fields_table(windows)}" if windows else "")
    for path in filter(None, (out / "tasks.json", json)):
        write_json(path, figures)
    write_whole(out / "tasks.md", f"{page}\n".encode())
    draw_tasks(rows, out / "tasks.png")
    console.print(f"wrote {out}/tasks.json, tasks.md and tasks.png\n", soft_wrap=True)
    print(page)


@command
def anomalies_command(
    *,
    data: Directory,
    task: Annotated[list[str] | None, typer.Option(help=f"may be repeated; default: {', '.join(TASKS)}")] = None,
    layers: Annotated[str, typer.Option(help="widths")] = "64,64",
    epochs: Annotated[int, typer.Option(help="passes over the normal samples", min=1)] = 20,
    seeds: Seeds = 3,
    false_alarms: Annotated[float, typer.Option(help="share of normal samples that may alarm, 0 to 0.5")] = 0.05,
    out: Annotated[
        Path, typer.Option(help="folder for anomalies.json and anomalies.md"), folder("anomalies.json", "anomalies.md")
    ] = Path("runs/anomalies"),
    json: Json = None,
) -> None:
    """Learn half of the classes of each task as what is normal, without labels, and tell the others from it."""
    rows = run_anomalies(
        path_of(data), task or TASKS, seeds=seeds, said=_say,
        layers=parse_layers(layers), epochs=epochs, false_alarms=false_alarms,
    )  # fmt: skip
    figures = {"seeds": seeds, "epochs": epochs, "false_alarms": false_alarms, "tasks": rows}
    page = anomalies_table(rows, false_alarms)
    for path in filter(None, (out / "anomalies.json", json)):
        write_json(path, figures)
    write_whole(out / "anomalies.md", f"{page}\n".encode())
    console.print(f"wrote {out}/anomalies.json and anomalies.md\n", soft_wrap=True)
    print(page)


def _say(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


@command
def bits_command(
    *,
    data: Annotated[str, typer.Option(help="mnist:DIRECTORY, or other images of 28x28")],
    tasks: Annotated[
        str | None, typer.Option(help="folder of the sensors' tasks; default: images and digits alone")
    ] = None,
    only: Annotated[str, typer.Option(help="of the folder, with commas between them")] = ",".join(SENSORS),
    seeds: Seeds = 3,
    epochs: Annotated[int | None, typer.Option(help="passes; default: images 10, others as bench tasks", min=1)] = None,
    out: Annotated[
        Path, typer.Option(help="folder for bits.json, bits.md and a file a task"), folder("bits.json", "bits.md")
    ] = Path("runs/bits"),
    json: Json = None,
) -> None:
    """Show accuracy and bytes a sample against the bits of an input; what is in --out is not repeated."""
    chosen = tasks_for(data, None if tasks is None else path_of(tasks), only.split(","))
    with progress() as report:
        rows = run_bits(chosen, out, seeds=seeds, epochs=epochs, progress=report, said=_say)
    for path in filter(None, (out / "bits.json", json)):
        write_json(path, {"seeds": seeds, "rows": rows})
    write_whole(out / "bits.md", f"{bits_table(rows)}\n".encode())
    print(bits_table(rows))
