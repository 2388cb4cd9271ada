"""Sweeps: the points of a grid of networks, cores and ways to train them, and the table of what became of each."""

import functools
import json
import math
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset, data_sha256
from ..data.loading import load_dataset
from ..driver.opening import open_device
from ..errors import FfpgaError
from ..fields import SHAPES, Shape, Windows, order_of, parse_windows
from ..training.loop import Progress, train
from ..training.options import TrainingOptions
from .jobs import Job, run_jobs

#: Axes of a grid: fields of `NetworkConfig`, and fields of `TrainingOptions`.
SIZES = ("layers", "lanes", "weight_bits", "memory_ports")
#: The axis of the first layer's receptive fields, as they are typed; None for none.
FIELDS = "fields"
#: The axis of what only a recurrent network has, as it is typed: yes or no.
RECURRENT = "recurrent"
CHOICES = ("objective", "negatives", "gate", "rate", "polarity", "shift", "distort", "epochs", "seed")


@dataclass(frozen=True)
class Point:
    """One line of the table."""

    config: NetworkConfig
    options: TrainingOptions
    fields: Windows | None = None  #: of the first layer

    @classmethod
    def of(cls, data: Dataset, values: Mapping[str, Any]) -> "Point":
        """A point by its place on each axis; an error where it cannot be trained."""
        sizes = {name: values[name] for name in SIZES if name in values}
        again = _yes(values.get(RECURRENT, "no"))
        config = NetworkConfig(features=data.features, classes=data.classes, recurrent=again, **sizes)
        windows = _windows(data, values.get(FIELDS))
        if windows is not None:
            config = replace(config, fields=(windows.fields, *[None] * (config.depth - 1)))
        options = TrainingOptions(**{name: values[name] for name in CHOICES if name in values})
        options = replace(options.of(config), rate=options.rate_of(config))
        options.check_data(data)
        with open_device("golden", config) as device:
            for name, value in options.registers(config).items():
                device.check_register(name, value)
        return cls(config, options, windows)

    @property
    def values(self) -> dict[str, Any]:
        """Its place on each axis."""
        sizes = {name: getattr(self.config, name) for name in SIZES}
        layers = "-".join(map(str, self.config.layers))
        kinds = {RECURRENT: "yes"} if self.config.recurrent else {}
        kinds |= {FIELDS: self.fields.typed} if self.fields else {}
        return {**sizes, "layers": layers, **kinds, **{name: getattr(self.options, name) for name in CHOICES}}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.values.items())


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise FfpgaError(f"{RECURRENT} must be yes or no, not {text!r}")
    return text == "yes"


def _windows(data: Dataset, text: str | None) -> Windows | None:
    if text is None:
        return None
    if data.shape is None:
        raise FfpgaError(f"fields need the shape of a sample of {data.name}: add --shape, {SHAPES}")
    return parse_windows(text, data.shape)


def choose_points(
    data: Dataset, axes: Mapping[str, Sequence[Any]], seeds: int = 1, draw: int | None = None, draw_seed: int = 0
) -> list[Point]:
    """The points of a grid, or of so many of its configurations drawn at random.

    Parameters
    ----------
    axes
        Values of each axis, by names of `SIZES`, `CHOICES`, `RECURRENT` and `FIELDS`; what is not there has its
        default.
    seeds : int
        Each configuration is trained from seeds 0 to seeds - 1.
    draw, draw_seed : int
        How many configurations to draw, and of what seed.

    Raises
    ------
    FfpgaError, TypeError, ValueError
        A point cannot be trained, or there are not so many.
    """
    different = {name: list(dict.fromkeys(values)) for name, values in axes.items()}
    shape = [len(values) for values in different.values()]
    total = math.prod(shape)
    if seeds < 1 or not total:
        raise FfpgaError("a sweep must have points: give every axis a value, and 1 seed or more")
    if draw is not None and not 1 <= draw <= total:
        raise FfpgaError(f"random must be 1 to {total:,}, the configurations of the grid, not {draw:,}")
    chosen = range(total) if draw is None else sorted(random.Random(draw_seed).sample(range(total), draw))
    points = []
    for index in chosen:
        places = zip(different, np.unravel_index(index, shape), strict=True)
        values = {name: different[name][place] for name, place in places}
        points += [Point.of(data, {**values, "seed": seed}) for seed in range(seeds)]
    return list(dict.fromkeys(points))


@functools.cache
def _worker_data(source: str, sha256: str, reading: tuple[tuple[str, Any], ...]) -> Dataset:
    """The data set, on a worker."""
    data = load_dataset(source, **dict(reading))
    if data_sha256(data) != sha256:
        raise FfpgaError(f"data {source} must be the same on every worker: copy them to the one that has others")
    return data


