"""The long forms: python -m testbenches.trust hostile, microcontroller, lost, fuzz, soak, mutants, coverage."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga import FfpgaError
from ffpga.cli.options.command import command
from ffpga.look.console import write_json

app = typer.Typer(no_args_is_help=True, add_completion=False)
Out = Annotated[Path, typer.Option(help="folder for the figures as JSON")]
Store = Annotated[Path | None, typer.Option(help="file to keep the figures in, too")]
Seed = Annotated[int, typer.Option(help="of everything that is drawn")]


def finish(name: str, out: Path, store: Path | None, figures: dict[str, Any], table: str) -> None:
    """Figures as JSON, their table, status 1 where something is wrong."""
    path = out / f"{name}.json"
    for place in (path, *([store] if store else [])):
        write_json(place, figures)
    print(f"\n{table}\n\nwrote {path}")
    if not figures["right"]:
        raise typer.Exit(1)


@app.callback()
def main() -> None:
    """Long runs that must find nothing; every one ends in a table and a JSON file."""


@app.command("hostile")
@command
def hostile_command(
    epochs: int = 20,
    line: Annotated[str, typer.Option(help="bytes, spi, or both")] = "both",
    seed: Seed = 1,
    out: Out = Path("runs/hostile"),
    store: Store = None,
) -> None:
    """Train the golden device and the virtual board over lines that flip up to a bit in 1,000, and worse."""
    from testbenches.trust.hostile.training import LINES, hostile_runs, hostile_table

    if line not in (*LINES, "both"):
        raise FfpgaError(f"line must be {', '.join(LINES)} or both, not {line!r}")
    figures = hostile_runs(epochs, seed, lines=LINES if line == "both" else (line,))
    finish("hostile", out, store, figures, hostile_table(figures))


@app.command("microcontroller")
@command
def microcontroller_command(
    frames: Annotated[int, typer.Option(help="in all, in both directions")] = 100_000,
    seed: Seed = 1,
    out: Out = Path("runs/microcontroller"),
    store: Store = None,
) -> None:
    """Let the C driver train over lines that flip up to a bit in 1,000, and worse."""
    from testbenches.trust.microcontroller.runs import microcontroller_runs, microcontroller_table

    figures = microcontroller_runs(frames, seed)
    finish("microcontroller", out, store, figures, microcontroller_table(figures))


@app.command("lost")
@command
def lost_command(
    kills: int = 50, resets: int = 50, seed: Seed = 1, out: Out = Path("runs/lost"), store: Store = None
) -> None:
    """Kill training runs and reset devices at random moments; every run must end as if nothing had happened."""
    from testbenches.trust.hostile.lost import lost_runs, lost_table

    figures = lost_runs(out, kills, resets, seed)
    finish("lost", out, store, figures, lost_table(figures))


@app.command("fuzz")
@command
def fuzz_command(
    minutes: Annotated[float, typer.Option(help="in all")] = 30.0,
    only: Annotated[str, typer.Option(help="what has this in its name")] = "",
    out: Out = Path("runs/fuzz"),
    store: Store = None,
) -> None:
    """Let atheris write bytes for devices, driver and files until it finds a fault or time is up."""
    from testbenches.trust.fuzz.runs import fuzz_runs, fuzz_table

    figures = fuzz_runs(minutes, out, only)
    finish("fuzz", out, store, figures, fuzz_table(figures))


@app.command("mutants")
@command
def mutants_command(
    part: Annotated[str, typer.Option(help="hardware, golden, or both")] = "both",
    count: Annotated[int, typer.Option(help="mutants of each configuration of the core")] = 60,
    golden: Annotated[int, typer.Option(help="mutants of the golden model")] = 240,
    only: Annotated[str, typer.Option(help="configurations or files; others stay as they were")] = "",
    sources: Annotated[str, typer.Option(help="of the core: what files with this in their path made")] = "",
    seed: Seed = 1,
    out: Out = Path("runs/mutants"),
    store: Store = None,
) -> None:
    """Put small faults into the core and into the golden model, and count how many the tests notice."""
    from testbenches.trust.mutants.golden import golden_mutants
    from testbenches.trust.mutants.score import CASES, hardware_mutants, joined, mutants_table

    figures: dict[str, Any] = {}
    if part != "golden":
        names = [name for name in CASES if not only or name in only.split(",")]
        chosen = [source for source in sources.split(",") if source]
        figures["hardware"] = hardware_mutants(names, count, seed, sources=chosen)
    if part != "hardware":
        figures["golden"] = golden_mutants(golden, seed, only=only)
    stored = json.loads(store.read_text()) if store is not None and store.exists() else {}
    for name, found in figures.items():
        kept = out / f"{name}.json"
        figures[name] = joined(found, json.loads(kept.read_text()) if kept.exists() else stored.get(name), name)
        write_json(kept, figures[name])
    figures = {**stored, **figures}
    figures["right"] = all(found["right"] for name, found in figures.items() if name != "right")
    tables = [f"{name}\n\n{mutants_table(found)}" for name, found in figures.items() if name != "right"]
    finish("mutants", out, store, figures, "\n\n".join(tables))


@app.command("coverage")
@command
def coverage_command(
    states: Annotated[bool, typer.Option(help="also watch the states of the virtual board's machines")] = True,
    out: Out = Path("runs/coverage"),
) -> None:
    """List what happens in the conversations that the whole chip has in the tests, and what never does."""
    from testbenches.trust.coverage.points import coverage, coverage_table, with_states
    from testbenches.trust.coverage.states import NAMES, all_stalled_states

    figures = coverage()
    if states:
        figures = with_states(figures, all_stalled_states(NAMES))
    finish("coverage", out, None, figures, coverage_table(figures))


@app.command("soak")
@command
def soak_command(
    minutes: Annotated[float, typer.Option(help="how long, once the boards are built")] = 60.0,
    only: Annotated[str, typer.Option(help="configurations with this in their name")] = "",
    turn: Annotated[int, typer.Option(help="to begin with; each depends on the seed and its number alone")] = 0,
    seed: Seed = 1,
    out: Out = Path("runs/soak"),
    store: Store = None,
) -> None:
    """Say random commands, good and bad, to virtual boards and golden devices until time is up or they differ."""
    from testbenches.trust.soak.runs import CASES, soak, soak_table

    cases = {name: case for name, case in CASES.items() if only in name}
    if not cases:
        raise FfpgaError(f"only must be part of one of {', '.join(CASES)}, not {only!r}")
    keep = partial(write_json, out / "soak.json")
    figures = soak(cases, seed=seed, seconds=60 * minutes, first=turn, keep=keep)
    finish("soak", out, store, figures, soak_table(figures))


if __name__ == "__main__":
    app()
