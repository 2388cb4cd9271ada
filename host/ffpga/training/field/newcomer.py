"""A new user of a known thing: a chip that was trained on some people learns on from another one's labelled samples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...data.dataset import Dataset
from ...data.preparing import held_groups
from ...data.raw import Raw, in_order
from ...driver.device import Device
from ...errors import FfpgaError
from ..checkpoint import Checkpoint
from ..loop import predict

#: Labelled samples of a new person after which it is tested.
MILESTONES = (0, 20, 50, 100)
#: Share of each old person's samples of each label that is held out to test, and of a new one's that may be learned.
OLD_TESTS, POOL = 0.2, 0.6

#: Learning-rate shift for a new person above that of a first epoch: the few samples must not undo what the many taught.
RATE = 3

#: Of a sample, and after how many that were learned: how much more goodness the answer has than the runner-up.
Margin = Callable[[np.ndarray, int], float]


@dataclass(frozen=True)
class Person:
    """Somebody new: samples to learn from, in the order in which they come, and the rest."""

    name: str
    pool: np.ndarray  #: int[n], rows of the data
    rest: np.ndarray


def parted(raw: Raw, share: float, seed: int) -> tuple[np.ndarray, np.ndarray, list[Person]]:
    """Rows of the old people to train, those to test, and the new people.

    Within a person and label the first samples are to learn from and the last ones to test, because neighbours in time
    are much alike.

    Parameters
    ----------
    raw : Raw
        With labels and groups.
    share : float
        Of the groups that are new.
    seed : int
        Of the order in which a new person's samples come.
    """
    if raw.groups is None or raw.labels is None:
        raise FfpgaError(f"new-user needs labels and people, and {raw.name} has none: name their column with --group")
    new = held_groups(raw, share)
    random = np.random.RandomState([seed, 7])
    train, test = _first_and_last(raw, np.flatnonzero(~new), 1 - OLD_TESTS)
    people = []
    for name in in_order(raw.groups[new]):
        pool, rest = _first_and_last(raw, np.flatnonzero(raw.groups == name), POOL)
        people.append(Person(name, random.permutation(pool), rest))
    return train, test, people


def _first_and_last(raw: Raw, rows: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The first share of the rows of each person and label, and the others."""
    assert raw.groups is not None and raw.labels is not None
    first = np.zeros(len(rows), bool)
    for kind in {*zip(raw.groups[rows].tolist(), raw.labels[rows].tolist(), strict=True)}:
        of_it = np.flatnonzero((raw.groups[rows] == kind[0]) & (raw.labels[rows] == kind[1]))
        first[of_it[: max(1, int(len(of_it) * share))]] = True
    return rows[first], rows[~first]


@dataclass
class NewcomerRun:
    """What a chip made of a new person, test by test."""

    person: str
    way: str  #: plain, replay or asking
    seen: list[int] = field(default_factory=list)  #: samples of the person so far
    asked: list[int] = field(default_factory=list)  #: labels that somebody had to say so far
    own: list[float] = field(default_factory=list)  #: accuracy on the rest of the person's samples, 0 to 1
    old: list[float] = field(default_factory=list)  #: accuracy on the old people's


def learn_person(
    device: Device,
    start: Checkpoint,
    data: Dataset,
    own: tuple[np.ndarray, np.ndarray],
    rest: tuple[np.ndarray, np.ndarray],
    run: NewcomerRun,
    *,
    rate: int,
    seed: int,
    margin: Margin | None = None,
    sure: float = 0.0,
    milestones: Sequence[int] = MILESTONES,
) -> NewcomerRun:
    """Makes the device what it was, and lets it learn a person's samples one by one.

    Parameters
    ----------
    data : Dataset
        Of the old people; where `run.way` is not plain, one of their samples is learned after each new one.
    own, rest
        Coded samples and labels of the person: to learn from, in their order, and to test.
    run : NewcomerRun
        What is filled in and returned.
    rate : int
        Learning-rate shift u.
    margin, sure
        Where they are given, a label is asked for, and the sample learned, only below a margin of `sure`.
    """
    start.restore(device)
    device.write_register("learning_rate", rate)
    random = np.random.RandomState([seed, 8])
    asked = 0
    ends = [n for n in milestones if n <= len(own[0])]
    for n in range(ends[-1] + 1):
        if n in ends:
            run.seen.append(n)
            run.asked.append(asked)
            run.own.append(accuracy(device, *rest))
            run.old.append(accuracy(device, data.test_x, data.test_y))
        if n == ends[-1]:
            break
        x, y = own[0][n], int(own[1][n])
        if margin is not None and margin(x, asked) >= sure:
            continue
        asked += 1
        device.submit_sample(x)
        device.submit_pair(y)
        if run.way != "plain":
            old = random.randint(len(data.train_x))
            device.submit_sample(data.train_x[old])
            device.submit_pair(int(data.train_y[old]))
    return run


def accuracy(device: Device, x: np.ndarray, y: np.ndarray) -> float:
    """Of the device's answers, 0 to 1."""
    return float(np.mean(predict(device, x) == y))
