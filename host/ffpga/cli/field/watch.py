"""The command `ffpga watch`: learn what is normal from a stream's beginning, alarm, and get used to what stays."""

import csv
from dataclasses import asdict
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ffpga_golden.config import NetworkConfig

from ...coding.fitted import Coding
from ...data.loading import read
from ...data.preparation import Preparation
from ...data.raw import Raw
from ...driver.opening import open_device
from ...driver.serial_port import BAUD
from ...errors import FfpgaError
from ...files import folder, write_whole
from ...look.console import console, progress, show, write_json
from ...look.stream import draw_stream
from ...training.checkpoint import Checkpoint
from ...training.field.watch import FEWEST, Judged, Watch
from ...training.normal import population_of
from ...training.options import TrainingOptions
from ..options.command import command
from ..options.data import REQUIRED, Source, data_options
from ..options.network import NetworkOptions, network_options
from ..options.shared import Baud, Json, Target

#: Stretches of one label that the table shows.
SHOWN = 12


@command
@data_options("coding", "label", "group", "window", "hop", "features", "unit", "input_bits", default=REQUIRED)
@network_options("layers", "lanes", "weight_bits")
def watch_command(
    *,
    source: Source,
    target: Target = "golden",
    baud: Baud = BAUD,
    network: NetworkOptions,
    learn: Annotated[
        int | None, typer.Option(help="samples at the beginning that are normal; default: a quarter", min=FEWEST)
    ] = None,
    false_alarms: Annotated[float, typer.Option(help="share of normal samples that may alarm, 0 to 0.5")] = 0.01,
    learning: Annotated[bool, typer.Option(help="go on learning while watching, so that what stays is normal")] = True,
    epochs: Annotated[int, typer.Option(help="passes over the beginning", min=1)] = 20,
    rate: Annotated[int | None, typer.Option(help="first learning-rate shift u, and that of the stream")] = None,
    seed: Annotated[int, typer.Option(help="of weights, orders, mixtures and dither")] = 0,
    out: Annotated[
        Path,
        typer.Option(help="folder for watch.csv, watch.png and checkpoint.npz"),
        folder("watch.csv", "watch.png", "checkpoint.npz"),
    ] = Path("runs/watch"),
    json: Json = None,
) -> None:
    """Learn what is normal from the beginning of a recording, without labels, and alarm where the rest is strange.

    Labels, where the file has some, are not learned from: table and picture show them beside the alarms.
    """
    raw, _ = read(source.data, source.reading, labelled=False)
    x = raw.x.reshape(len(raw.x), -1)
    first = max(FEWEST, len(x) // 4) if learn is None else learn
    if first >= len(x):
        raise FfpgaError(
            f"learn must be below the {len(x)} samples of {raw.name}, not {first}: nothing is left to watch"
        )
    coding = Coding.fit(x[:first], _kind(source, x.shape[1]), raw.names, bits=source.reading.input_bits)
    options = TrainingOptions(objective="threshold", negatives="host", epochs=epochs, rate=rate, seed=seed)
    coded = coding.transform(x)
    config = network.config(coding.inputs, 0)
    console.print(f"{raw.title}: {first:,} of {len(x):,} samples to learn, {coding}\n{config} on {target}")
    with open_device(target, config, baud=baud) as device:
        with console.status("learning what is normal"):
            watch = Watch(device, coded[:first], coding.features, options, false_alarms=false_alarms, learning=learning)
        judged: list[Judged] = []
        with progress() as report:
            for one in watch.follow(coded[first:]):
                judged.append(one)
                report("watching", len(judged), len(x) - first)
        Checkpoint.of(device, epochs, prepared=Preparation(coding, (), raw.windowing)).save(out / "checkpoint.npz")
    labels = None if raw.labels is None else raw.labels[first:].tolist()
    write_whole(out / "watch.csv", _csv(raw, first, judged))
    alarms, goodness = [one.alarm for one in judged], [one.goodness for one in judged]
    draw_stream(
        goodness, alarms, watch.threshold, out / "watch.png", learned=first, labels=labels,
        title=f"{raw.title}: {false_alarms:.1%} false alarms stated",
    )  # fmt: skip
    figures = _figures(target, config, coding, watch, judged, labels)
    write_json(json, {**figures, "learned": first, "false_alarms": false_alarms, "options": asdict(options)})
    shown = {"threshold": f"{watch.threshold:.3f}", "alarms": f"{sum(alarms):,} of {len(alarms):,} samples"}
    shares = [(f"{part['label']}, {part['samples']:,} samples", _shares(part)) for part in figures["stretches"]]
    parts = {f"{n}: {name}": said for n, (name, said) in enumerate(shares[:SHOWN], start=1)}
    if len(shares) > SHOWN:
        parts["..."] = f"{len(shares) - SHOWN} more stretches of one label in the figures of --json"
    show("watched", {**shown, **parts})
    console.print(f"wrote {out}/watch.csv, watch.png and checkpoint.npz", soft_wrap=True)


def _kind(source: Source, features: int) -> str:
    said = source.reading.coding
    return population_of(features) if said in (None, "auto") else str(said)


def _shares(part: dict[str, Any]) -> str:
    return f"alarms {part['first']:.0%} of the first fifth, {part['last']:.0%} of the last"


def _csv(raw: Raw, first: int, judged: list[Judged]) -> bytes:
    text = StringIO()
    names = ["sample", "where", "goodness", "alarm", *([] if raw.labels is None else ["true"])]
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(names)
    for n, one in enumerate(judged, start=first):
        true = [] if raw.labels is None else [raw.labels[n]]
        rows.writerow([n + 1, raw.where(n), f"{one.goodness:.4f}", int(one.alarm), *true])
    return text.getvalue().encode()


def _figures(
    target: str, config: NetworkConfig, coding: Coding, watch: Watch, judged: list[Judged], labels: list[str] | None
) -> dict[str, Any]:
    """For JSON: all alarms, and those of each stretch of one label, its first fifth and its last."""
    alarms = np.array([one.alarm for one in judged])
    stretches = []
    if labels is not None:
        ends = [0, *(n for n in range(1, len(labels)) if labels[n] != labels[n - 1]), len(labels)]
        for begin, end in pairwise(ends):
            fifth = max(1, (end - begin) // 5)
            shares = {
                "first": float(alarms[begin : begin + fifth].mean()),
                "last": float(alarms[end - fifth : end].mean()),
            }
            stretches.append({"label": labels[begin], "samples": end - begin, **shares})
    return {
        "target": target,
        "configuration": asdict(config),
        "coding": coding.name,
        "threshold": watch.threshold,
        "samples": len(judged),
        "alarms": int(alarms.sum()),
        "stretches": stretches,
    }
