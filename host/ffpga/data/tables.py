"""Data sets from `.npz` and `.csv` files of features and labels."""

import csv
from pathlib import Path

import numpy as np

from ffpga_golden.config import MAX_FEATURES

from ..errors import FfpgaError
from .dataset import Dataset, finish, scale, shape_of
from .npz import DAMAGE, DATA_MAX, read_npz, reason

#: Bytes of a text file: in memory it takes many times that.
CSV_MAX = 256 << 20


def load_npz(path: Path) -> Dataset:
    """Arrays x and y, or features and labels, or train_x, train_y, test_x, test_y."""
    try:
        arrays = read_npz(path, DATA_MAX)
    except DAMAGE as error:
        raise FfpgaError(
            f"{path} is no .npz file of plain arrays ({reason(error)}): write it with numpy.savez"
        ) from None
    for part in arrays.values():
        if part.ndim == 0:
            raise FfpgaError(f"{path}: arrays must be [samples, ...], not single values: write it with numpy.savez")
    if {"train_x", "train_y", "test_x", "test_y"} <= arrays.keys():
        (train_x, test_x), scaling = scale(str(path), arrays["train_x"], arrays["test_x"])
        shape = shape_of(arrays["train_x"])
        return finish(path.stem, scaling, (train_x, arrays["train_y"]), (test_x, arrays["test_y"]), shape)
    for features, labels in (("x", "y"), ("features", "labels")):
        if {features, labels} <= arrays.keys():
            (x,), scaling = scale(str(path), arrays[features])
            return finish(path.stem, scaling, (x, arrays[labels]), None, shape_of(arrays[features]))
    raise FfpgaError(
        f"{path} must hold x and y, features and labels, or train_x, train_y, test_x and test_y, "
        f"not {', '.join(sorted(arrays)) or 'nothing'}: rename its arrays"
    )


def load_csv(path: Path) -> Dataset:
    """Comma-separated numbers: the column `label`, or the last one, is the label, every other one a feature."""
    try:
        if (size := path.stat().st_size) > CSV_MAX:
            raise FfpgaError(f"{path} must have at most {CSV_MAX:,} bytes, not {size:,}: write it with numpy.savez")
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
    if width > MAX_FEATURES + 1:
        raise FfpgaError(
            f"{path} must have at most {MAX_FEATURES} feature columns, not {width - 1}: choose or pool some"
        )
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
