"""Which data sets there are: digits, MNIST's files, files of one's own, those of openml.org; and how they are read."""

from dataclasses import dataclass, replace

import numpy as np

from ..coding.choice import check_bits, parse
from ..errors import FfpgaError, needed_by
from ..fields import Shape
from ..series.windows import FEATURES, Windowing
from .dataset import Dataset
from .preparation import Preparation
from .preparing import HELD_OUT, SPLIT_SEED, Samples, code, prepare
from .raw import Raw, path_of, windowed

#: What `load_dataset` takes.
SOURCES = "digits, mnist:DIRECTORY, openml:NAME, FILE.npz or FILE.csv"
#: Ends of names of files in columns.
TEXT = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a data set is read, checked once.

    Parameters
    ----------
    coding : str, optional
        auto, pixels, range, onoff or population[:K]; default: pixels where the data are u8, else auto.
    label, group : str, optional
        Columns of a table by name or by number from 1, or arrays of an `.npz` file by name. Groups, such as users or
        days, are never both in the training and in the test part.
    window, hop : int, optional
        Makes samples of a recording, so many values each; hop is half of that where it is left out.
    features : "raw" or "spectrum", optional
        What becomes of a window.
    unit : float
        What the recording has where one unit was measured.
    held_out : float
        Share of the samples, or groups, to test.
    input_bits : int
        Bits of an input, 8, 4, 2 or 1; fewer than 8 are fewer bytes on the line.

    Raises
    ------
    FfpgaError
        One of them is out of range.
    """

    coding: str | None = None
    label: str | None = None
    group: str | None = None
    window: int | None = None
    hop: int | None = None
    features: str | None = None
    unit: float = 1.0
    held_out: float = HELD_OUT
    input_bits: int = 8

    def __post_init__(self) -> None:
        if self.coding is not None:
            parse(self.coding)
        if self.hop is not None and self.window is None:
            raise FfpgaError(f"hop is of windows of a recording, not {self.hop} alone: add --window N")
        if self.features is not None and self.features not in FEATURES:
            raise FfpgaError(f"features must be {' or '.join(FEATURES)}, not {self.features!r}")
        check_bits(self.input_bits)
        if not 0 < self.held_out < 1:
            raise FfpgaError(f"held_out must be a share above 0 and below 1, not {self.held_out}")
        if self.window is not None:
            self.windowing(self.window)

    def windowing(self, window: int) -> Windowing:
        """What makes samples of a recording, in windows of so many values."""
        hop = max(1, window // 2) if self.hop is None else self.hop
        return Windowing(window, hop, self.features or "raw", self.unit)


def load_dataset(source: str, *, prepared: Preparation | None = None, **reading: object) -> Dataset:
    """Loads ``digits``, ``mnist:DIRECTORY``, ``openml:NAME``, or a ``.npz`` or ``.csv`` file.

    Parameters
    ----------
    source : str
    prepared : Preparation, optional
        Of a checkpoint: its coding, windows and classes are taken.
    **reading
        See `Reading`: coding, label, group, window, hop, features, unit, held_out, input_bits.

    Raises
    ------
    FfpgaError
        Names what is wrong with it and what would be right.
    """
    said = Reading(**reading)  # type: ignore[arg-type]
    check_same(prepared, said)
    raw, scaled = read(source, said, prepared)
    if raw.labels is None:
        raise FfpgaError(f"{source} must have labels to train or to test: name their column with --label")
    return prepare(raw, said.coding, said.held_out, prepared, scaled, said.input_bits)


def load_samples(source: str, prepared: Preparation, said: Reading) -> Samples:
    """All samples of a source, or those of its test part, coded as those that a network was trained on.

    Labels need not be there. Raises as `load_dataset`.
    """
    check_same(prepared, said)
    return code(read(source, said, prepared, labelled=False)[0], prepared)


def check_same(prepared: Preparation | None, said: Reading) -> None:
    """FfpgaError where another coding, or other windows, are asked for than a network was trained with."""
    if prepared is None:
        return
    if said.coding not in (None, "auto") and parse(said.coding) != parse(prepared.coding.name):
        raise FfpgaError(
            f"coding must be {prepared.coding.name}, as the checkpoint's, not {said.coding}: leave it out, or train "
            "again"
        )
    if said.input_bits not in (8, prepared.coding.bits):
        raise FfpgaError(
            f"input_bits must be {prepared.coding.bits}, as the checkpoint's, not {said.input_bits}: leave it out, or "
            "train again"
        )
    if said.window is not None and said.windowing(said.window) != prepared.windowing:
        trained = "no windows" if prepared.windowing is None else prepared.windowing
        raise FfpgaError(
            f"windows must be as the checkpoint's, {trained}, not {said.windowing(said.window)}: leave them out, or "
            "train again"
        )


def read(source: str, said: Reading, prepared: Preparation | None = None, labelled: bool = True) -> tuple[Raw, str]:
    """Samples as a source has them, in windows where they are asked for, and how its u8 came about.

    Parameters
    ----------
    source, said, prepared
        As for `load_dataset`.
    labelled : bool
        Whether there must be labels.
    """
    kind, _, rest = source.partition(":")
    scaled = ""
    if source == "digits":
        raw, scaled = _digits(), "pixels 0 to 16 scaled by 255/16"
    elif kind == "mnist":
        from .idx import read_mnist  # and gzip with it, which `ffpga --help` should not wait for

        raw, scaled = read_mnist(path_of(rest)), "u8 pixels as they are"
    elif kind == "openml":
        from .openml import read_openml

        raw = read_openml(rest, said.label)
    else:
        raw = _file(source, said, prepared, labelled)
    return _windows(raw, said, prepared), scaled


def _file(source: str, said: Reading, prepared: Preparation | None, labelled: bool) -> Raw:
    path = path_of(source)
    suffix = path.suffix.lower()
    if suffix not in (".npz", *TEXT):
        raise FfpgaError(f"data must be {SOURCES}, not {source!r}")
    if not path.is_file():
        raise FfpgaError(f"data file {source} does not exist: check the path")
    if suffix == ".npz":
        from .arrays import read_arrays

        return read_arrays(path, said.label, said.group, labelled)
    from .tables import read_table

    wanted = None
    if prepared is not None:
        wanted = prepared.coding.names if prepared.windowing is None else prepared.channels
    return read_table(path, said.label, said.group, wanted)


def _windows(raw: Raw, said: Reading, prepared: Preparation | None) -> Raw:
    """A recording in windows, where some are asked for; what was windows already, as features."""
    if prepared is not None and prepared.windowing is not None:
        windowing = prepared.windowing
    elif said.window is not None:
        windowing = said.windowing(said.window)
    elif said.features is not None and raw.x.ndim == 3:
        windowing = said.windowing(raw.x.shape[2])
    elif said.features is not None:
        raise FfpgaError(
            f"features {said.features} are of windows, {raw.name} has samples of {raw.x[0].size} numbers: add --window "
            "N, or give arrays [samples, channels, values]"
        )
    elif raw.starts is not None:
        raise FfpgaError(f"{raw.name} is a recording of {len(raw.starts)} series: add --window N to make samples of it")
    else:
        return raw
    if raw.test is not None:
        raise FfpgaError(f"{raw.name} has a test part of its own, which cannot be cut into windows: give one recording")
    if raw.x.ndim == 3 and raw.x.shape[2] != windowing.window:
        raise FfpgaError(
            f"{raw.name} has windows of {raw.x.shape[2]} values, not {windowing.window}: leave --window out"
        )
    if raw.x.ndim == 2 and raw.tabular is False and raw.starts is None:
        raw = replace(raw, starts=np.zeros(1, np.int64))
    return windowed(raw, windowing)


def _digits() -> Raw:
    """scikit-learn's 1,797 handwritten digits of 8x8 pixels; 360 of them, stratified, are held out."""
    with needed_by("data digits"):
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x = np.rint(x * 255 / 16).astype(np.uint8)
    names = y.astype(np.int64).astype(str)
    parts = train_test_split(x, names, test_size=360, stratify=y, random_state=SPLIT_SEED)
    return Raw("digits", "digits", parts[0], labels=parts[2], shape=Shape((8, 8)), test=(parts[1], parts[3]))
