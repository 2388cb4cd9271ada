"""The long forms: python -m testbenches.trust hostile, lost, fuzz, soak."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga import FfpgaError
from ffpga.console import command, write_json

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
@command
def hostile_command(epochs: int = 8, seed: Seed = 1, out: Out = Path("runs/hostile")) -> None:
    """Train the golden device and the virtual board over lines that flip up to a bit in 1,000, and worse."""
    from .hostile_line import hostile_runs, hostile_table

    figures = hostile_runs(epochs, seed)
    finish("hostile", out, figures, hostile_table(figures))


@app.command("lost")
@command
def lost_command(kills: int = 50, resets: int = 50, seed: Seed = 1, out: Out = Path("runs/lost")) -> None:
    """Kill training runs and reset devices at random moments; every run must end as if nothing had happened."""
    from .lost import lost_runs, lost_table

    figures = lost_runs(out, kills, resets, seed)
    finish("lost", out, figures, lost_table(figures))


@app.command("fuzz")
@command
def fuzz_command(
    minutes: Annotated[float, typer.Option(help="in all")] = 30.0,
    only: Annotated[str, typer.Option(help="what has this in its name")] = "",
    out: Out = Path("runs/fuzz"),
) -> None:
    """Let atheris write bytes for devices, driver and files until it finds a fault or time is up."""
    from .fuzz_long import fuzz_runs, fuzz_table

    figures = fuzz_runs(minutes, out, only)
    finish("fuzz", out, figures, fuzz_table(figures))


@app.command("soak")
@command
def soak_command(
    minutes: Annotated[float, typer.Option(help="how long, once the boards are built")] = 60.0,
    only: Annotated[str, typer.Option(help="configurations with this in their name")] = "",
    turn: Annotated[int, typer.Option(help="to begin with; each depends on the seed and its number alone")] = 0,
    seed: Seed = 1,
    out: Out = Path("runs/soak"),
) -> None:
    """Say random commands, good and bad, to virtual boards and golden devices until time is up or they differ."""
    from .soak import CASES, soak, soak_table

    cases = {name: case for name, case in CASES.items() if only in name}
    if not cases:
        raise FfpgaError(f"only must be part of one of {', '.join(CASES)}, not {only!r}")
    figures = soak(cases, seed=seed, seconds=60 * minutes, first=turn)
    finish("soak", out, figures, soak_table(figures))


if __name__ == "__main__":
    app()
