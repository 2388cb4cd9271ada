"""Real tasks: the chip beside a perceptron of the same layers and logistic regression (scikit-learn), split alike."""

import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset
from ..data.loading import TEXT, Reading, read
from ..data.npz import names_in
from ..data.preparing import HELD_OUT, prepare, test_part
from ..driver.opening import open_device
from ..errors import FfpgaError
from ..fields import order_of, parse_windows
from ..files import write_whole
from ..training.loop import Progress, train

#: Share that is held out of a file without a test part of its own, as in the tables that others have of these data.
SHARE = 0.25
#: Names that an array of groups may have: whole groups are held out then, a third of them.
GROUPS, GROUP_SHARE = ("user", "subject", "person", "group"), 1 / 3
#: What a recording's file has where one unit was measured.
UNITS = {"hapt": 4096.0}
#: Values of a window of a recording that is not cut yet.
WINDOW = 128
#: Passes over the training samples, and pairs that a run has at least: a small table is seen more often.
EPOCHS, PAIRS = 30, 60_000
#: Most epochs of the perceptron, which ends by itself before, and of logistic regression.
MOST = 1000

#: Tasks that are learned with receptive fields, too: widths, and TILE,WINDOW,STRIDE over the channels' spectra.
FIELDED = {"hapt": ((80,), "2,10,6")}

Said = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """A data set, how it is read, and the network that learns it."""

    name: str
    source: str
    reading: Reading
    layers: tuple[int, ...] = (64, 64)
    fields: str | None = None  #: TILE,WINDOW,STRIDE

    def load(self) -> tuple[Dataset, tuple[np.ndarray, ...]]:
        """The coded data set, and features and labels to train and to test as they were: float64 [n, features]."""
        raw, scaled = read(self.source, self.reading)
        share = self.reading.held_out
        data = prepare(raw, self.reading.coding, share, scaled=scaled, bits=self.reading.input_bits)
        if raw.test is None:
            apart = test_part(raw, data.labels, share)
            train_x, test_x = raw.x[~apart], raw.x[apart]
        else:
            train_x, test_x = raw.x, raw.test[0]
        plain = [part.reshape(len(part), -1).astype(np.float64) for part in (train_x, test_x)]
        return data, (plain[0], data.train_y, plain[1], data.test_y)

    def config(self, data: Dataset) -> tuple[NetworkConfig, np.ndarray | None]:
        """The network for the coded data, and the order of its inputs."""
        sizes: dict[str, Any] = {"features": data.features, "classes": data.classes, "layers": self.layers}
        if self.fields is None:
            return NetworkConfig(**sizes), None
        assert data.shape is not None
        seen = parse_windows(self.fields, data.shape).fields, *[None] * (len(self.layers) - 1)
        config = NetworkConfig(**sizes, fields=seen)
        return config, order_of(config, data.shape)


@dataclass
class Figures:
    """What was measured of a task."""

    name: str
    samples: int  #: to train
    tests: int
    features: int
    classes: int
    coding: str
    epochs: int
    weight_bytes: int
    fields: str | None = None
    layers: list[int] = field(default_factory=list)
    clocks_a_pair: list[float] = field(default_factory=list)  #: mean of all epochs, one a seed
    ours: list[float] = field(default_factory=list)  #: accuracy after the last epoch, 0 to 1, one a seed
    mlp: list[float] = field(default_factory=list)
    logistic: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON: medians, and each seed's."""
        names = ("ours", "mlp", "logistic", "clocks_a_pair")
        medians = {name: float(np.median(values)) for name in names if (values := getattr(self, name))}
        seeds = {name: getattr(self, name) for name in names if getattr(self, name)}
        rest = {name: value for name, value in vars(self).items() if name not in names}
        return {**rest, **medians, "seeds": seeds}


def tasks_of(directory: Path, only: str = "", layers: tuple[int, ...] = (64, 64), coding: str = "auto") -> list[Task]:
    """A task for every table and every file of arrays in a folder, and the digits; by name.

    Raises
    ------
    FfpgaError
        There is no such folder, or none of its files is meant.
    """
    if not directory.is_dir():
        raise FfpgaError(f"data must be a folder of .csv and .npz files, not {directory}: check the path")
    files = sorted(path for path in directory.iterdir() if path.suffix.lower() in (*TEXT, ".npz"))
    found = [Task(path.stem, str(path), _reading(path, coding), layers) for path in files]
    found.append(Task("digits", "digits", Reading(held_out=HELD_OUT), layers))
    chosen = sorted((task for task in found if only in task.name), key=lambda task: task.name)
    if not chosen:
        raise FfpgaError(f"only must be in the name of a task, not {only!r}: {', '.join(task.name for task in found)}")
    return chosen


