"""Clocks and cells against lanes, width and depth; where each FPGA ends."""

import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden import floor_clocks
from ffpga_golden.config import NetworkConfig
from ffpga_golden.fields import Fields
from ffpga_golden.timing import update_interval

from ...data.dataset import Dataset
from ...driver.opening import open_device
from ...fields import order_of
from ...files import write_whole
from ...markdown import sections, table
from ...training.loop import Progress, predict, prepare
from ...training.options import TrainingOptions
from ...training.work import check_fit, epoch_work
from .points import LANES, cell_points, clock_points, fields_over

#: Clocks a pair of the other open Forward-Forward core in RTL, at 784-256-256, as its authors give them.
PEER_LAYERS, PEER_LANES, PEER_CLOCKS = (256, 256), 8, 1_336_000


def dense_clocks(config: NetworkConfig) -> int:
    """Clocks a pair of a schedule that skips nothing: both phases read and update every input's, label's and bias word.

    Such as hardware of so many lanes takes that walks all inputs that a neuron sees, with one memory.
    """
    words = sum((config.seen(n) + 1 + (n == 0)) * config.groups[n] for n in range(config.depth))
    return 2 * (1 + update_interval(config)) * words


def count_clocks(config: NetworkConfig, data: Dataset, pairs: int, inferences: int) -> dict[str, float]:
    """Means of the first so many pairs of a training run, and of inferences after them, as golden counts.

    Clocks and floor of a pair, weights, clocks a weight, clocks where nothing is skipped, clocks of an inference.
    """
    check_fit(config, data)
    options = TrainingOptions(epochs=5)
    with open_device("golden", config, order=order_of(config, data.shape)) as device:
        prepare(device, options)
        start = device.counters()
        for work in islice(epoch_work(options, data, 0), pairs):
            work.submit(device, data)
        trained = device.counters()
        predict(device, data.test_x[:inferences])
        tested = device.counters()
    spent = {name: trained[name] - start[name] for name in trained}
    clocks = spent["clocks"] / spent["pairs"]
    return {
        "clocks_a_pair": clocks,
        "floor_a_pair": floor_clocks(config, spent["words_read"], spent["words_updated"]) / spent["pairs"],
        "weights": config.weights,
        "clocks_a_weight": clocks / config.weights,
        "dense_clocks_a_pair": dense_clocks(config),
        "clocks_an_inference": (tested["clocks"] - trained["clocks"]) / min(inferences, len(data.test_x)),
    }


def measure_clocks(
    data: Dataset, *, pairs: int, inferences: int, progress: Progress = lambda stage, done, total: None
) -> dict[str, Any]:
    """Clocks of all points, and of the other core's network, for JSON."""
    points = clock_points(data.features, data.classes, fields_over(data))
    rows = []
    for done, point in enumerate(points):
        progress("clocks", done, len(points))
        rows.append({**point.as_dict(), **count_clocks(point.config, data, pairs, inferences)})
    beside = NetworkConfig(features=data.features, classes=data.classes, layers=PEER_LAYERS, lanes=PEER_LANES)
    ours = count_clocks(beside, data, pairs, inferences)
    peer_weights = data.features * beside.layers[0] + beside.layers[0] * beside.layers[1]
    peer = {"clocks_a_pair": PEER_CLOCKS, "clocks_a_weight": PEER_CLOCKS / peer_weights}
    return {"pairs": pairs, "inferences": inferences, "points": rows, "beside_peer": {"ours": ours, "peer": peer}}


def packed(board: Any, config: NetworkConfig, folder: Path) -> dict[str, int]:
    """Cells and blocks of a core on a board (`flow.pack.pack`), kept in a folder by the Verilog they are of."""
    from ffpga_hw.flow import tools
    from ffpga_hw.flow.pack import pack
    from ffpga_hw.flow.synth import tools_of
    from ffpga_hw.flow.verilog import generate_top

    versions = [tools.version(name) for name in tools_of(board)[:2]]
    text = "\0".join((board.name, generate_top(board, config), *versions))
    place = folder / hashlib.sha256(text.encode()).hexdigest()[:16]
    kept = place / "cells.json"
    if kept.exists():
        return json.loads(kept.read_text())
    place.mkdir(parents=True, exist_ok=True)
    found = pack(board, config, place)
    write_whole(kept, (json.dumps(found) + "\n").encode())
    return found


def measure_cells(
    boards: Sequence[Any],
    features: int,
    classes: int,
    fields: Fields | None,
    folder: Path,
    *,
    every: bool,
    on_point: Callable[[str], None] = lambda text: None,
) -> list[dict[str, Any]]:
    """Cells of all points of some boards, for JSON."""
    points = [
        (board, point) for board in boards for point in cell_points(board, features, classes, fields, every=every)
    ]
    rows = []
    for axis in ("lanes", "width", "depth"):
        for board, point in points:
            if point.axis == axis:
                on_point(f"{board.name}: {point.config}")
                rows.append({**point.as_dict(), "board": board.name, **packed(board, point.config, folder)})
    return rows


