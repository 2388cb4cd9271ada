"""The commands from a network to a board: `ffpga synth` makes a bitstream, `ffpga flash` writes it."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga_golden.config import NetworkConfig

from ...data.dataset import square
from ...driver.serial_port import BAUD
from ...errors import FfpgaError
from ...files import check_folder, folder
from ...look.console import Report, console, progress, show, write_json
from ..options import completion
from ..options.command import command
from ..options.network import FieldsOption, ShapeOption, fields_of, parse_layers
from ..options.shared import Json

#: Names of the boards, which are known without Amaranth only here.
BOARD_NAMES = (
    "icebreaker",
    "upduino-v3",
    "icesugar",
    "ulx3s-25f",
    "ulx3s-45f",
    "ulx3s-85f",
    "ecpix5-85f",
    "orangecrab-25f",
    "colorlight-i5",
    "colorlight-i9",
    "tangnano9k",
    "tangnano20k",
    "tangprimer25k",
)
BoardName = Annotated[
    str,
    typer.Option(
        help=f"{', '.join(BOARD_NAMES[:-1])} or {BOARD_NAMES[-1]}", autocompletion=completion.words(*BOARD_NAMES)
    ),
]

#: Status of a run whose design is too slow for the board's clock.
TIMING_NOT_MET = 3


@command
def synth_command(
    board: BoardName,
    features: Annotated[int | None, typer.Option(help="inputs, 1 to 1,000; default: the board's network")] = None,
    classes: Annotated[int | None, typer.Option(help="labels, 2 to 32, or 0; default: the board's network")] = None,
    layers: Annotated[str | None, typer.Option(help="widths of the layers; default: the board's network")] = None,
    lanes: Annotated[int | None, typer.Option(help="neurons side by side; default: the board's network")] = None,
    weight_bits: Annotated[int | None, typer.Option(help="8 or 16; default: the board's network")] = None,
    fields: FieldsOption = None,
    shape: ShapeOption = None,
    recurrent: Annotated[
        bool | None,
        typer.Option(
            "--recurrent/--no-recurrent",
            help="each layer also sees the one above, a time step ago; default: the board's network",
        ),
    ] = None,
    few_bits: Annotated[
        bool | None,
        typer.Option("--few-bits/--no-few-bits", help="samples in few bits, too; default: the board's network"),
    ] = None,
    line: Annotated[
        str, typer.Option(help="between pins and core: uart or spi", autocompletion=completion.words("uart", "spi"))
    ] = "uart",
    clock: Annotated[
        float | None, typer.Option(help="MHz of the core, one that the board has; default: the fastest that it meets")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="of placement; default: the stored one, else 1, then further ones"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder for all files; default: build/synth/BOARD-..."), folder()
    ] = None,
    json: Json = None,
) -> None:
    """Make a board's bitstream; status 3 where the design is too slow for the board's clock.

    Without --seed up to 4 seeds are tried until the design is fast enough, then as many with the board's slower clock,
    where it has one; if none is, the fastest one counts. One that cannot be routed is passed over.
    """
    made = find_board(board, line)
    if clock is not None:
        with mendable():
            made = made.with_clock(clock)
    asked: dict[str, Any] = dict(
        features=features, classes=classes, lanes=lanes, weight_bits=weight_bits, recurrent=recurrent,
        few_bits=few_bits,
    )  # fmt: skip
    if layers is not None:
        asked["layers"] = parse_layers(layers)
    sizes = {name: value for name, value in asked.items() if value is not None}
    config = _sized(made.preset, sizes, fields, shape)

    made, figures = _fastest(made, config, out, seed)
    write_json(json, figures)
    show("made", _summary(figures))
    if made.baud != BAUD and made.line == "uart":
        console.print(f"its serial line runs at {made.baud:,} bits a second, which a host tries, too", soft_wrap=True)
    if made.note:
        console.print(f"{made.title}: {made.note}", soft_wrap=True)
    if not figures["timing_met"]:
        slower = f", --clock {made.slower.clock_hz / 1e6:g}" if made.slower else ""
        console.print(
            f"[bold red]too slow[/] the design reaches {figures['fmax_mhz']:.1f} MHz, and the board's clock is "
            f"{figures['target_mhz']:g} MHz ({figures['critical_path']}): try another --seed{slower} or fewer lanes",
            soft_wrap=True,
        )
        raise typer.Exit(TIMING_NOT_MET)
    console.print(f"next: ffpga flash --board {board} --bitstream {figures['bitstream']}", soft_wrap=True)


def _fastest(made: Any, config: NetworkConfig, out: Path | None, seed: int | None) -> tuple[Any, dict[str, Any]]:
    """The board with the fastest of its clocks that the design meets, else the slowest, and the figures.

    With a seed that is asked for there is one placement.
    """
    from ffpga_hw.flow.placement import TRIES
    from ffpga_hw.flow.stored import default_seed, stored_clock
    from ffpga_hw.flow.synth import default_folder

    if seed is not None:
        return made, make_bitstream(made, config, out or default_folder(made, config, seed), seed)
    with mendable():
        made = stored_clock(made, config)
    while True:
        with mendable():
            first = default_seed(made, config)
        figures = make_bitstream(made, config, out or default_folder(made, config, first), first, tries=TRIES)
        if figures["timing_met"] or made.slower is None:
            return made, figures
        console.print(
            f"{made.clock_hz / 1e6:g} MHz missed: {figures['fmax_mhz']:.1f} MHz reached, "
            f"trying {made.slower.clock_hz / 1e6:g} MHz",
            soft_wrap=True,
        )
        made = made.slower


def _sized(preset: NetworkConfig, sizes: dict[str, Any], fields: str | None, shape: str | None) -> NetworkConfig:
    """A board's network in other sizes; its fields stay with its own features and layers, where it is not recurrent."""
    own = not {"features", "layers"} & sizes.keys() and not sizes.get("recurrent")
    if fields is None and shape is None and own:
        return replace(preset, **sizes)
    sized = {"features": preset.features, "layers": preset.layers, **sizes}
    seen = fields_of(fields, shape, sized["features"], len(sized["layers"]), square(sized["features"]))
    return replace(preset, **sizes, fields=seen)


