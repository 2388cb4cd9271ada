"""Samples as a file has them, before they are coded: numbers, words for labels and groups, and where each stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ffpga_golden.config import MAX_CLASSES

from ..errors import FfpgaError
from ..fields import Shape
from ..series.windows import Windowing, cut, stretches, window_starts

#: Values of a list that a message shows.
SHOWN = 8


@dataclass
class Raw:
    """Samples of a file, one a row; of a recording, its rows.

    `x` is numbers [n, features] or [n, ...], NaN where one is missing; `labels` and `groups` are text [n].
    """

    name: str  #: for messages
    title: str  #: of the data set
    x: np.ndarray
    names: tuple[str, ...] | None = None  #: of the features
    labels: np.ndarray | None = None
    label_name: str = "label"
    groups: np.ndarray | None = None
    group_name: str = "group"
    shape: Shape | None = None
    #: Where a sample stands, such as line 5; `test` is of the test part.
    where: Callable[[int], str] = field(default=lambda n: f"sample {n + 1}")
    test: tuple[np.ndarray, np.ndarray] | None = None  #: features and labels of a test part of the file's own
    starts: np.ndarray | None = None  #: of a recording: first row of each series
    tabular: bool = False  #: whether a square number of features is no image
    windowing: Windowing | None = None
    notes: list[str] = field(default_factory=list)  #: what was found and done on reading


def text_of(values: np.ndarray, name: str) -> np.ndarray:
    """Labels or groups as text [n]: integers without a fraction, words without space around them.

    Raises
    ------
    FfpgaError
        They are neither numbers nor text.
    """
    if values.dtype.kind in "biu":
        return values.astype(np.int64 if values.dtype.kind != "u" else np.uint64).astype(str)
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            at = int(np.argmin(np.isfinite(values)))
            raise FfpgaError(f"{name} must be words or numbers, not {values[at]} (sample {at + 1}): correct it")
        whole = values == np.rint(values)
        return np.where(whole, np.char.mod("%.0f", values), values.astype(str))
    if values.dtype.kind == "U":
        return np.char.strip(values)
    raise FfpgaError(f"{name} must be words or numbers, not {values.dtype}: convert them")


def in_order(labels: np.ndarray) -> list[str]:
    """The different labels: in the order of their values where all are numbers, else in that of their letters."""
    found = np.unique(labels).tolist()
    try:
        return sorted(found, key=float)
    except ValueError:
        return sorted(found)


def listed(values: Sequence[object]) -> str:
    """The first of some values, for a message."""
    return ", ".join(map(str, values[:SHOWN])) + (", ..." if len(values) > SHOWN else "")


def class_labels(raw: Raw, labels: np.ndarray) -> tuple[str, ...]:
    """Names of the classes: only those that occur.

    Raises
    ------
    FfpgaError
        There is one alone, or more than a device can tell apart.
    """
    found = in_order(labels)
    if len(found) < 2:
        raise FfpgaError(
            f"{raw.name}: {raw.label_name} must have 2 to {MAX_CLASSES} classes, not one, {found[0]!r}, in all "
            f"{len(labels):,} samples: name another column with --label, or bring samples of another class"
        )
    if len(found) > MAX_CLASSES:
        raise FfpgaError(
            f"{raw.name}: {raw.label_name} must have 2 to {MAX_CLASSES} classes, not {len(found):,} ({listed(found)}): "
            "a measurement is no label, name the label's column with --label, or put classes together"
        )
    return tuple(found)


def numbered(raw: Raw, labels: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Labels as int64[n], the place of each among the names.

    Raises
    ------
    FfpgaError
        One of them is none of the names.
    """
    places = {name: n for n, name in enumerate(names)}
    found = np.array([places.get(label, -1) for label in labels.tolist()], np.int64)
    if (found < 0).any():
        at = int(np.argmax(found < 0))
        raise FfpgaError(
            f"{raw.name}: {raw.label_name} must be one of the classes that were trained ({listed(names)}), "
            f"not {str(labels[at])!r} ({raw.where(at)}): train again with it, or leave it out"
        )
    return found


def windowed(raw: Raw, windowing: Windowing) -> Raw:
    """The windows of a recording as samples; or those of arrays that are windows already, [n, channels, values].

    Raises
    ------
    FfpgaError
        There is no window within a stretch of one label, group and series.
    """
    if raw.x.ndim == 3:
        windows, rows = raw.x, np.arange(len(raw.x))
    else:
        rows = _starts(raw, windowing)
        windows = cut(np.asarray(raw.x, np.float64), rows, windowing.window)
    channels = windows.shape[1]
    names = raw.names or tuple(f"channel {n + 1}" for n in range(channels))
    whole = np.asarray(~np.isnan(np.asarray(windows, np.float64)).any(axis=(1, 2)))
    notes = list(raw.notes)
    if not whole.any():
        raise FfpgaError(f"{raw.name}: every one of {len(whole):,} windows has a missing value: fill or leave out rows")
    if not whole.all():
        notes.append(f"{np.count_nonzero(~whole):,} of {len(whole):,} windows have missing values and were left out")
    rows = rows[whole]
    return Raw(
        raw.name,
        raw.title,
        windowing.of(windows[whole]),
        windowing.names(names),
        None if raw.labels is None else raw.labels[rows],
        raw.label_name,
        None if raw.groups is None else raw.groups[rows],
        raw.group_name,
        Shape((windowing.length,), channels),
        where=lambda n: f"window {n + 1}, from {raw.where(int(rows[n]))}",
        windowing=windowing,
        notes=notes if raw.x.ndim == 3 else [*notes, f"{len(rows):,} {windowing}"],
    )


def _starts(raw: Raw, windowing: Windowing) -> np.ndarray:
    """First rows of the windows of a recording."""
    rows = len(raw.x)
    changes = [part for part in (raw.labels, raw.groups) if part is not None]
    if raw.starts is not None:
        changes.append(np.searchsorted(raw.starts, np.arange(rows), side="right"))
    try:
        return window_starts(stretches(rows, *changes), windowing)
    except FfpgaError as error:
        raise FfpgaError(f"{raw.name}: {error}") from None


def path_of(text: str) -> Path:
    """A path as it is typed, with ``~``."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
