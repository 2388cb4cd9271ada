"""Options that several commands have, and what their texts mean."""

import dataclasses
import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset
from ..errors import FfpgaError
from ..files import FILE
from ..training.black_box import TABLES
from ..training.options import NEGATIVES, OBJECTIVES, PHASES, POLARITIES, ROUNDINGS, TrainingOptions
from . import completion

Layers = Annotated[str, typer.Option(help="widths of the 1 to 4 layers")]
Lanes = Annotated[int, typer.Option(help="neurons side by side, 1 to 64")]
WeightBits = Annotated[int, typer.Option(help="8 or 16")]
MemoryPorts = Annotated[int, typer.Option(help="ports of the weight memory, 1 or 2")]
BlackBox = Annotated[bool, typer.Option("--black-box", help="a table of bytes between the layers, loaded at run time")]
Recurrent = Annotated[bool, typer.Option("--recurrent", help="each layer also sees the one above, a time step ago")]
Target = Annotated[str, typer.Option(help="golden, sim or serial:PORT", autocompletion=completion.targets)]
Data = Annotated[
    str, typer.Option(help="digits, mnist:DIRECTORY, FILE.npz or FILE.csv", autocompletion=completion.data)
]
Wave = Annotated[Path | None, typer.Option(help="record steps as this FST file (target sim)"), FILE]
WaveSteps = Annotated[str, typer.Option(help="steps to record, FIRST:LAST, counted from 1")]
Json = Annotated[Path | None, typer.Option(help="write the figures to this file"), FILE]


def parse_layers(text: str) -> tuple[int, ...]:
    """Widths from ``64,64``."""
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise FfpgaError(f"layers must be widths with commas between them, such as 64,64, not {text!r}") from None


def configuration(
    data: Dataset, layers: str, lanes: int, weight_bits: int, memory_ports: int, black_box: bool, recurrent: bool
) -> NetworkConfig:
    """The configuration for a data set."""
    return NetworkConfig(
        features=data.features,
        classes=data.classes,
        layers=parse_layers(layers),
        lanes=lanes,
        weight_bits=weight_bits,
        memory_ports=memory_ports,
        black_box=black_box,
        recurrent=recurrent,
    )


#: What `TrainingOptions` are on the command line.
TRAINING = {
    "epochs": "passes over the training samples",
    "objective": "contrast or threshold",
    "negatives": "hard, own, random, host or replay",
    "phases": "paired or separate (threshold only)",
    "block": "samples of a block of separate phases",
    "seed": "of weights, order and dither",
    "rate": "first learning-rate shift u, 8 to 23 (16-bit weights: to 15)",
    "gate": "probability below which an update is skipped, 0 to 255",
    "theta": "threshold as mean square activity",
    "alpha": "slope of the probability",
    "polarity": "goodness: sum or minus (the sum of squares)",
    "shortlist": "labels that inference evaluates in every layer",
    "rounding": "dither or plain",
    "shift": "the host moves each training image by up to so many pixels",
    "table": "of a black box: identity, staircase, monotone or noisy",
    "time_steps": "of a recurrent network, 1 to 15",
}

#: The words that some of them take.
CHOICES: dict[str, tuple[str, ...]] = {
    "objective": tuple(OBJECTIVES),
    "negatives": tuple(NEGATIVES),
    "phases": PHASES,
    "polarity": tuple(POLARITIES),
    "rounding": tuple(ROUNDINGS),
    "table": tuple(TABLES),
}


def _option(name: str) -> Any:
    choices = CHOICES.get(name)
    return typer.Option(help=TRAINING[name], autocompletion=completion.words(*choices) if choices else None)


def training_options(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the options of `TrainingOptions`, but for some, as its argument `options`."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        types = get_type_hints(TrainingOptions)
        fields = [field for field in dataclasses.fields(TrainingOptions) if field.name not in without]
        added = {f.name: Annotated[types[f.name], _option(f.name)] for f in fields}

        @wraps(function)
        def wrapped(**given: Any) -> None:
            options = {name: given.pop(name) for name in added}
            TrainingOptions(**options)
            function(options=options, **given)

        own = [p for p in inspect.signature(function).parameters.values() if p.name != "options"]
        kind = inspect.Parameter.KEYWORD_ONLY
        more = [inspect.Parameter(f.name, kind, default=f.default, annotation=added[f.name]) for f in fields]
        parameters = [p.replace(kind=kind) for p in (*own[:-1], *more, *own[-1:])]
        wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapped

    return decorate
