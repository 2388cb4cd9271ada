"""The commands `ffpga bench ...`: figures that the documents quote, as tables, JSON and pictures."""

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ..bench.accuracy import Trial, run_trials
from ..bench.accuracy_table import accuracy_table
from ..bench.baselines import BASELINES
from ..bench.boards import Counts, count, energy_table, figures, line_table, shortened, speed_table
from ..bench.clocks import count_clocks
from ..bench.clocks_table import clocks_table, savings_table
from ..bench.early_stop import early_stop, early_stop_table
from ..bench.pictures.accuracy import draw
from ..bench.pictures.clocks import draw_clocks
from ..bench.trials import GROUPS
from ..data.images import side
from ..errors import FfpgaError
from ..files import FILE, check_writable, folder, write_whole
from ..look.console import console, epoch_line, progress, write_json
from ..record.stored import load_run
from .boards.synth import find_board, mendable
from .options.command import command
from .options.data import REQUIRED, Source, data_options
from .options.network import NetworkOptions, network_options
from .options.shared import Json, Samples, Tests


@command
@data_options("coding", "label", default=REQUIRED, says="mnist:DIRECTORY, or other data of the boards' 784 features")
def boards_command(
    *,
    source: Source,
    board: Annotated[list[str] | None, typer.Option(help="a board, may be repeated; default: all")] = None,
    epochs: Annotated[int, typer.Option(help="passes over the training samples")] = 5,
    samples: Samples = None,
    tests: Tests = None,
    json: Json = None,
) -> None:
    """Show what the boards' networks take: clocks counted by the golden model, the serial line, energy estimated."""
    with mendable():
        from ffpga_hw.boards.table import BOARDS

        chosen = [find_board(name) for name in board or BOARDS]
    whole = source.load()
    held = shortened(whole, samples, tests)
    counted: dict[Any, Counts] = {}
    rows = []
    for made in chosen:
        if made.preset not in counted:
            console.print(f"{made.preset}: {len(held.train_x):,} pairs an epoch, {len(held.test_x):,} inferences")
            with progress() as report:
                counted[made.preset] = count(
                    made.preset,
                    held,
                    epochs=epochs,
                    progress=report,
                    on_epoch=lambda epoch: console.print(epoch_line(epoch)),
                )
        rows.append(figures(made, counted[made.preset], held, made.baud, made.chip.cells))
    write_json(json, {"data": whole.name, "epochs": epochs, "baud": chosen[0].baud, "boards": rows})
    for table in (speed_table(rows), line_table(rows[0], chosen[0].baud), energy_table(rows)):
        if table:
            print(f"\n{table}")


@command
@data_options("coding", "label", default=REQUIRED, says="mnist:DIRECTORY, or other square images")
def accuracy_command(
    *,
    source: Source,
    group: Annotated[list[str] | None, typer.Option(help="trials of this group, may be repeated; default: all")] = None,
    only: Annotated[str, typer.Option(help="trials whose names have this in them")] = "",
    seeds: Annotated[int | None, typer.Option(help="runs of every trial, in place of its own number", min=1)] = None,
    jobs: Annotated[int | None, typer.Option(help="runs at once; default: as many as there are cores", min=1)] = None,
    epochs: Annotated[int | None, typer.Option(help="of every trial, in place of its own", min=1)] = None,
    out: Annotated[
        Path,
        typer.Option(help="folder for a file a run, and for the pictures"),
        folder("accuracy.json", "accuracy.md", "accuracy.png", "phases.png", "fields.png"),
    ] = Path("runs/accuracy"),
    json: Json = None,
) -> None:
    """Train networks of many kinds from several seeds; runs that are in the folder already are not repeated."""
    groups = group or list(GROUPS)
    for name in groups:
        if name not in GROUPS:
            raise FfpgaError(f"group must be {', '.join(GROUPS)}, not {name!r}")
    trials = [trial for name in groups for trial in GROUPS[name]() if only in trial.name]
    if epochs is not None:
        trials = [
            trial
            if trial.kind in BASELINES
            else replace(trial, options={**trial.options, "epochs": epochs}, least=None)
            for trial in trials
        ]
    if seeds is not None:
        trials = [replace(trial, seeds=seeds) for trial in trials]
    if not trials:
        raise FfpgaError(f"only must be in the name of a trial, not {only!r}: leave it out to see the names")
    samples = source.load()
    side(samples.features)

    def show_run(trial: Trial, seed: int, figures: dict[str, Any]) -> None:
        console.print(f"{trial.name}, seed {seed}: {100 * figures['accuracy']:.2f} %", highlight=False)

    console.print(f"{samples}\n{len(trials)} trials, {sum(trial.seeds for trial in trials)} runs, in {out}")
    rows = run_trials(trials, source.data, out, reading=source.said, jobs=jobs or os.cpu_count() or 1, on_end=show_run)
    figures = {"data": samples.name, "trials": rows}
    table = accuracy_table(rows)
    write_json(out / "accuracy.json", figures)
    write_json(json, figures)
    write_whole(out / "accuracy.md", f"{table}\n".encode())
    written = (out / "accuracy.json", out / "accuracy.md", *draw(rows, out))
    console.print(f"wrote {', '.join(map(str, written))}\n")
    print(table)


