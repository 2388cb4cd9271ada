"""The commands of `ffpga bench` that draw the pictures of the documents."""

from pathlib import Path
from typing import Annotated

import typer

from ..files import FILE, check_writable, folder
from ..look.console import command, console
from ..record.run_record import load_run


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


#: Under `ffpga bench`.
PICTURES = {"diagrams": diagrams_command, "learning": learning_command}
