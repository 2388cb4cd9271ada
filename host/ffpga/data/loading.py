"""Which data sets there are: the digits that scikit-learn brings, MNIST's files, tables of a user's own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import FfpgaError
from ..fields import Shape
from .dataset import SPLIT_SEED, Dataset
from .tables import load_csv, load_npz


def load_dataset(source: str) -> Dataset:
    """Loads ``digits``, ``mnist:DIRECTORY``, or a ``.npz`` or ``.csv`` file.

    Raises
    ------
    FfpgaError
        Names what is wrong with it and what would be right.
    """
    if source == "digits":
        return load_digits()
    if source.startswith("mnist:"):
        from .idx import load_mnist  # and gzip with it, which `ffpga --help` should not wait for

        return load_mnist(Path(source.removeprefix("mnist:")))
    loaders: dict[str, Callable[[Path], Dataset]] = {".npz": load_npz, ".csv": load_csv}
    path = Path(source)
    if path.suffix.lower() not in loaders:
        raise FfpgaError(f"data must be digits, mnist:DIRECTORY, FILE.npz or FILE.csv, not {source!r}")
    if not path.is_file():
        raise FfpgaError(f"data file {source} does not exist: check the path")
    return loaders[path.suffix.lower()](path)


def load_digits() -> Dataset:
    """scikit-learn's 1,797 handwritten digits of 8x8 pixels; 360 of them, stratified, are held out."""
    from sklearn.datasets import load_digits as sklearn_digits
    from sklearn.model_selection import train_test_split

    x, y = sklearn_digits(return_X_y=True)
    x = np.rint(x * 255 / 16).astype(np.uint8)
    parts = train_test_split(x, y.astype(np.int64), test_size=360, stratify=y, random_state=SPLIT_SEED)
    return Dataset(
        "digits", parts[0], parts[2], parts[1], parts[3], 10, "pixels 0 to 16 scaled by 255/16", Shape((8, 8))
    )
