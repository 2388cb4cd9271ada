"""The accuracy table: what networks of many kinds reach on one data set, each trained from several seeds.

A trial is one training run of the golden model, or of a baseline, and ends in one JSON file; a trial whose file is
there is not run again, so that a bench that was stopped goes on where it was.
"""

import json
import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset, square
from ..data.images import halved
from ..data.loading import load_dataset
from ..driver.opening import open_device
from ..errors import FfpgaError
from ..fields import order_of, windows
from ..files import write_whole
from ..training.loop import train
from ..training.unsupervised import read_activities, read_out, train_unsupervised
from .baselines import BASELINES

#: What a trial is: train with labels, learn without and read out, or fit a baseline of the same name.
SUPERVISED, UNSUPERVISED = "supervised", "unsupervised"


@dataclass(frozen=True)
class Trial:
    """One line of the table.

    Parameters
    ----------
    name : str
        Its name, which is its files' too.
    layers : tuple of int
        Widths.
    kind : str
        SUPERVISED, UNSUPERVISED, or a name of `baselines.BASELINES`.
    sizes : dict
        Further fields of `NetworkConfig`.
    windows : (int, int, int), optional
        Tile, window and stride of the first layer's receptive fields, see `ffpga.fields.windows`.
    options : dict
        Of `TrainingOptions`, without the seed.
    half : bool
        Images are halved along each axis.
    least : float, optional
        Accuracy that the median of the seeds must reach.
    seeds : int
        Seeds 0 to seeds - 1.
    """

    name: str
    layers: tuple[int, ...] = (128, 128)
    kind: str = SUPERVISED
    sizes: dict[str, Any] = field(default_factory=dict)
    windows: tuple[int, int, int] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    half: bool = False
    least: float | None = None
    seeds: int = 1


def trial_data(trial: Trial, data: Dataset) -> Dataset:
    """The data set as a trial wants it."""
    if not trial.half:
        return data
    half = [halved(part) for part in (data.train_x, data.test_x)]
    shape = square(half[0].shape[1])
    return replace(data, name=f"{data.name}, halved", train_x=half[0], test_x=half[1], shape=shape, prepared=None)


def trial_config(trial: Trial, data: Dataset) -> NetworkConfig:
    """The network of a trial for `trial_data`.

    Raises
    ------
    FfpgaError
        Its windows do not fit the data.
    """
    sizes: dict[str, Any] = {"classes": 0 if trial.kind == UNSUPERVISED else data.classes, **trial.sizes}
    if trial.windows is not None:
        if data.shape is None:
            raise FfpgaError(f"{trial.name} needs images, {data.name} has a sample of {data.features} features")
        sizes["fields"] = (windows(data.shape, *trial.windows).fields, *[None] * (len(trial.layers) - 1))
    return NetworkConfig(features=data.features, layers=trial.layers, **sizes)


def run_trial(trial: Trial, data: Dataset, seed: int) -> dict[str, Any]:
    """Accuracy of a trial, and what it took: for JSON."""
    data = trial_data(trial, data)
    if trial.kind in BASELINES:
        return {"accuracy": BASELINES[trial.kind](data, trial.layers, seed)}
    config = trial_config(trial, data)
    with open_device("golden", config, order=order_of(config, data.shape)) as device:
        if trial.kind == UNSUPERVISED:
            run = train_unsupervised(device, data, seed=seed, **trial.options)
            train_x, test_x = (read_activities(device, x) for x in (data.train_x, data.test_x))
            accuracy = read_out(train_x, data.train_y, test_x, data.test_y)
            return {"accuracy": accuracy, "configuration": asdict(config), **asdict(run)}
        result = train(device, data, seed=seed, **trial.options)
    return {"configuration": asdict(config), **result.as_dict()}


def place(folder: Path, trial: Trial, seed: int) -> Path:
    """The file of a trial and a seed."""
    return folder / f"{trial.name.replace(' ', '-').replace(',', '')}-seed{seed}.json"


def _described(trial: Trial, source: str, seed: int) -> dict[str, Any]:
    """What a trial's figures depend on, as it is read back from JSON."""
    choices = {"data": source, "seed": seed, **asdict(trial), "least": None}
    del choices["seeds"]
    return json.loads(json.dumps(choices))


def _stored(path: Path, trial: Trial, source: str, seed: int) -> dict[str, Any] | None:
    """Figures of a trial that was run before, with the same choices; None where there are none."""
    try:
        held = json.loads(path.read_text())
        return held["figures"] if held["trial"] == _described(trial, source, seed) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _said(source: str, reading: dict[str, Any]) -> str:
    """The data, and how they are read where that is not by default."""
    return f"{source} {json.dumps(reading, sort_keys=True)}" if reading else source


def _work(trial: Trial, source: str, seed: int, path: Path, reading: dict[str, Any]) -> dict[str, Any]:
    """A trial in a process of its own."""
    figures = run_trial(trial, load_dataset(source, **reading), seed)
    held = {"trial": _described(trial, _said(source, reading), seed), "figures": figures}
    write_whole(path, (json.dumps(held, indent=1) + "\n").encode())
    return figures


def run_trials(
    trials: Iterable[Trial],
    source: str,
    folder: Path,
    *,
    jobs: int,
    reading: dict[str, Any] | None = None,
    on_end: Callable[[Trial, int, dict[str, Any]], None] | None = None,
) -> list[dict[str, Any]]:
    """Runs what was not run yet, side by side, and returns a row for each trial.

    Parameters
    ----------
    source, reading
        As for `load_dataset`.
    folder : Path
        Of a file for each trial and seed.
    jobs : int
        Processes at once.
    on_end
        Called with each trial, seed and its figures as they come.
    """
    chosen = list(trials)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_one_thread) as pool:
        waiting = {}
        for seed in range(max(trial.seeds for trial in chosen)):
            for trial in (trial for trial in chosen if seed < trial.seeds):
                path = place(folder, trial, seed)
                held = _stored(path, trial, _said(source, reading or {}), seed)
                if held is not None:
                    found[trial.name, seed] = held
                else:
                    waiting[pool.submit(_work, trial, source, seed, path, reading or {})] = trial, seed
        try:
            for one in as_completed(waiting):
                trial, seed = waiting[one]
                found[trial.name, seed] = one.result()
                if on_end is not None:
                    on_end(trial, seed, found[trial.name, seed])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [_row(trial, [found[trial.name, seed] for seed in range(trial.seeds)]) for trial in chosen]


def _one_thread() -> None:
    """Side by side, each process keeps to one thread."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


def _row(trial: Trial, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """A line of the table."""
    accuracies = [run["accuracy"] for run in runs]
    row = {**asdict(trial), "accuracies": accuracies, "median": median(accuracies)}
    if all("clocks" in run for run in runs):
        row["clocks_a_pair"] = float(np.mean([run["clocks"] / run["pairs"] for run in runs]))
        row["weight_bytes"] = NetworkConfig.from_json(json.dumps(runs[0]["configuration"])).weight_bytes
    if all("floor_clocks" in run for run in runs):
        row["floor_a_pair"] = float(np.mean([run["floor_clocks"] / run["pairs"] for run in runs]))
    if all("weights_sha256" in run for run in runs):
        row["weights_sha256"] = [run["weights_sha256"] for run in runs]
    row["reached"] = None if trial.least is None else row["median"] >= trial.least
    return row
