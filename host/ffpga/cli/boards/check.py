"""The command `ffpga synth-check`: the boards' own networks, and some others, against the figures that are stored."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ...errors import FfpgaError
from ...look.console import console
from ..options.command import command
from ..options.completion import words
from .synth import BOARD_NAMES, make_bitstream, mendable

#: Names of what figures are kept of: the boards' own networks, and others.
BUILD_NAMES = (*BOARD_NAMES, "icebreaker-spi", "icebreaker-few-bits", "icebreaker-recurrent")


@command
def synth_check_command(
    board: Annotated[
        str | None,
        typer.Option(
            help=f"only this board, or {', '.join(BUILD_NAMES[len(BOARD_NAMES) :])}; default: all",
            autocompletion=words(*BUILD_NAMES),
        ),
    ] = None,
    store: Annotated[bool, typer.Option("--store", help="keep what is found as the new figures")] = False,
    seed: Annotated[int | None, typer.Option(help="of placement; default: the stored one, else 1")] = None,
    figures: Annotated[
        Path | None, typer.Option(help="figures.json of a run of `ffpga synth`, in place of a new run")
    ] = None,
) -> None:
    """Make the boards' bitstreams and compare with the stored figures; status 1 where one is worse.

    Cells may grow and the clock may fall by 5 %; block RAMs, multipliers and SPRAMs may not grow. Where the hash of the
    bitstream is stored, too, it says whether the bitstream is the same.
    """
    if board is None and (store or figures is not None or seed is not None):
        option = "store" if store else "figures" if figures is not None else "seed"
        raise FfpgaError(f"--{option} needs a --board: each has its own figures")
    if seed is not None and not store:
        raise FfpgaError("--seed needs --store: figures are compared with those of the stored seed")
    if seed is not None and figures is not None:
        raise FfpgaError("--seed must not come with --figures, which have theirs")

    with mendable():
        from ffpga_hw.flow import stored

        if board is not None and board not in stored.BUILDS:
            raise ValueError(f"board must be one of {', '.join(stored.BUILDS)}, not {board!r}")
        chosen = list(stored.BUILDS.values()) if board is None else [stored.BUILDS[board]]
        table = stored.load()
    if board is not None and not store and table[board] is None:
        raise FfpgaError(f"{board} has no stored figures: make them with ffpga synth-check --board {board} --store")
    faults = []
    for made in chosen:
        kept = table[made.name]
        if kept is None and not store:
            console.print(f"{made.name}: no figures stored", soft_wrap=True)
            continue
        found = _run(made, seed) if figures is None else _read(figures)
        if store:
            _store(made, found)
            console.print(f"{made.name}: stored {_line(found)}", soft_wrap=True)
        elif kept is not None:
            with mendable():
                stored.check_request(made, found)
            if found["seed"] != kept["seed"]:
                raise FfpgaError(f"figures must be of seed {kept['seed']}, the stored one, not {found['seed']}")
            worse = stored.compare(made, kept, found)
            faults += worse
            told = [f"{made.name}: {'worse' if worse else 'kept'}", _line(found), stored.origin(kept, found)]
            console.print(", ".join(filter(None, told)), soft_wrap=True)
    for fault in faults:
        console.print(f"[bold red]worse[/] {fault}", soft_wrap=True)
    if faults:
        raise typer.Exit(1)


def _run(made: Any, seed: int | None) -> dict[str, Any]:
    from ffpga_hw.flow.stored import default_seed
    from ffpga_hw.flow.synth import default_folder

    seed = default_seed(made.board, made.config) if seed is None else seed
    return make_bitstream(made.board, made.config, default_folder(made.board, made.config, seed), seed)


def _store(made: Any, found: dict[str, Any]) -> None:
    from ffpga_hw.flow import stored

    try:
        with mendable():
            stored.store(made, found)
    except OSError as error:
        raise FfpgaError(f"cannot write {stored.PATH} ({error.strerror}): work in a copy of the project") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise FfpgaError(f"figures {path} must be a file ({error.strerror}): make it with ffpga synth") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise FfpgaError(f"figures {path} must be JSON: take the figures.json of ffpga synth")
    return found


def _line(figures: dict[str, Any]) -> str:
    from ffpga_hw.flow.stored import STORED

    return ", ".join(f"{name} {figures[name]:,}" if name != "seed" else f"seed {figures[name]}" for name in STORED)