@command
def flash_command(
    board: BoardName,
    bitstream: Annotated[
        Path | None, typer.Option(help="what `ffpga synth` made; default: what it made last for the board")
    ] = None,
) -> None:
    """Write a bitstream to a board's flash."""
    made = find_board(board)
    if bitstream is None:
        bitstream = _last(made)
    if not bitstream.is_file():
        raise FfpgaError(f"bitstream {bitstream} must be a file: make it with ffpga synth --board {board}")
    if not made.loader:
        raise FfpgaError(
            f"{made.title} must be written by a copy of {bitstream} to its USB drive {made.drive}: openFPGALoader does "
            "not know it"
        )
    loader = shutil.which("openFPGALoader")
    if loader is None:
        raise FfpgaError(
            "flash needs openFPGALoader on the PATH: install the package openfpgaloader (Debian, Ubuntu, Fedora, "
            "Homebrew), or write the file with another programmer"
        )
    done = subprocess.run([loader, *made.loader, "-f", str(bitstream)], check=False)
    if done.returncode:
        raise FfpgaError(
            f"openFPGALoader ended with status {done.returncode}: check the cable, the power, and that {made.title} "
            "is the board"
        )
    console.print(f"wrote {bitstream} to {made.title}")


def _last(made: Any) -> Path:
    """The bitstream that was made last for a board; says which one it is."""
    from ffpga_hw.flow.synth import BUILDS, last_build

    found = last_build(made)
    if found is None:
        raise FfpgaError(
            f"{made.name} has no bitstream in {BUILDS}: make it with ffpga synth --board {made.name}, or name one with "
            "--bitstream"
        )
    bitstream, figures = found
    when = datetime.fromtimestamp(bitstream.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
    config, line = NetworkConfig.from_json(dumps(figures["configuration"])), figures.get("line", "uart")
    console.print(f"{bitstream}, made {when}: {config}, line {line}", soft_wrap=True)
    if not figures["timing_met"]:
        console.print(f"[bold red]too slow[/] it reaches {figures['fmax_mhz']} MHz of {figures['target_mhz']:g}")
    return bitstream


@contextmanager
def mendable() -> Iterator[None]:
    """Makes what `ffpga_hw` refuses about boards, and its absence, an FfpgaError."""
    try:
        yield
    except ImportError as error:
        raise FfpgaError(f"boards need {error.name or error}: pip install 'ffpga[fpga]'") from None
    except ValueError as error:
        raise FfpgaError(str(error)) from None


def find_board(name: str, line: str = "uart") -> Any:
    """A board by its name, behind a line."""
    with mendable():
        from ffpga_hw.boards.table import board

        return board(name).with_line(line)


def make_bitstream(made: Any, config: NetworkConfig, place: Path, seed: int, *, tries: int = 1) -> dict[str, Any]:
    """`ffpga_hw.flow.synth.synthesise` with a bar, or a line a stage; what a user can mend is an FfpgaError."""
    from ffpga_hw.flow.fit import check_fit
    from ffpga_hw.flow.netlist import NetlistError
    from ffpga_hw.flow.synth import DoesNotFit, synthesise
    from ffpga_hw.flow.tools import MissingTool, ToolFailure

    with mendable():
        check_fit(made, config)
    check_folder(place)
    clock = f"{made.clock_hz / 1e6:g} MHz"
    console.print(f"{config}\non {made.title}, {made.chip.name} at {clock}; files in {place}", soft_wrap=True)

    def missed(seed: int, mhz: float, following: int) -> None:
        found = f"reaches {mhz:.1f} MHz of {clock}" if mhz else "cannot be routed"
        console.print(f"seed {seed} {found}: trying seed {following}", soft_wrap=True)

    try:
        with progress() as bar:
            report = bar if console.is_terminal else _lines()
            return synthesise(made, config, place, seed, report, tries=tries, missed=missed)
    except (DoesNotFit, MissingTool, ToolFailure, NetlistError) as error:
        raise FfpgaError(str(error)) from None
    except OSError as error:
        raise FfpgaError(f"cannot write to {place} ({error.strerror}): choose another place") from None


def _lines() -> Report:
    """Where there is no terminal: a line for each stage, and one a minute of what a long one is at."""
    stage, said = "", 0.0

    def report(text: str, done: int, total: int) -> None:
        nonlocal stage, said
        now = time.monotonic()
        if (name := text.partition(":")[0]) != stage or now - said > 60:
            console.print(f"{text} ({done + 1} of {total})", soft_wrap=True)
            stage, said = name, now

    return report


def _summary(figures: dict[str, Any]) -> dict[str, str]:
    """The figures as a table's rows."""
    words = {"cells": "logic cells", "bram": "block RAMs", "dsp": "multipliers", "spram": "SPRAMs"}
    used = {
        word: f"{figures[name]:,} of {figures[f'{name}_total']:,}"
        for name, word in words.items()
        if figures[f"{name}_total"]
    }
    return {
        **used,
        "clock": f"{figures['fmax_mhz']:.1f} MHz of {figures['target_mhz']:g}",
        "slowest path": figures["critical_path"],
        "seconds": f"{sum(figures['seconds'].values()):.0f}",
        "bitstream": figures["bitstream"],
    }
