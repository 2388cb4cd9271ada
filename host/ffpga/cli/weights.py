"""The commands `ffpga save`, `restore`, `export` and `import`: weights from a board and back, as numbers and back."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..driver.lines import is_board
from ..driver.opening import open_device
from ..driver.serial_port import BAUD
from ..errors import FfpgaError
from ..files import FILE
from ..look.console import console
from ..training.checkpoint import Checkpoint, load_checkpoint, weights_sha256
from ..training.floats import export_floats, import_floats
from .options.command import command
from .options.shared import Baud, Target


@command
def save_command(
    target: Target,
    out: Annotated[Path, typer.Option(help="checkpoint.npz to write"), FILE],
    like: Annotated[
        Path | None, typer.Option(help="checkpoint that the board began with: its fields, coding, names of classes")
    ] = None,
    baud: Baud = BAUD,
) -> None:
    """Read a board's weights and registers into a checkpoint: a board forgets them when its power goes."""
    held = None if like is None else load_checkpoint(like)
    if not is_board(target):
        raise FfpgaError(
            f"target {target} begins anew with each command, so there is nothing to save: name serial:PORT or spi:URL"
        )
    config, order = (None, None) if held is None else (held.config, held.order)
    epoch, prepared = (0, None) if held is None else (held.epoch, held.prepared)
    with open_device(target, config, order=order, baud=baud) as device:
        found = Checkpoint.of(device, epoch, prepared=prepared)
    found.save(out)
    console.print(f"wrote {out}: {found.config}, weights {weights_sha256(found.weights)}", soft_wrap=True)


@command
def restore_command(
    target: Target,
    checkpoint: Annotated[Path, typer.Option(help="checkpoint.npz, of ffpga train, save or import")],
    baud: Baud = BAUD,
) -> None:
    """Write a checkpoint's weights and registers to a board, and read them back; it goes on from there."""
    held = load_checkpoint(checkpoint)
    config = None if is_board(target) and not held.config.fields else held.config
    with open_device(target, config, order=held.order, baud=baud) as device:
        held.restore(device)
        again = device.read_weights()
    if not all(np.array_equal(one, other) for one, other in zip(again, held.weights, strict=True)):
        raise FfpgaError(f"{target} does not hold the weights that were written: its bitstream or its line is faulty")
    console.print(f"{target} holds {checkpoint}: {held.config}, weights {weights_sha256(again)}", soft_wrap=True)


@command
def export_command(
    checkpoint: Annotated[Path, typer.Option(help="checkpoint.npz of a training run")],
    out: Annotated[Path, typer.Option(help=".npz file to write"), FILE],
) -> None:
    """Write a checkpoint's weights as float32 arrays, with names for rows and classes."""
    export_floats(load_checkpoint(checkpoint), out)
    console.print(f"wrote {out}", soft_wrap=True)


@command
def import_command(
    weights: Annotated[Path, typer.Option(help=".npz file of arrays such as ffpga export writes")],
    like: Annotated[Path, typer.Option(help="checkpoint of the network that they are for: sizes, registers, coding")],
    out: Annotated[Path, typer.Option(help="checkpoint.npz to write"), FILE],
) -> None:
    """Make a checkpoint of float weights, rounded to those of the device."""
    found, held = import_floats(weights, load_checkpoint(like))
    found.save(out)
    total = found.config.weights
    console.print(f"wrote {out}: {found.config}; {held:,} of {total:,} weights were held at a limit", soft_wrap=True)
