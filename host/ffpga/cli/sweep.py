"""The command `ffpga sweep`: many configurations side by side, and which of them are worth their cost."""

import csv
import sys
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ..errors import FfpgaError
from ..files import folder, write_whole
from ..look.console import console, progress, write_json
from ..sweep.grid import Sweep, choose_points
from ..sweep.jobs import cluster
from ..sweep.pareto import COSTS, configurations, draw_fronts
from .boards.synth import find_board
from .options.command import command
from .options.data import Source, data_options
from .options.network import NetworkOptions, ShapeOption, parse_layers
from .options.shared import Json


def _axis(text: str) -> Any:
    return typer.Option(help=f"{text}; repeat it for an axis of the grid")


@command
@data_options()
def sweep_command(
    *,
    source: Source,
    out: Annotated[
        Path, typer.Option(help="folder of answers, table.csv and pareto.png"), folder("table.csv", "pareto.png")
    ] = Path("runs/sweep"),
    layers: Annotated[list[str] | None, _axis("widths of the 1 to 4 layers")] = None,
    lanes: Annotated[list[int] | None, _axis("neurons side by side, 1 to 64")] = None,
    weight_bits: Annotated[list[int] | None, _axis("8 or 16")] = None,
    memory_ports: Annotated[list[int] | None, _axis("ports of the weight memory, 1 or 2")] = None,
    recurrent: Annotated[
        list[str] | None, _axis("yes or no: each layer also sees the one above, a time step ago")
    ] = None,
    fields: Annotated[list[str] | None, _axis("TILE,WINDOW,STRIDE of the first layer, or none")] = None,
    shape: ShapeOption = None,
    objective: Annotated[list[str] | None, _axis("contrast or threshold")] = None,
    negatives: Annotated[list[str] | None, _axis("hard, own, random, host or replay")] = None,
    gate: Annotated[list[int] | None, _axis("probability below which an update is skipped, 0 to 255")] = None,
    rate: Annotated[list[float] | None, _axis("first learning-rate shift u, 8 to 23 (16-bit weights: to 15)")] = None,
    polarity: Annotated[list[str] | None, _axis("goodness: sum or minus (the sum of squares)")] = None,
    shift: Annotated[list[int] | None, _axis("pixels by which the host moves training images at most")] = None,
    distort: Annotated[list[float] | None, _axis("how much the host distorts training images, 0 to 4")] = None,
    epochs: Annotated[list[int] | None, _axis("passes over the training samples")] = None,
    seeds: Annotated[int, typer.Option(help="train each configuration from seeds 0 to SEEDS - 1")] = 1,
    random: Annotated[int | None, typer.Option(help="take only so many configurations of the grid, drawn")] = None,
    seed: Annotated[int | None, typer.Option(help="of the draw of --random; default: 0")] = None,
    workers: Annotated[int | None, typer.Option(help="processes on this machine; default: one a CPU")] = None,
    scheduler: Annotated[str | None, typer.Option(help="address of a Dask scheduler, such as tcp://host:8786")] = None,
    cells: Annotated[bool, typer.Option("--cells", help="pack each core for a board, to count its cells")] = False,
    board: Annotated[str | None, typer.Option(help="board for --cells; default: icebreaker")] = None,
    json: Json = None,
) -> None:
    """Train the points of a grid side by side; what is done already is not done again. Status 1 where one failed."""
    for wrong, message in (
        (seeds < 1, f"seeds must be 1 or more, not {seeds}"),
        (workers is not None and workers < 1, f"workers must be 1 or more, not {workers}"),
        (None not in (workers, scheduler), "workers must be left out with a scheduler, which has its own"),
        (random is None and seed is not None, "seed is of a random draw: add --random N, or take --seeds N"),
        (board is not None and not cells, f"board {board} is what cells are counted for: add --cells"),
    ):
        if wrong:
            raise FfpgaError(message)
    asked = dict(
        layers=[parse_layers(text) for text in layers or []], lanes=lanes, weight_bits=weight_bits,
        memory_ports=memory_ports, objective=objective, negatives=negatives, gate=gate, rate=rate, polarity=polarity,
        shift=shift, distort=distort, epochs=epochs, fields=[None if text == "none" else text for text in fields or []],
        recurrent=recurrent,
    )  # fmt: skip
    axes = {name: list(values) for name, values in asked.items() if values}
    packed = _ready(board or "icebreaker") if cells else None
    samples = NetworkOptions(shape=shape).shaped(source.load())
    points = choose_points(samples, axes, seeds, random, seed or 0)
    sweep = Sweep(points, source=source.data, data=samples, folder=out, board=packed, reading=source.said)
    console.print(f"{samples}\n{len(points):,} points, {len(sweep.waiting):,} jobs waiting; files in {out}")
    if sweep.waiting:
        with cluster(scheduler, workers) as client, progress() as report:
            sweep.run(client, report)
    rows = sweep.rows()
    found = configurations(rows, [name for name, values in axes.items() if len(values) > 1])
    _write_table(out / "table.csv", rows)
    if found:
        draw_fronts(found, out / "pareto.png", f"{samples.name}, {len(found)} configurations")
        _show(found)
    write_json(json, {"data": samples.name, "axes": axes, "points": rows, "configurations": found})
    console.print(f"wrote {out / 'table.csv'}" + (f" and {out / 'pareto.png'}" if found else ""), soft_wrap=True)
    ends = zip(points, rows, strict=True)
    failed = [f"{point}: {row['message']}" for point, row in ends if row["status"] == "failed"]
    if failed:
        print(f"ffpga: {len(failed)} of {len(rows)} points failed; {failed[0]}", file=sys.stderr)
        raise typer.Exit(1)


def _ready(board: str) -> str:
    """The name of a board for which this machine has the tools."""
    made = find_board(board)
    from ffpga_hw.flow.synth import tools_of
    from ffpga_hw.flow.tools import MissingTool

    try:
        tools_of(made)
    except MissingTool as error:
        raise FfpgaError(str(error)) from None
    return board


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """The table as CSV."""
    text = StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())


def _show(found: list[dict[str, Any]]) -> None:
    """The configurations on a front, the most accurate last."""
    costs = [cost for cost in COSTS if cost in found[0]]
    table = Table("Pareto-optimal", "test accuracy", *(cost.replace("_", " ") for cost in costs))
    for row in sorted(found, key=lambda row: row["accuracy"]):
        if row["optimal"]:
            figures = ("" if row[cost] is None else f"{row[cost]:,.0f}" for cost in costs)
            marks = (" *" if cost in row["optimal"] else "" for cost in costs)
            table.add_row(row["label"], f"{100 * row['accuracy']:.2f} %", *map(str.__add__, figures, marks))
    console.print(table)