def _configured(configuration: dict[str, Any]) -> NetworkConfig:
    """A configuration that came as a dictionary."""
    return NetworkConfig.from_json(json.dumps(configuration))


def train_point(
    source: str,
    reading: tuple[tuple[str, Any], ...] = (),
    *,
    data: str,
    configuration: dict[str, Any],
    options: dict[str, Any],
    shape: str | None = None,
) -> dict[str, Any]:
    """Trains a point, on a worker: `TrainingResult.as_dict`.

    `data` is the hash of what `source`, read like that, must hold, `shape` that of a sample where the first layer has
    fields.
    """
    config = _configured(configuration)
    order = order_of(config, Shape.parse(shape)) if shape else None
    with open_device("golden", config, order=order) as device:
        return train(device, _worker_data(source, data, reading), **options).as_dict()


def pack_core(*, board: str, configuration: dict[str, Any]) -> dict[str, Any]:
    """Packs a point's core for a board, on a worker: `ffpga_hw.flow.pack.pack`, or why the board cannot hold it."""
    from ffpga_hw.boards import table as boards
    from ffpga_hw.flow.pack import pack

    with tempfile.TemporaryDirectory(prefix="ffpga-pack-") as folder:
        try:
            return pack(boards.board(board), _configured(configuration), Path(folder))
        except ValueError as error:
            return {"cells": None, "message": str(error)}


class Sweep:
    """Points on their way to a table.

    Parameters
    ----------
    points : iterable of Point
    source, reading
        The data, as for `load_dataset`; every worker must find the same there.
    data : Dataset
        The same, loaded.
    folder : Path
        Of the answers' files.
    board : str, optional
        Board for which each core is packed, once.
    """

    def __init__(
        self,
        points: Iterable[Point],
        *,
        source: str,
        data: Dataset,
        folder: Path,
        board: str | None = None,
        reading: Mapping[str, Any] | None = None,
    ) -> None:
        trained = functools.partial(train_point, source, tuple((reading or {}).items()))
        digest = data_sha256(data)
        self._jobs: dict[Point, list[Job]] = {}
        for point in points:
            sizes = asdict(point.config)
            options = asdict(point.options)
            asked: dict[str, Any] = {"data": digest, "configuration": sizes, "options": options}
            if point.fields:
                asked["shape"] = str(point.fields.shape)
            self._jobs[point] = [Job.of(folder / "points", trained, **asked)]
            if board is not None:
                self._jobs[point].append(Job.of(folder / "cells", pack_core, board=board, configuration=sizes))
        jobs = {job.key: job for of_point in self._jobs.values() for job in of_point}
        self._answers = {key: held for key, job in jobs.items() if (held := job.stored()) is not None}
        #: What is still to be done.
        self.waiting = [job for key, job in jobs.items() if key not in self._answers]

    def run(self, client: Any, progress: Progress = lambda stage, done, total: None) -> None:
        """Does what is waiting."""
        total = len(self.waiting)
        progress("points", 0, total)

        def end(job: Job, answer: dict[str, Any]) -> None:
            self._answers[job.key] = answer
            self.waiting.remove(job)
            progress("points", total - len(self.waiting), total)

        run_jobs(client, list(self.waiting), end)

    def rows(self) -> list[dict[str, Any]]:
        """The table, once nothing is waiting."""
        without = {RECURRENT: "no"} if any(point.config.recurrent for point in self._jobs) else {}
        without |= {FIELDS: "none"} if any(point.fields for point in self._jobs) else {}
        return [self._row(point, without) for point in self._jobs]

    def _row(self, point: Point, without: dict[str, Any]) -> dict[str, Any]:
        """Axes, figures and how it ended; `without` is said of a network without fields, or not recurrent."""
        answers = [self._answers[job.key] for job in self._jobs[point]]
        messages = [text for answer in answers if (text := answer.get("error") or answer.get("message"))]
        failed = any("error" in answer for answer in answers)
        trained = answers[0]
        row = {
            **without,
            **point.values,
            "status": "failed" if failed else "done",
            "accuracy": None,
            "weights": point.config.weights,
            "weight_bytes": point.config.weight_bytes,
            "clocks_a_pair": None,
            "last_clocks_a_pair": None,
            "floor_ratio": None,
        }
        if "error" not in trained:
            last = trained["epochs"][-1]
            row |= {
                "accuracy": trained["accuracy"],
                "clocks_a_pair": trained["clocks"] / trained["pairs"],
                "last_clocks_a_pair": last["clocks"] / last["pairs"],
                "floor_ratio": trained["clocks"] / trained["floor_clocks"],
            }
        if len(answers) > 1:
            row["cells"] = answers[1].get("cells")
        return {**row, "message": "; ".join(messages)}
