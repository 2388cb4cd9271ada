"""Data sets in `.npz` files of arrays."""

from pathlib import Path

import numpy as np

from ..errors import FfpgaError
from ..fields import Shape
from .dataset import shape_of
from .npz import DAMAGE, DATA_MAX, read_npz, reason
from .raw import Raw, listed, text_of

#: Names that features and labels may have.
FEATURES, LABELS = ("x", "features", "windows", "series"), ("y", "labels", "label")
#: The arrays of a data set that has a test part of its own.
PARTS = ("train_x", "train_y", "test_x", "test_y")


def read_arrays(path: Path, label: str | None = None, group: str | None = None, labelled: bool = True) -> Raw:
    """Arrays of a file: features and labels (x and y, features and labels), or train_x, train_y, test_x, test_y.

    `windows` are [n, channels, values]; `series` [rows, channels] is a recording, with `starts`, the first row of each
    series, where it has several. Labels and groups are one a sample, or one a series.

    Parameters
    ----------
    path : Path
    label, group : str, optional
        Names of arrays.
    labelled : bool
        Whether there must be labels.

    Raises
    ------
    FfpgaError
        Arrays are missing, or do not fit each other.
    """
    try:
        arrays = read_npz(path, DATA_MAX)
    except DAMAGE as error:
        raise FfpgaError(
            f"{path} is no .npz file of plain arrays ({reason(error)}): write it with numpy.savez"
        ) from None
    for part in arrays.values():
        if part.ndim == 0:
            raise FfpgaError(f"{path}: arrays must be [samples, ...], not single values: write it with numpy.savez")
    for what, name in (("label", label), ("group", group)):
        if name is not None and name not in arrays:
            raise FfpgaError(f"{path}: {what} must be an array, {listed(sorted(arrays))}, not {name!r}")
    if set(PARTS) <= arrays.keys() and label is None:
        x, y, test_x, test_y = (arrays[name] for name in PARTS)
        check_features(str(path), x, test_x)
        raw = Raw(str(path), path.stem, x, labels=_one_each(path, "labels", y, len(x)), shape=shape_of(x))
        raw.test = test_x, _one_each(path, "labels", test_y, len(test_x))
        return raw
    name = next((name for name in FEATURES if name in arrays), None)
    said = label or next((name for name in LABELS if name in arrays), None)
    if name is None or (said is None and labelled):
        raise FfpgaError(
            f"{path} must hold x and y, features and labels, or train_x, train_y, test_x and test_y, "
            f"not {listed(sorted(arrays)) or 'nothing'}: rename its arrays, or name one with --label"
        )
    x = arrays[name]
    check_features(str(path), x)
    starts = None
    if name == "series" and "starts" in arrays:
        starts = _starts(path, arrays["starts"], len(x))
    lies = Shape((x.shape[2],), x.shape[1]) if name == "windows" and x.ndim == 3 else shape_of(x)
    raw = Raw(str(path), path.stem, x, shape=lies, starts=starts)
    if said is not None:
        raw.labels, raw.label_name = _one_each(path, "labels", arrays[said], len(x), starts), said
    if group is not None:
        raw.groups, raw.group_name = _one_each(path, "groups", arrays[group], len(x), starts), group
    return raw


def check_features(name: str, *parts: np.ndarray) -> None:
    """FfpgaError unless arrays are finite numbers, or NaN where one is missing, of samples with the same features."""
    for part in parts:
        if part.ndim < 2:
            raise FfpgaError(f"{name}: features must be an array [samples, features], not {list(part.shape)}")
        if part.dtype.kind not in "buif":
            raise FfpgaError(f"{name}: features must be numbers, not {part.dtype}: convert them")
        if not part.size:
            raise FfpgaError(f"{name}: there must be samples with features, not {list(part.shape)}")
        flat = part.reshape(len(part), -1)
        if part.dtype.kind == "f" and np.isinf(flat).any():
            row, column = np.argwhere(np.isinf(flat))[0]
            raise FfpgaError(
                f"{name}: features must be finite, not {flat[row, column]} (sample {row + 1}, feature {column + 1}): "
                "remove or fill such samples"
            )
    widths = {part[0].size for part in parts}
    if len(widths) > 1:
        raise FfpgaError(f"{name}: training and test samples must have the same features, not {sorted(widths)}")


def _one_each(path: Path, what: str, values: np.ndarray, samples: int, starts: np.ndarray | None = None) -> np.ndarray:
    """Labels or groups as text, one a sample; of series, one a row."""
    if starts is not None and values.shape == starts.shape and len(starts) != samples:
        values = np.repeat(values, np.diff([*starts, samples]))
    if values.shape != (samples,):
        raise FfpgaError(f"{path}: {what} must be one a sample, [{samples}], not {list(values.shape)}")
    return text_of(values, f"{path}: {what}")


def _starts(path: Path, starts: np.ndarray, rows: int) -> np.ndarray:
    """First rows of series, from 0, ascending; one more, the end, may follow."""
    if starts.ndim == 1 and starts.dtype.kind in "iu" and len(starts) > 1 and starts[-1] == rows:
        starts = starts[:-1]
    right = starts.ndim == 1 and starts.dtype.kind in "iu" and len(starts) and starts[0] == 0
    if not right or (np.diff(starts.astype(np.int64)) <= 0).any() or starts[-1] >= rows:
        raise FfpgaError(f"{path}: starts must be ascending first rows from 0 to below {rows:,}: write them again")
    return starts.astype(np.int64)
