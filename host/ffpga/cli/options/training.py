"""Options of a training run: those of `TrainingOptions`."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer

from ...training.black_box import TABLES
from ...training.options import NEGATIVES, OBJECTIVES, PHASES, POLARITIES, ROUNDINGS, TrainingOptions
from . import completion
from .grouped import Command, grouped

#: What `TrainingOptions` are on the command line.
TRAINING = {
    "epochs": "passes over the training samples",
    "objective": "contrast or threshold",
    "negatives": "hard, own, random, host or replay",
    "phases": "paired or separate (threshold only)",
    "block": "samples of a block of separate phases",
    "seed": "of weights, order and dither",
    "rate": "first learning-rate shift u, 8 to 23 (16-bit weights: to 15); with a fraction it grows sooner",
    "gate": "probability below which an update is skipped, 0 to 255; default: 0, with fields 64",
    "theta": "threshold as mean square activity",
    "alpha": "slope of the probability",
    "polarity": "goodness: sum or minus (the sum of squares)",
    "shortlist": "labels that inference evaluates in every layer",
    "rounding": "dither or plain",
    "shift": "the host moves each training image by up to so many pixels",
    "distort": "the host turns, stretches, moves and bends each training image anew: 0 not at all, 1 as is usual",
    "table": "of a black box: identity, staircase, monotone or noisy",
    "time_steps": "of a recurrent network, 1 to 15",
    "contenders": "wrong labels, drawn at random, that contend for a hard or own one; default: all",
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


def _checked(**options: Any) -> dict[str, Any]:
    TrainingOptions(**options)
    return options


def training_options(*without: str) -> Callable[[Command], Command]:
    """Gives a command the options of `TrainingOptions`, but for some, as its argument `options`, a dictionary."""
    types = get_type_hints(TrainingOptions)
    fields = [field for field in dataclasses.fields(TrainingOptions) if field.name not in without]
    return grouped(
        "options", _checked, {f.name: (Annotated[types[f.name], _option(f.name)], f.default) for f in fields}
    )