def with_fields(tasks: Sequence[Task]) -> list[Task]:
    """Those of FIELDED, with their fields."""
    return [
        replace(task, layers=FIELDED[task.name][0], fields=FIELDED[task.name][1])
        for task in tasks
        if task.name in FIELDED
    ]


def _reading(path: Path, coding: str) -> Reading:
    """Arrays with groups are split by group; recordings and windows become spectra; the rest is as it is."""
    if path.suffix.lower() != ".npz":
        return Reading(coding=coding, held_out=SHARE)
    names = names_in(path)
    group = next((name for name in GROUPS if name in names), None)
    share = GROUP_SHARE if group else SHARE
    if "windows" in names:
        unit = UNITS.get(path.stem, 1.0)
        return Reading(coding=coding, group=group, features="spectrum", unit=unit, held_out=share)
    if "series" in names:
        return Reading(coding=coding, group=group, window=WINDOW, features="spectrum", held_out=share)
    return Reading(coding=coding, group=group, held_out=share)


def run_task(task: Task, *, seeds: int, epochs: int | None = None, progress: Progress | None = None) -> Figures:
    """Trains the chip's network on the golden model, and the others on standardised features, from so many seeds.

    The others stand beside the network of the task without fields.

    Parameters
    ----------
    task : Task
    seeds : int
    epochs : int, optional
        Default: EPOCHS, or as many as PAIRS need.
    """
    started = time.perf_counter()
    data, plain = task.load()
    config, order = task.config(data)
    assert data.prepared is not None
    passes = epochs or max(EPOCHS, -(-PAIRS // len(data.train_x)))
    found = Figures(
        task.name, len(data.train_x), len(data.test_x), data.prepared.coding.features, data.classes,
        data.prepared.coding.name, passes, config.weight_bytes, task.fields, list(task.layers),
    )  # fmt: skip
    for seed in range(seeds):
        with open_device("golden", config, order=order) as device:
            result = train(device, data, epochs=passes, seed=seed, progress=progress)
        found.ours.append(result.accuracy)
        found.clocks_a_pair.append(result.total("clocks") / result.total("pairs"))
        if task.fields is None:
            found.mlp.append(_perceptron(plain, task.layers, seed))
            found.logistic.append(_logistic(plain, seed))
    found.seconds = time.perf_counter() - started
    return found


def _perceptron(parts: Sequence[np.ndarray], layers: tuple[int, ...], seed: int) -> float:
    """scikit-learn's MLPClassifier with its own defaults, until it ends by itself."""
    from sklearn.neural_network import MLPClassifier

    return _score(MLPClassifier(layers, max_iter=MOST, random_state=seed), parts)


def _logistic(parts: Sequence[np.ndarray], seed: int) -> float:
    """scikit-learn's LogisticRegression with its own defaults."""
    from sklearn.linear_model import LogisticRegression

    return _score(LogisticRegression(max_iter=MOST, random_state=seed), parts)


def _score(model: Any, parts: Sequence[np.ndarray]) -> float:
    """Test accuracy, 0 to 1, on standardised features; a missing value is the feature's mean."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train_x, train_y, test_x, test_y = parts
    whole = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        whole.fit(train_x, train_y)
    return float(whole.score(test_x, test_y))


def run_tasks(
    tasks: Sequence[Task], out: Path, *, seeds: int, epochs: int | None, progress: Progress | None, said: Said
) -> list[dict[str, Any]]:
    """All tasks, one after the other; what is in the folder already is not repeated."""
    rows = []
    for task in tasks:
        key = {"source": task.source, "reading": vars(task.reading), "layers": list(task.layers), "seeds": seeds}
        key |= {"epochs": epochs, "fields": task.fields}
        path = out / f"task-{task.name}{'-fields' if task.fields else ''}.json"
        held = _held(path)
        if held is None or held["key"] != key:
            held = {"key": key, "figures": run_task(task, seeds=seeds, epochs=epochs, progress=progress).as_dict()}
            write_whole(path, (json.dumps(held, indent=1) + "\n").encode())
        figures = held["figures"]
        shares = ", ".join(
            f"{name} {100 * figures[name]:.2f} %" for name in ("ours", "mlp", "logistic") if name in figures
        )
        said(f"{path.stem.removeprefix('task-')}: {shares}; {figures['seconds']:.0f} s")
        rows.append(figures)
    return rows


def _held(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
