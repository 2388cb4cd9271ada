"""The command `ffpga bench`: what each board's network takes of time, line and energy, as Markdown tables."""

from typing import Annotated, Any

import typer

from .arguments import Json
from .bench import Counts, count, energy_table, figures, line_table, shortened, speed_table
from .cli_synth import find_board, mendable
from .console import command, console, epoch_line, progress, write_json
from .datasets import load_dataset


@command
def bench_command(
    data: Annotated[str, typer.Option(help="mnist:DIRECTORY, or other data of the boards' 784 features")],
    board: Annotated[list[str] | None, typer.Option(help="a board, may be repeated; default: all")] = None,
    epochs: Annotated[int, typer.Option(help="passes over the training samples")] = 5,
    samples: Annotated[int | None, typer.Option(help="only the first so many to train", min=1)] = None,
    tests: Annotated[int | None, typer.Option(help="only the first so many to test", min=1)] = None,
    json: Json = None,
) -> None:
    """Show what the boards' networks take: clocks counted by the golden model, the serial line, energy estimated."""
    with mendable():
        from ffpga_hw.boards import BAUD, BOARDS

        chosen = [find_board(name) for name in board or BOARDS]
    whole = load_dataset(data)
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
        rows.append(figures(made, counted[made.preset], held, BAUD, made.chip.cells))
    write_json(json, {"data": whole.name, "epochs": epochs, "baud": BAUD, "boards": rows})
    for table in (speed_table(rows), line_table(rows[0], BAUD), energy_table(rows)):
        if table:
            print(f"\n{table}")
