"""The command `ffpga predict`: labels of a file's samples, and how sure the network is of each."""

import csv
import sys
from contextlib import nullcontext
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ..driver.opening import open_device
from ..driver.serial_port import BAUD
from ..errors import FfpgaError
from ..files import FILE, write_whole
from ..look.console import console, progress, write_json
from ..record.beliefs import decisive_goodness
from ..training.checkpoint import load_checkpoint
from ..training.loop import predict
from .options.command import command
from .options.data import REQUIRED, Source, data_options
from .options.shared import Baud, Json, Target


@command
@data_options("label", "group", "window", "hop", "features", "unit", default=REQUIRED)
def predict_command(
    *,
    checkpoint: Annotated[Path, typer.Option(help="checkpoint.npz of a training run")],
    source: Source,
    target: Target = "golden",
    baud: Baud = BAUD,
    lanes: Annotated[int | None, typer.Option(help="neurons side by side; default: as trained")] = None,
    memory_ports: Annotated[int | None, typer.Option(help="ports of the weight memory; default: as trained")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file; default: the terminal"), FILE] = None,
    json: Json = None,
) -> None:
    """Say the label of each of a file's samples, the runner-up, and the margin of goodness between them.

    The label is the device's answer; goodness is calculated by the golden model from the checkpoint's weights.
    """
    held = load_checkpoint(checkpoint)
    if not held.config.classes:
        raise FfpgaError(f"{checkpoint} must be of a network with labels, not of one without: train with labels")
    samples, names = source.samples(held, checkpoint)
    config = held.config if lanes is None else replace(held.config, lanes=lanes)
    config = config if memory_ports is None else replace(config, memory_ports=memory_ports)
    for note in samples.notes:
        print(f"note: {note}", file=sys.stderr)
    with open_device(target, config, order=held.order, baud=baud) as device:
        held.restore(device)
        with nullcontext() if out is None else progress() as report:
            said = predict(device, samples.x, progress=report)
    assert said is not None
    goodness = decisive_goodness(held, samples.x)
    each = np.arange(len(said))
    others = goodness.copy()
    others[each, said] = -np.inf
    second = others.argmax(axis=1)
    margins = goodness[each, said] - goodness[each, second]
    rows: list[dict[str, Any]] = [
        {"sample": n + 1, "label": names[said[n]], "runner_up": names[second[n]], "margin": f"{margins[n]:.4f}"}
        for n in range(len(said))
    ]
    figures: dict[str, Any] = {"target": target, "samples": len(said), "accuracy": None}
    if samples.labels is not None:
        for row, label in zip(rows, samples.labels.tolist(), strict=True):
            row["true"] = label
        figures["accuracy"] = float(np.mean([row["label"] == row["true"] for row in rows]))
    write_json(json, figures)
    text = StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if out is None:
        sys.stdout.write(text.getvalue())
        return
    write_whole(out, text.getvalue().encode())
    right = "" if figures["accuracy"] is None else f", {100 * figures['accuracy']:.2f} % of them as the file says"
    console.print(f"wrote {out}: {len(rows):,} samples{right}", soft_wrap=True)
