"""Data sets from `.npz` and `.csv` files of features and labels."""

import csv
import zipfile
from pathlib import Path

import numpy as np

from .datasets import Dataset, finish, scale
from .errors import FfpgaError


def load_npz(path: Path) -> Dataset:
    """Arrays x and y, or features and labels, or train_x, train_y, test_x, test_y."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FfpgaError(f"{path} is no .npz file of plain arrays ({reason}): write it with numpy.savez") from None
    for part in arrays.values():
        if part.ndim == 0:
            raise FfpgaError(f"{path}: arrays must be [samples, ...], not single values: write it with numpy.savez")
    if {"train_x", "train_y", "test_x", "test_y"} <= arrays.keys():
        (train_x, test_x), scaling = scale(str(path), arrays["train_x"], arrays["test_x"])
        return finish(path.stem, scaling, (train_x, arrays["train_y"]), (test_x, arrays["test_y"]))
    for features, labels in (("x", "y"), ("features", "labels")):
        if {features, labels} <= arrays.keys():
            (x,), scaling = scale(str(path), arrays[features])
            return finish(path.stem, scaling, (x, arrays[labels]), None)
    raise FfpgaError(
        f"{path} must hold x and y, features and labels, or train_x, train_y, test_x and test_y, "
        f"not {', '.join(sorted(arrays)) or 'nothing'}: rename its arrays"
    )


def load_csv(path: Path) -> Dataset:
    """Comma-separated numbers: the column `label`, or the last one, is the label, every other one a feature."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file) if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FfpgaError(f"{path} is no readable CSV text ({error}): save it as UTF-8, comma-separated") from None
    if not lines:
        raise FfpgaError(f"{path} is empty: it must hold a line a sample")
    header = None if _numbers(lines[0]) else [name.strip() for name in lines.pop(0)]
    width = len(header or lines[0])
    if width < 2:
        raise FfpgaError(f"{path} must have at least one feature column and a label column, not {width} column")
    if not lines:
        raise FfpgaError(f"{path} holds a header and no samples: it must hold a line a sample")
    column = header.index("label") if header and "label" in header else width - 1
    first = 2 if header else 1
    table = np.empty((len(lines), width))
    for at, line in enumerate(lines):
        if len(line) != width:
            raise FfpgaError(
                f"{path}: every line must have {width} columns, not {len(line)} (line {at + first}): fill them"
            )
        for place, text in enumerate(line):
            try:
                table[at, place] = float(text)
            except ValueError:
                name = header[place] if header else f"column {place + 1}"
                raise FfpgaError(
                    f"{path}: {name} must be a number, not {text!r} (line {at + first}): correct it"
                ) from None
    (x,), scaling = scale(str(path), np.delete(table, column, axis=1))
    return finish(path.stem, scaling, (x, table[:, column]), None)


def _numbers(line: list[str]) -> bool:
    """Whether a first line is data: a header has at least one name that is no number."""
    try:
        for text in line:
            float(text or "nan")
    except ValueError:
        return False
    return True
