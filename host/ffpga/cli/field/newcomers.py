"""The scenario new-user of `ffpga field`: some people are learned, then others one at a time."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ...coding.fitted import Coding
from ...data.dataset import Dataset
from ...data.loading import read
from ...data.preparation import Preparation
from ...data.raw import class_labels, numbered
from ...driver.device import Device
from ...driver.opening import open_device
from ...look.console import console, progress, write_json
from ...markdown import table
from ...record.beliefs import decisive_goodness
from ...training.checkpoint import Checkpoint
from ...training.field.newcomer import RATE, Margin, NewcomerRun, learn_person, parted
from ...training.loop import train
from ...training.options import TrainingOptions
from ..options.data import Source
from ..options.network import NetworkOptions

#: What is done with a new person's samples: each is learned; with an old one after it; and only where it is in doubt.
WAYS = {"plain": "all labels", "replay": "and replay", "asking": "labels asked for"}
#: A label is asked for below the margin that this share of the old people's test samples has.
DOUBT = 0.25
#: Samples of theirs that this is taken of.
MARGINS = 500


def run_newcomers(
    source: Source,
    network: NetworkOptions,
    training: TrainingOptions,
    rate: int | None,
    json: Path | None,
    *,
    target: str,
    baud: int,
) -> None:
    """Trains on the old people, lets the chip learn each new one, and shows the means.

    Raises
    ------
    FfpgaError
        The data have no people, or are not as they must be to train.
    """
    raw, _ = read(source.data, source.reading)
    train_rows, test_rows, people = parted(raw, source.reading.held_out, training.seed)
    assert raw.labels is not None
    x, names = raw.x.reshape(len(raw.x), -1), class_labels(raw, raw.labels)
    y = numbered(raw, raw.labels, names)
    coding = Coding.fit(x[train_rows], source.reading.coding or "auto", raw.names, bits=source.reading.input_bits)
    coded = coding.transform(x)
    data = Dataset(
        raw.title, coded[train_rows], y[train_rows], coded[test_rows], y[test_rows], len(names), str(coding),
        prepared=Preparation(coding, names, raw.windowing),
    )  # fmt: skip
    config = network.of(data)
    console.print(f"{data}\n{config} on {target}; {len(people)} new people of {raw.group_name}")
    runs: list[NewcomerRun] = []
    with open_device(target, config, baud=baud) as device, progress() as report:
        result = train(device, data, progress=report, **asdict(training))
        start = Checkpoint.of(device, len(result.epochs), prepared=data.prepared)
        shift = rate or min(config.rate_max, training.first_rate(config) + RATE)
        sure = float(np.quantile(_margins(start, data.test_x[:: max(1, len(data.test_x) // MARGINS)]), DOUBT))

        for done, person in enumerate(people, start=1):
            for way in WAYS:
                run = NewcomerRun(person.name, way)
                own, rest = ((coded[rows], y[rows]) for rows in (person.pool, person.rest))
                margin = _asking(device, start) if way == "asking" else None
                said: dict[str, Any] = {"rate": shift, "seed": training.seed, "margin": margin, "sure": sure}
                runs.append(learn_person(device, start, data, own, rest, run, **said))
            report("new people", done, len(people))
    ways = [_means([run for run in runs if run.way == way], way) for way in WAYS]
    _show(ways)
    console.print(f"a label is asked for where the margin of goodness is below {sure:.3f}; u {shift}")
    figures: dict[str, Any] = {
        "target": target,
        "data": data.name,
        "configuration": asdict(config),
        "training": asdict(training),
    }
    figures |= {"rate": shift, "accuracy": result.accuracy, "sure": sure, "ways": ways}
    write_json(json, {**figures, "runs": [vars(run) for run in runs]})


def _asking(device: Device, start: Checkpoint) -> Margin:
    """Margins by the weights that the device has; they are read again when it has learned something."""
    held: dict[int, Checkpoint] = {}

    def margin(sample: np.ndarray, learned: int) -> float:
        if learned not in held:
            held.clear()
            held[learned] = replace(start, weights=device.read_weights())
        return float(_margins(held[learned], sample[None])[0])

    return margin


def _margins(held: Checkpoint, x: np.ndarray) -> np.ndarray:
    """How much more goodness each answer has than its runner-up, float64[n]."""
    goodness = np.sort(decisive_goodness(held, x), axis=1)
    return goodness[:, -1] - goodness[:, -2]


def _means(runs: list[NewcomerRun], way: str) -> dict[str, Any]:
    """Of the people who have samples enough for all tests; and the worst one's own accuracy."""
    seen = max((run.seen for run in runs), key=len)
    whole = [run for run in runs if run.seen == seen]
    means = {name: np.mean([getattr(run, name) for run in whole], axis=0).tolist() for name in ("asked", "own", "old")}
    worst = np.min([run.own for run in whole], axis=0).tolist()
    return {"way": way, "people": len(whole), "seen": seen, **means, "worst": worst}


def newcomers_table(ways: list[dict[str, Any]]) -> str:
    """For the documents."""
    head = ("way", "samples", "labels said", "new person, %", "the worst one", "old people")
    return table(head, _rows(ways))


def _rows(ways: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    rows = []
    for way in ways:
        for n, seen in enumerate(way["seen"]):
            shares = [f"{100 * way[name][n]:.1f}" for name in ("own", "worst", "old")]
            rows.append((WAYS[way["way"]] if not n else "", str(seen), f"{way['asked'][n]:.1f}", *shares))
    return rows


def _show(ways: list[dict[str, Any]]) -> None:
    shown = Table(caption="accuracy in %, means of the new people; labels: how many were said")
    for name in ("way", "samples", "labels", "new", "worst", "old"):
        shown.add_column(name, justify="left" if name == "way" else "right", no_wrap=True)
    for row in _rows(ways):
        shown.add_row(*row)
    console.print(shown)
