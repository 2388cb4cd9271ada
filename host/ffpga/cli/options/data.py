"""Options that say which data, and how they are read: those of `data.loading.Reading`."""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import numpy as np
import typer

from ...coding.choice import CODINGS
from ...coding.kinds import KINDS
from ...data.dataset import Dataset
from ...data.loading import SOURCES, Reading, load_dataset, load_samples, read
from ...data.preparation import Preparation, class_names
from ...data.preparing import Samples
from ...errors import FfpgaError
from ...look.console import console
from ...series.windows import FEATURES
from ...training.checkpoint import Checkpoint
from . import completion
from .grouped import Command, grouped

#: The default of an option that must be given.
REQUIRED = inspect.Parameter.empty

#: What `Reading` is on the command line.
READING = {
    "coding": f"from numbers to u8: {CODINGS}; default: pixels where the data are u8, else auto",
    "label": "the label's column, name or number from 1; default: label, else the last one",
    "group": "column of users, devices, days: none of them is both in training and in test",
    "window": "make samples of a recording, of so many rows each",
    "hop": "rows from the beginning of a window to that of the next one; default: half of it",
    "features": "of a window: raw or spectrum",
    "unit": "what the recording has where one unit was measured, such as 4096; of spectra",
    "input_bits": "bits of an input, 8, 4, 2 or 1: fewer lose values, and are fewer bytes on the line",
    "held_out": "share of the samples, or groups, to test where the data have no test part",
}
_WORDS = {"coding": ("auto", *KINDS), "features": FEATURES}


@dataclass(frozen=True)
class Source:
    """Data that a command was given, and how they are read."""

    data: str
    reading: Reading

    def load(self, prepared: Preparation | None = None, quiet: bool = False) -> Dataset:
        """The data set, coded as a checkpoint's samples where one is given; what was found on reading is shown."""
        found = load_dataset(self.data, prepared=prepared, **asdict(self.reading))
        for note in () if quiet else found.notes:
            console.print(f"note: {note}", soft_wrap=True, markup=False)
        return found

    def load_for(self, held: Checkpoint, path: Path) -> Dataset:
        """The data set, coded as the samples that a checkpoint was trained on.

        Raises
        ------
        FfpgaError
            The checkpoint does not say how, and the data are no u8.
        """
        found = self.load(held.prepared)
        if held.prepared is None and found.prepared is not None and found.prepared.coding.kind != "pixels":
            raise not_coded(path)
        return found

    def samples(self, held: Checkpoint, path: Path) -> tuple[Samples, tuple[str, ...]]:
        """All samples, coded as those that a checkpoint was trained on, and the names of its classes.

        Raises
        ------
        FfpgaError
            They have other features, or are no u8 where the checkpoint does not say how to code them.
        """
        config = held.config
        if held.prepared is not None:
            return load_samples(self.data, held.prepared, self.reading), class_names(held.prepared, config.classes)
        raw, _ = read(self.data, self.reading, labelled=False)
        x, labels = (raw.x, raw.labels) if raw.test is None else raw.test
        if x.dtype != np.uint8:
            raise not_coded(path)
        if x[0].size != config.features:
            raise FfpgaError(
                f"{path} needs {config.features} features, not the {x[0].size} of {raw.name}: give as many"
            )
        return Samples(x.reshape(len(x), -1), labels, raw.where, raw.notes), class_names(None, config.classes)

    @property
    def said(self) -> dict[str, Any]:
        """What was said of the reading, beside defaults."""
        return {
            f.name: value for f in dataclasses.fields(Reading) if (value := getattr(self.reading, f.name)) != f.default
        }

    def words(self, data: Dataset) -> dict[str, Any]:
        """The options that read the same again, by name: with the coding that was chosen."""
        said = self.said
        if data.prepared is not None:
            said["coding"] = data.prepared.coding.name
            if data.prepared.coding.bits != 8:
                said["input_bits"] = data.prepared.coding.bits
        return {"data": self.data, **said}


def not_coded(path: Path) -> FfpgaError:
    """What is raised where numbers had to be coded anew for a checkpoint that has no coding."""
    return FfpgaError(
        f"{path} has no coding, so numbers cannot become what it was trained on: give u8 arrays that are coded as its "
        "samples were, or train again with ffpga train"
    )


def _source(data: str, **reading: Any) -> Source:
    return Source(data, Reading(**reading))


def data_options(*only: str, default: Any = "digits", says: str = SOURCES) -> Callable[[Command], Command]:
    """Gives a command `--data` and the options of `Reading`, or only some, as its argument `source`.

    Parameters
    ----------
    *only : str
        Of `Reading`; all where none is named.
    default
        Of `--data`; `REQUIRED` where it must be given.
    says : str
        Help of `--data`.
    """
    types = get_type_hints(Reading)
    options = {"data": (Annotated[str, typer.Option(help=says, autocompletion=completion.data)], default)}
    for one in dataclasses.fields(Reading):
        if not only or one.name in only:
            words = completion.words(*_WORDS[one.name]) if one.name in _WORDS else None
            option = typer.Option(help=READING[one.name], autocompletion=words)
            options[one.name] = (Annotated[types[one.name], option], one.default)
    return grouped("source", _source, options)
