"""From samples as a file has them to a data set: classes, the part that is held out, the coding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..coding.fitted import Coding, default_names
from ..errors import FfpgaError
from ..fields import Shape
from ..files import as_text
from .dataset import Dataset, square
from .preparation import Preparation
from .raw import Raw, class_labels, in_order, numbered

#: The split of a data set that has none of its own is drawn from this seed, the same in every run.
SPLIT_SEED = 0
#: Share of the samples, or of the groups, that is held out to test.
HELD_OUT = 0.2
#: Share of the training samples that may be equal after coding before something is said.
EQUAL_SHARE = 0.5
#: Share of the values to test that may lie outside of what training saw before something is said.
OUTSIDE_SHARE = 0.01


def prepare(
    raw: Raw,
    coding: str | None = None,
    held: float = HELD_OUT,
    prepared: Preparation | None = None,
    scaled: str = "",
    bits: int = 8,
) -> Dataset:
    """A data set of coded samples.

    Parameters
    ----------
    raw : Raw
        With labels.
    coding : str, optional
        As for `Coding.fit`; default: pixels where the file has u8, else auto. Fitted on the training part.
    held : float
        Share to hold out where the file has no test part: of each label's samples, or of the groups.
    prepared : Preparation, optional
        Of a trained network: its coding and classes are taken instead of new ones.
    scaled : str
        How the u8 of the file came about, where somebody knows.
    bits : int
        Of an input; see `Coding.fit`.

    Raises
    ------
    FfpgaError
        Labels, groups or features are none that can be learned from.
    """
    assert raw.labels is not None
    names = raw.names or default_names(raw.x[0].size)
    x = raw.x.reshape(len(raw.x), -1)
    if raw.test is None:
        both = raw.labels
    else:
        both = np.concatenate([raw.labels, raw.test[1]])
    notes = list(raw.notes)
    if prepared is not None:
        prepared.coding.check(x.shape[1], raw.name)
    classes = prepared.labels if prepared is not None and prepared.labels else class_labels(raw, both)
    y = numbered(raw, raw.labels, classes)
    if raw.test is None:
        apart = test_part(raw, classes, held)
        if raw.groups is not None:
            notes.append(_groups_said(raw, apart))
        train_x, train_y, test_x, test_y = x[~apart], y[~apart], x[apart], y[apart]
    else:
        train_x, train_y = x, y
        test_x, test_y = raw.test[0].reshape(len(raw.test[0]), -1), numbered(raw, raw.test[1], classes)
    if not len(train_x) or not len(test_x):
        raise FfpgaError(
            f"{raw.name}: there must be samples to train and to test, not {len(train_x)} and {len(test_x)}"
        )
    absent = [name for n, name in enumerate(classes) if not (train_y == n).any()]
    if absent and prepared is None:
        notes.append(f"no sample to train is of {', '.join(absent)}")
    if prepared is None:
        pixels = raw.x.dtype == np.uint8
        try:
            found = Coding.fit(train_x, coding or ("pixels" if pixels else "auto"), names, bits=bits)
        except FfpgaError as error:
            raise FfpgaError(f"{raw.name}: {error}") from None
        if found.constant.all():
            raise FfpgaError(
                f"{raw.name}: features must not all be equal, not {found.low[0]:g} in every sample to train: there is "
                "nothing to learn"
            )
        notes += found.warnings
    else:
        found = prepared.coding
    parts = [found.transform(part) for part in (train_x, test_x)]
    outside = found.outside(test_x)
    if prepared is None and (said := equal_said(parts[0], len(classes))):
        notes.append(said)
    if outside.sum() > OUTSIDE_SHARE * test_x.size:
        notes.append(outside_said(found, outside, len(test_x)))
    shape = raw.shape
    if raw.tabular and found.kind == "pixels":
        shape = square(found.features)
    whole = Preparation(found, tuple(classes), raw.windowing)
    as_they_are = found.kind == "pixels" and raw.x.dtype == np.uint8 and found.bits == 8
    scaling = (scaled or "u8 features as they are") if as_they_are else ", ".join(filter(None, (scaled, str(found))))
    return Dataset(
        as_text(raw.title), parts[0], train_y, parts[1], test_y, len(classes), scaling,
        coded_shape(shape, found), whole, tuple(map(as_text, notes)),
    )  # fmt: skip


@dataclass
class Samples:
    """Samples of a trained network: coded, with their labels where the file has some."""

    x: np.ndarray  #: u8[n, inputs]
    labels: np.ndarray | None  #: text [n]
    where: Callable[[int], str]  #: where a sample stands in the file
    notes: list[str]


def code(raw: Raw, prepared: Preparation) -> Samples:
    """All samples of a file, or those of its test part, as a trained network sees them.

    Raises
    ------
    FfpgaError
        They have other features than it was trained on.
    """
    x, labels = (raw.x, raw.labels) if raw.test is None else raw.test
    x, coding = x.reshape(len(x), -1), prepared.coding
    coding.check(x.shape[1], raw.name)
    notes, outside = list(raw.notes), coding.outside(x)
    if outside.sum() > OUTSIDE_SHARE * x.size:
        notes.append(outside_said(coding, outside, len(x)))
    return Samples(coding.transform(x), labels, raw.where, notes)


def coded_shape(shape: Shape | None, coding: Coding) -> Shape | None:
    """How the inputs lie that a coding makes of features of a shape: those of one feature are side by side.

    So a sequence is so many times as long. Images of more than an input a pixel are none any more: None.
    """
    if shape is None or coding.per_feature == 1:
        return shape
    if len(shape.sizes) == 2:
        return None
    return Shape((shape.sizes[0] * coding.per_feature,), shape.channels)


def test_part(raw: Raw, classes: Sequence[str], share: float = HELD_OUT) -> np.ndarray:
    """bool[n]: the samples that are held out of a file without a test part of its own; whole groups where it has some.

    Raises
    ------
    FfpgaError
        There is one group alone.
    """
    assert raw.labels is not None
    return held_out(numbered(raw, raw.labels, classes), share) if raw.groups is None else held_groups(raw, share)


def held_out(labels: np.ndarray, share: float = HELD_OUT) -> np.ndarray:
    """bool[n]: a share of each label's samples, drawn from SPLIT_SEED."""
    random = np.random.RandomState(SPLIT_SEED)
    held = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        places = random.permutation(np.flatnonzero(labels == label))
        held[places[: max(1, int(len(places) * share + 1e-9)) if len(places) > 1 else 0]] = True
    return held


