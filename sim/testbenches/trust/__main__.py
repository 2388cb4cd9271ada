"""The long forms: python -m testbenches.trust hostile, lost, fuzz, mutants, coverage."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga.console import write_json

app = typer.Typer(no_args_is_help=True, add_completion=False)
Out = Annotated[Path, typer.Option(help="folder for the figures as JSON")]
Seed = Annotated[int, typer.Option(help="of everything that is drawn")]


def finish(name: str, out: Path, figures: dict[str, Any], table: str) -> None:
    """Figures as JSON, their table, status 1 where something is wrong."""
    path = out / f"{name}.json"
    write_json(path, figures)
    print(f"\n{table}\n\nwrote {path}")
    if not figures["right"]:
        raise typer.Exit(1)


@app.callback()
def main() -> None:
    """Long runs that must find nothing; every one ends in a table and a JSON file."""


@app.command("hostile")
def hostile_command(epochs: int = 8, seed: Seed = 1, out: Out = Path("runs/hostile")) -> None:
    """Train the golden device and the virtual board over lines that flip up to a bit in 1,000, and worse."""
    from .hostile_line import hostile_runs, hostile_table

    figures = hostile_runs(epochs, seed)
    finish("hostile", out, figures, hostile_table(figures))


@app.command("lost")
def lost_command(kills: int = 50, resets: int = 50, seed: Seed = 1, out: Out = Path("runs/lost")) -> None:
    """Kill training runs and reset devices at random moments; every run must end as if nothing had happened."""
    from .lost import lost_runs, lost_table

    figures = lost_runs(out, kills, resets, seed)
    finish("lost", out, figures, lost_table(figures))


@app.command("fuzz")
def fuzz_command(
    minutes: Annotated[float, typer.Option(help="in all")] = 30.0,
    only: Annotated[str, typer.Option(help="what has this in its name")] = "",
    out: Out = Path("runs/fuzz"),
) -> None:
    """Let atheris write bytes for devices, driver and files until it finds a fault or time is up."""
    from .fuzz_long import fuzz_runs, fuzz_table

    figures = fuzz_runs(minutes, out, only)
    finish("fuzz", out, figures, fuzz_table(figures))


@app.command("mutants")
def mutants_command(
    part: Annotated[str, typer.Option(help="hardware, golden, or both")] = "both",
    count: Annotated[int, typer.Option(help="mutants of each configuration of the core")] = 60,
    golden: Annotated[int, typer.Option(help="mutants of the golden model")] = 240,
    only: Annotated[str, typer.Option(help="configurations or files; others stay as they were")] = "",
    seed: Seed = 1,
    out: Out = Path("runs/mutants"),
    keep: Annotated[Path | None, typer.Option(help="file to keep the figures in, too")] = None,
) -> None:
    """Put small faults into the core and into the golden model, and count how many the tests notice."""
    from .golden_mutants import golden_mutants
    from .mutants import CASES, hardware_mutants, joined, mutants_table

    figures: dict[str, Any] = {}
    if part != "golden":
        names = [name for name in CASES if not only or name in only.split(",")]
        figures["hardware"] = hardware_mutants(names, count, seed)
    if part != "hardware":
        figures["golden"] = golden_mutants(golden, seed, only=only)
    for name, found in figures.items():
        figures[name] = joined(found, out / f"{name}.json", name)
        write_json(out / f"{name}.json", figures[name])
    figures["right"] = all(found["right"] for found in figures.values())
    if keep is not None:
        write_json(keep, figures)
    tables = [f"{name}\n\n{mutants_table(found)}" for name, found in figures.items() if name != "right"]
    finish("mutants", out, figures, "\n\n".join(tables))


@app.command("coverage")
def coverage_command(
    states: Annotated[bool, typer.Option(help="also watch the states of the virtual board's machines")] = True,
    out: Out = Path("runs/coverage"),
) -> None:
    """List what happens in the conversations that the whole chip has in the tests, and what never does."""
    from .coverage import coverage, coverage_table, with_states
    from .states import NAMES, all_stalled_states

    figures = coverage()
    if states:
        figures = with_states(figures, all_stalled_states(NAMES))
    finish("coverage", out, figures, coverage_table(figures))


if __name__ == "__main__":
    app()
