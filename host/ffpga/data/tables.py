"""Tables in text: which column is the label, which the group, which are features."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import FfpgaError
from .delimited import Delimited
from .raw import Raw, listed, text_of


def read_table(
    path: Path, label: str | None = None, group: str | None = None, wanted: Sequence[str] | None = None
) -> Raw:
    """A text file in columns.

    The label is the column that is named, else the one called `label`, else the last one; every other column but the
    group's is a feature. A column without a name that counts the lines, as pandas writes it, is left out.

    Parameters
    ----------
    path : Path
    label, group : str, optional
        Columns by name, or by number from 1.
    wanted : sequence of str, optional
        The features that are needed, of a trained network: columns of these names are taken, in whatever order,
        or, where they have no such names, as many columns as come. There may be a label beside them, or none.

    Raises
    ------
    FfpgaError
        Names file, line, column and value of what is wrong, and what would be right.
    """
    file = Delimited(path, label)
    notes = list(file.notes)
    chosen = list(range(file.width))
    named = None if label is None else file.column(label, "label")
    grouped = None if group is None else file.column(group, "group")
    if grouped is not None:
        chosen.remove(grouped)
    if 0 not in (named, grouped) and file.index_column():
        chosen.remove(0)
        notes.append("the first column, which has no name and counts the lines, was left out")
    if wanted is None:
        place: int | None = _label(file, named, chosen)
    else:
        place, chosen = _needed(file, named, chosen, wanted)
    features = [column for column in chosen if column != place]
    if not features:
        raise FfpgaError(f"{path} must have at least one feature column and a label column, not {file.width} columns")
    return Raw(
        str(path),
        path.stem,
        file.numbers(features),
        tuple(file.header[column] for column in features),
        None if place is None else _labels(file.words(place)),
        "label" if place is None else file.header[place],
        None if grouped is None else _labels(file.words(grouped)),
        "group" if grouped is None else file.header[grouped],
        where=lambda n: f"line {file.lines[n]}",
        tabular=True,
        notes=notes,
    )


def _label(file: Delimited, named: int | None, chosen: list[int]) -> int:
    """The label's column."""
    if named is not None:
        if named not in chosen:
            raise FfpgaError(f"{file.path}: label and group must be two columns, not both {file.header[named]}")
        return named
    called = [column for column in chosen if file.header[column] == "label"]
    return called[0] if len(called) == 1 else chosen[-1]


def _needed(
    file: Delimited, named: int | None, chosen: list[int], wanted: Sequence[str]
) -> tuple[int | None, list[int]]:
    """The label's column, if there is one, and those of the features that are needed, in their order."""
    places = {file.header[column]: column for column in chosen}
    if len(places) == len(chosen) and all(name in places for name in wanted):
        features = [places[name] for name in wanted]
        left = [column for column in chosen if column not in features]
        if len(left) <= 1 and (named is None or named in left):
            return next(iter(left), None), features
    if len(chosen) == len(wanted) and named is None:
        return None, chosen
    if len(chosen) == len(wanted) + 1:
        place = _label(file, named, chosen)
        return place, [column for column in chosen if column != place]
    raise FfpgaError(
        f"{file.path} must have {len(wanted)} features ({listed(wanted)}), as was trained on, not {len(chosen)} "
        f"columns ({listed([file.header[column] for column in chosen])}): give those columns"
    )


def _labels(words: np.ndarray) -> np.ndarray:
    """Labels as text: what are numbers, in the way that numbers are written."""
    try:
        values = words.astype(np.float64)
    except ValueError:
        return words
    return text_of(values, "label") if np.isfinite(values).all() else words