def held_groups(raw: Raw, share: float = HELD_OUT) -> np.ndarray:
    """bool[n]: the samples of a share of the groups, drawn from SPLIT_SEED.

    Raises
    ------
    FfpgaError
        There is one group alone.
    """
    assert raw.groups is not None
    groups = in_order(raw.groups)
    if len(groups) < 2:
        raise FfpgaError(
            f"{raw.name}: {raw.group_name} must have 2 groups or more, so that one can be held out, not one, "
            f"{groups[0]!r}: name another column with --group, or leave it out"
        )
    count = min(len(groups) - 1, max(1, round(len(groups) * share)))
    chosen = np.random.RandomState(SPLIT_SEED).permutation(len(groups))[:count]
    return np.isin(raw.groups, [groups[n] for n in chosen])


def _groups_said(raw: Raw, apart: np.ndarray) -> str:
    assert raw.groups is not None
    held, whole = in_order(raw.groups[apart]), in_order(raw.groups)
    return f"of {len(whole)} groups ({raw.group_name}) {len(held)} are held out to test: {', '.join(held)}"


def equal_said(coded: np.ndarray, classes: int) -> str | None:
    """What to say of training samples u8[n, inputs] that the coding leaves equal; None where they are not."""
    packed = np.ascontiguousarray(coded).view(np.dtype((np.void, coded.shape[1]))).ravel()
    different, counts = np.unique(packed, return_counts=True)
    if len(coded) < 2 or (counts.max() <= EQUAL_SHARE * len(coded) and len(different) >= classes):
        return None
    return (
        f"of {len(coded):,} samples to train {counts.max():,} are equal after coding, and {len(different):,} different "
        "ones are left: hardly anything tells classes apart, take another --coding or other features"
    )


def outside_said(coding: Coding, outside: np.ndarray, samples: int) -> str:
    """What to say of values int64[features] that were held at the ends of what training had seen."""
    worst = int(np.argmax(outside))
    return (
        f"{int(outside.sum()):,} values of {samples:,} samples lie outside of what was trained on and are held at its "
        f"ends, most of them of {coding.names[worst]} ({outside[worst]:,})"
    )
