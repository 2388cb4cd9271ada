"""Accuracy and bytes on the line against the bits of an input."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.protocol import BITS, Opcode, encode_frame, pack_sample

from ...data.loading import Reading
from ...driver.opening import open_device
from ...driver.samples import loading
from ...errors import FfpgaError
from ...files import write_whole
from ...markdown import table
from ...training.loop import Progress, train
from ..boards import named
from ..tasks import EPOCHS, PAIRS, Task, tasks_of

#: MNIST's network, 31,000 bytes, and its epochs.
IMAGES, FIELDS, IMAGE_EPOCHS = (200,), "4,3,1", 10
#: Sensors' tasks.
SENSORS = "hapt", "watch"


def tasks_for(images: str, directory: Path | None, sensors: Sequence[str] = SENSORS) -> list[tuple[Task, int | None]]:
    """The images of MNIST, the digits, and the sensors' tasks in a folder, with epochs where they are not the tasks'.

    Raises
    ------
    FfpgaError
        There is no such folder, or it lacks one of the tasks.
    """
    chosen: list[tuple[Task, int | None]] = [
        (Task("MNIST" if images.startswith("mnist:") else images, images, Reading(), IMAGES, FIELDS), IMAGE_EPOCHS),
        (Task("digits", "digits", Reading()), None),
    ]
    if directory is not None:
        held = {task.name: task for task in tasks_of(directory)}
        for name in sensors:
            if name not in held:
                raise FfpgaError(f"tasks must have {name}, and have {', '.join(held)}: name others with --only")
            chosen.append((held[name], None))
    return chosen


def run_bits(
    chosen: Sequence[tuple[Task, int | None]],
    out: Path,
    *,
    seeds: int,
    epochs: int | None = None,
    progress: Progress | None = None,
    said: Callable[[str], None] = print,
) -> list[dict[str, Any]]:
    """Trains each task with 8, 4, 2 and 1 bits an input on the golden model; what is in the folder is not repeated.

    Returns
    -------
    list of dict
        A task each: name, network, weight_bytes, epochs, `pairs_bytes`, mean bytes of a sample's frame as gaps and
        values, and for each number of bits accuracy (median), seeds and bytes as the driver sends them.
    """
    rows = []
    for task, passes in chosen:
        path = out / f"bits-{task.name.lower()}.json"
        key = {"task": asdict(task), "epochs": epochs or passes, "seeds": seeds}
        held = _held(path)
        if held is None or held["key"] != json.loads(json.dumps(key)):
            held = {"key": key, "row": _task(task, seeds, epochs or passes, progress)}
            write_whole(path, (json.dumps(held, indent=1) + "\n").encode())
        row = held["row"]
        said(f"{row['name']}: " + ", ".join(f"{one['bits']} bits {100 * one['accuracy']:.2f} %" for one in row["bits"]))
        rows.append(row)
    return rows


def _task(task: Task, seeds: int, epochs: int | None, progress: Progress | None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": task.name, "bits": []}
    for bits in BITS:
        data, _ = replace(task, reading=replace(task.reading, input_bits=bits)).load()
        config, order = task.config(data)
        passes = epochs or max(EPOCHS, -(-PAIRS // len(data.train_x)))
        accuracies = []
        for seed in range(seeds):
            with open_device("golden", config, order=order) as device:
                accuracies.append(train(device, data, epochs=passes, seed=seed, progress=progress).accuracy)
        sent = data.train_x if order is None else data.train_x[:, order]
        if bits == 8:
            pairs = float(np.mean([len(encode_frame(1, Opcode.LOAD_SAMPLE, b"\0" + pack_sample(x))) for x in sent]))
            found |= {
                "network": named(config),
                "weight_bytes": config.weight_bytes,
                "epochs": passes,
                "pairs_bytes": pairs,
            }
        size = float(np.mean([len(encode_frame(1, *loading(x, few_bits=True))) for x in sent]))
        accuracy = float(np.median(accuracies))
        found["bits"].append({"bits": bits, "accuracy": accuracy, "seeds": accuracies, "bytes": size})
    return found


def _held(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def bits_table(rows: Sequence[dict[str, Any]]) -> str:
    """Accuracies in %, in brackets bytes of a sample's frame, as Markdown."""
    head = ("data", "network", "epochs", "gap and value", *(f"{bits} bit{'s' * (bits > 1)}" for bits in BITS))
    lines = []
    for row in rows:
        cells = (f"{100 * one['accuracy']:.2f} ({one['bytes']:.0f})" for one in row["bits"])
        lines.append((row["name"], row["network"], str(row["epochs"]), f"({row['pairs_bytes']:.0f})", *cells))
    return table(head, lines)
