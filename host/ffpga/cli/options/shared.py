"""Options that many commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ...files import FILE
from ...wave.waveform import Waveform
from . import completion
from .grouped import Command, grouped

Target = Annotated[str, typer.Option(help="golden, sim, serial:PORT or spi:URL", autocompletion=completion.targets)]
Samples = Annotated[int | None, typer.Option(help="only the first so many to train", min=1)]
Tests = Annotated[int | None, typer.Option(help="only the first so many to test", min=1)]
Baud = Annotated[
    int,
    typer.Option(
        help="bits a second of a board's line; a serial one is tried at the boards' other rate, too",
        min=1,
        metavar="BITS",
    ),
]
Json = Annotated[Path | None, typer.Option(help="write the figures to this file"), FILE]

_Wave = Annotated[Path | None, typer.Option(help="record steps as this FST file (target sim)"), FILE]
_WaveSteps = Annotated[str, typer.Option(help="steps to record, FIRST:LAST, counted from 1")]


def _waveform(wave: Path | None, wave_steps: str) -> Waveform | None:
    return None if wave is None else Waveform.parse(wave, wave_steps)


def waveform_options() -> Callable[[Command], Command]:
    """Gives a command `--wave` and `--wave-steps` as its argument `waveform`; None where nothing is recorded."""
    return grouped("waveform", _waveform, {"wave": (_Wave, None), "wave_steps": (_WaveSteps, "1:3")})