@command
@data_options()
@network_options("layers", "lanes", "fields", "shape", layers="128,128")
def clocks_command(
    *,
    source: Source,
    network: NetworkOptions,
    memory_ports: Annotated[list[int] | None, typer.Option(help="1 or 2, may be repeated; default: both")] = None,
    objective: Annotated[str, typer.Option(help="contrast or threshold")] = "contrast",
    epochs: Annotated[int, typer.Option(help="the first and the last one are counted", min=1)] = 5,
    pairs: Annotated[int, typer.Option(help="the first so many of such an epoch", min=1)] = 2000,
    tests: Annotated[int, typer.Option(help="inferences of the trained network", min=1)] = 2000,
    measure: Annotated[bool, typer.Option(help="watch the virtual board, too")] = True,
    out: Annotated[
        Path,
        typer.Option(help="folder for clocks.json, clocks.md and clocks.png"),
        folder("clocks.json", "clocks.md", "clocks.png"),
    ] = Path("runs/clocks"),
    json: Json = None,
) -> None:
    """Show where every clock of a step goes: predicted by the golden model, measured on the virtual board."""
    samples = network.shaped(source.load())
    titled, tables, configurations = [], [], []
    for ports in memory_ports or (1, 2):
        config = replace(network, memory_ports=ports).of(samples)
        console.print(f"{config}", highlight=False)
        with progress() as report:
            sections = count_clocks(
                config,
                samples,
                epochs=epochs,
                pairs=pairs,
                tests=tests,
                measure=measure,
                progress=report,
                objective=objective,
            )
        titled.append((str(config), sections))
        tables.append(f"{config}:\n\n{clocks_table(sections)}\n\n{savings_table(sections)}\n")
        configurations.append({"configuration": asdict(config), "sections": [s.as_dict() for s in sections]})
    found = {"data": samples.name, "objective": objective, "epochs": epochs, "configurations": configurations}
    write_json(out / "clocks.json", found)
    write_json(json, found)
    write_whole(out / "clocks.md", "\n".join(tables).encode())
    draw_clocks(titled, out / "clocks.png")
    console.print(f"wrote {out}/clocks.json, clocks.md and clocks.png\n")
    print("\n".join(tables))
    wrong = [section.name for _, sections in titled for section in sections if section.equal is False]
    if wrong:
        raise FfpgaError(f"{wrong[0]}: the board's clocks are not as predicted: its core is faulty")


@command
@data_options()
@network_options("layers", "lanes", "fields", "shape", layers="128,128")
def early_stop_command(
    *,
    source: Source,
    network: NetworkOptions,
    objective: Annotated[str, typer.Option(help="contrast or threshold")] = "contrast",
    epochs: Annotated[int, typer.Option(help="passes over the training samples", min=1)] = 5,
    seeds: Annotated[int, typer.Option(help="networks that are trained", min=1)] = 3,
    json: Json = None,
) -> None:
    """Show what ending an inference at a sure first layer would give, which the core does not do."""
    samples = network.shaped(source.load())
    if not samples.classes:
        raise FfpgaError(f"data must have labels, and {samples.name} has none")
    config = network.of(samples)
    with progress() as report:
        found = early_stop(config, samples, seeds=seeds, progress=report, epochs=epochs, objective=objective)
    write_json(json, {"data": samples.name, **found})
    print(early_stop_table(found["lines"]))


@command
def diagrams_command(
    out: Annotated[Path, typer.Option(help="folder for the diagrams and WaveDrom's sources"), folder()] = Path(
        "runs/diagrams"
    ),
) -> None:
    """Draw the diagrams of the documents: blocks, timing from a recording of the simulated core, a training pair."""
    from ..wave.diagrams import make_diagrams

    with console.status("recording the simulated core; building it, unless it is in the cache"):
        written = make_diagrams(out)
    console.print(f"wrote {', '.join(map(str, written))}", soft_wrap=True)


@command
def learning_command(
    run: Annotated[Path, typer.Argument(help="folder that `ffpga train` has left", metavar="RUN")],
    out: Annotated[Path | None, typer.Option(help="PNG file; default: RUN/learning.png"), FILE] = None,
) -> None:
    """Draw a run in one picture: accuracy and clocks, receptive fields, goodness at its beginning and its end."""
    from ..look.learning import draw_learning

    held, path = load_run(run), out or run / "learning.png"
    check_writable(path)
    draw_learning(held, path)
    console.print(f"wrote {path}", soft_wrap=True)


@command
def pictures_command(
    figures: Annotated[Path, typer.Argument(help="folder of stored figures, such as host/results", metavar="FOLDER")],
    out: Annotated[Path, typer.Option(help="folder for the pictures"), folder()] = Path("runs/pictures"),
) -> None:
    """Draw the pictures of stored figures again: accuracy, clocks, link, scaling, tasks."""
    from ..bench.pictures.stored import draw_stored

    out.mkdir(parents=True, exist_ok=True)
    console.print(f"wrote {', '.join(map(str, draw_stored(figures, out)))}", soft_wrap=True)