def ends(boards: Sequence[Any], features: int, classes: int, fields: Fields | None) -> list[dict[str, Any]]:
    """Where each chip ends, for JSON.

    Lanes by its multipliers, and by its memory the widest network of two layers, and that of one with fields.
    """
    from ffpga_hw.flow.fit import check_fit as fits
    from ffpga_hw.flow.fit import largest_width

    rows = []
    for board in boards:
        sizes = {"features": features, "classes": classes, "memory_ports": board.preset.memory_ports}
        widths: dict[str, int] = {}
        in_fields: dict[str, int] = {}
        for lanes in LANES:
            config = NetworkConfig(**sizes, lanes=lanes, layers=(lanes, lanes))
            try:
                fits(board, config)
            except ValueError:
                continue
            widths[str(lanes)] = largest_width(board, config)
            if fields is not None:
                layer = (lanes * len(fields.blocks),)
                one = NetworkConfig(**sizes, lanes=lanes, layers=layer, fields=(fields,))
                in_fields[str(lanes)] = largest_width(board, one)
        ports = board.preset.memory_ports
        found = {"board": board.name, "chip": board.chip.name, **_chip(board), "ports": ports, "widths": widths}
        rows.append({**found, "in_fields": in_fields})
    return rows


def _chip(board: Any) -> dict[str, int]:
    return {"dsp": board.chip.dsp, "cells": board.chip.cells, "bram": board.chip.bram}


def lanes_of_cells(rows: Sequence[dict[str, Any]], cells: int) -> int | None:
    """Lanes at which cells run out, on a line through that axis' fully connected points; None where there is one."""
    held = [row for row in rows if row["axis"] == "lanes" and not row["configuration"]["fields"]]
    if len(held) < 2:
        return None
    slope, base = np.polyfit([row["place"] for row in held], [row["cells"] for row in held], 1)
    return int((cells - base) / slope)


def clocks_table(rows: Sequence[dict[str, Any]]) -> str:
    """Clocks as Markdown."""
    head = ("network", "clocks a pair", "floor", "to the floor", "nothing skipped", "clocks a weight", "an inference")
    lines = []
    seen = set()
    for row in rows:
        config = _configuration(row)
        if config in seen:
            continue
        seen.add(config)
        lines.append(
            (
                network(config),
                f"{row['clocks_a_pair']:,.0f}",
                f"{row['floor_a_pair']:,.0f}",
                f"{row['clocks_a_pair'] / row['floor_a_pair']:.2f}",
                f"{row['dense_clocks_a_pair']:,}",
                f"{row['clocks_a_weight']:.3f}",
                f"{row['clocks_an_inference']:,.0f}",
            )
        )
    return table(head, lines)


def cells_table(rows: Sequence[dict[str, Any]]) -> str:
    """Cells as Markdown."""
    from ffpga_hw.boards.table import board

    lines = []
    seen = set()
    for row in rows:
        config, chip = _configuration(row), board(row["board"]).chip
        if (row["board"], config) in seen:
            continue
        seen.add((row["board"], config))
        has = {"cells": chip.cells, "bram": chip.bram, "dsp": chip.dsp}
        used = (f"{row[name]:,} of {most:,}{' (too many)' if row[name] > most else ''}" for name, most in has.items())
        lines.append((f"`{row['board']}`", network(config), *used))
    return table(("board", "network", "cells", "block RAMs", "multipliers"), lines)


def ends_table(rows: Sequence[dict[str, Any]], cells: Sequence[dict[str, Any]]) -> str:
    """Where each chip ends, as Markdown; with fields in a line of its own."""
    from ffpga_hw.boards.table import board

    head = ("chip", "lanes by multipliers", "by cells", *(f"widest, {n} lanes" for n in LANES))
    lines = {}
    for row in rows:
        family = board(row["board"]).chip.family
        alike = [found for found in cells if board(found["board"]).chip.family == family]
        most = lanes_of_cells(alike, row["cells"])
        for kind, name in (("widths", row["chip"]), ("in_fields", f"{row['chip']}, fields")):
            if row[kind]:
                widths = (str(row[kind].get(str(n)) or "-") for n in LANES)
                lines[name] = (name, str(row["dsp"]), "not counted" if most is None else str(most), *widths)
    return table(head, list(lines.values()))


def _configuration(row: dict[str, Any]) -> NetworkConfig:
    return NetworkConfig.from_json(json.dumps(row["configuration"]))


def network(config: NetworkConfig) -> str:
    """A configuration in few words."""
    widths = "-".join(str(width) for width in (config.features, *config.layers))
    over = f"{config.blocks(0)} fields, " if config.fields_of(0) else ""
    return f"{widths}, {over}{config.lanes} lanes, {config.memory_ports} port{'s' if config.memory_ports > 1 else ''}"


def page(figures: dict[str, Any]) -> str:
    """What `ffpga bench scaling` shows, as Markdown."""
    clocks = figures["clocks"]
    means = (
        f"Means of the first {clocks['pairs']:,} pairs and of {clocks['inferences']:,} inferences, {figures['data']}"
    )
    return sections(
        {
            means: clocks_table(clocks["points"]),
            "Cells, packed without placing": cells_table(figures["cells"]),
            "Where each chip ends, with two layers, and with one in fields": ends_table(
                figures["ends"], figures["cells"]
            ),
        }
    )
