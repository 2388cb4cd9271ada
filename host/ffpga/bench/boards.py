"""What each board's network takes of time, of the serial line and, as an estimate, of energy.

Nothing of it is measured on a board. The clocks are those that the golden model counts, which are the core's.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import Opcode, encode_frame, pack_sample

from ..data.dataset import Dataset
from ..driver.opening import open_device
from ..fields import order_of
from ..markdown import table
from ..training.loop import Progress, predict, train
from ..training.work import check_fit

#: Bits that a byte takes on the serial line: start, eight of data, stop.
LINE_BITS = 10

# Source of these constants: github.com/tinyvision-ai-inc/ice40_power, currents of an iCE40UP5K's rails of 1.219 V.
#: Clock in MHz and mW of core and PLL with a PLL from 12 MHz and a small counter.
UP5K_IDLE = {16: (1419 + 138.6) * 1.219e-3, 32: (2029 + 138.9) * 1.219e-3, 48: (2573 + 103.6) * 1.219e-3}
#: pJ of an 8 x 8 multiply in a DSP, with the two counters that feed it: 882 against 645 uA at 12 MHz.
UP5K_MULTIPLY = (882 - 645) * 1.219 / 12
#: pJ a clock of a logic cell that is part of such a multiplier: 996 against 645 uA, 208 cells against 28.
UP5K_BUSY_CELL = (996 - 645) * 1.219 / 12 / (208 - 28)


@dataclass(frozen=True)
class Work:
    """Means of one training pair, or of one inference."""

    clocks: float
    multiplies: float  #: lanes in words read and updated


@dataclass(frozen=True)
class Counts:
    """What the golden model counts of a network on a data set."""

    samples: int  #: training pairs an epoch
    tests: int  #: inferences
    epochs: tuple[Work, ...]
    inference: Work


def count(
    config: NetworkConfig,
    data: Dataset,
    *,
    epochs: int,
    progress: Progress | None = None,
    on_epoch: Callable[[Any], None] | None = None,
) -> Counts:
    """Trains the golden model and counts; the inferences are those of the test samples after the last epoch."""
    check_fit(config, data)
    with open_device("golden", config, order=order_of(config, data.shape)) as device:
        result = train(device, data, epochs=epochs, progress=progress, on_epoch=on_epoch)
        before = device.counters()
        predict(device, data.test_x, progress=progress)
        after = device.counters()
    spent = {name: after[name] - before[name] for name in after}
    tests = len(data.test_x)
    return Counts(
        samples=len(data.train_x),
        tests=tests,
        epochs=tuple(_work(config, vars(epoch), epoch.pairs) for epoch in result.epochs),
        inference=_work(config, spent, tests),
    )


def _work(config: NetworkConfig, spent: dict[str, Any], steps: int) -> Work:
    words = spent["words_read"] + spent["words_updated"]
    return Work(clocks=spent["clocks"] / steps, multiplies=words * config.lanes / steps)


def shortened(data: Dataset, samples: int | None, tests: int | None) -> Dataset:
    """The first samples of a data set's parts; None for all of them."""
    return replace(
        data,
        train_x=data.train_x[:samples],
        train_y=data.train_y[:samples],
        test_x=data.test_x[:tests],
        test_y=data.test_y[:tests],
    )


def named(config: NetworkConfig) -> str:
    """A network in a few words, such as ``784-200-32, 25 fields``."""
    sizes = "-".join(map(str, (config.features, *config.layers)))
    return f"{sizes}, {config.blocks(0)} fields" if config.fields else sizes


def line_bytes(samples: Iterable[np.ndarray], step: Opcode) -> float:
    """Mean bytes to the device for a sample, as the device takes it (`as_sent`), and its step."""
    payload = bytes(2 if step == Opcode.TRAIN_PAIR else 0)
    command = len(encode_frame(1, step, payload))
    return float(np.mean([len(encode_frame(1, Opcode.LOAD_SAMPLE, b"\0" + pack_sample(x))) + command for x in samples]))


def as_sent(config: NetworkConfig, data: Dataset) -> Dataset:
    """A data set with its features in the order in which a device with this configuration is sent them."""
    order = order_of(config, data.shape)
    return data if order is None else replace(data, train_x=data.train_x[:, order], test_x=data.test_x[:, order])


def up5k_microjoules(work: Work, clock_mhz: float, cells: int) -> tuple[float, float]:
    """Estimate of the least energy of a step in microjoules, and of one where every logic cell is busy.

    The least is the idle chip's power for the step's time and its multiplies. What the SPRAMs and block RAMs take is in
    neither.
    """
    idle = np.interp(clock_mhz, list(UP5K_IDLE), list(UP5K_IDLE.values()))
    least = float(idle * 1e-3 * work.clocks / clock_mhz + UP5K_MULTIPLY * 1e-6 * work.multiplies)
    return least, least + UP5K_BUSY_CELL * 1e-6 * cells * work.clocks


def figures(board: Any, counts: Counts, data: Dataset, baud: int, cells: int) -> dict[str, Any]:
    """All figures of a board (`ffpga_hw.boards.table.Board`) for JSON and for the tables."""
    first, last, inference = counts.epochs[0], counts.epochs[-1], counts.inference
    mhz = board.clock_hz / 1e6
    sent = as_sent(board.preset, data)
    pair_bytes, infer_bytes = line_bytes(sent.train_x, Opcode.TRAIN_PAIR), line_bytes(sent.test_x, Opcode.INFER)
    found: dict[str, Any] = {
        "board": board.name,
        "configuration": asdict(board.preset),
        "clock_mhz": mhz,
        "samples": counts.samples,
        "tests": counts.tests,
        "clocks_a_pair": [epoch.clocks for epoch in counts.epochs],
        "pairs_a_second": [1e6 * mhz / epoch.clocks for epoch in counts.epochs],
        "clocks_an_inference": inference.clocks,
        "inferences_a_second": 1e6 * mhz / inference.clocks,
        "line_bytes_a_pair": pair_bytes,
        "line_pairs_a_second": baud / LINE_BITS / pair_bytes,
        "line_bytes_an_inference": infer_bytes,
        "line_inferences_a_second": baud / LINE_BITS / infer_bytes,
    }
    if board.chip.name == "iCE40UP5K":
        energy = {"first": first, "last": last, "inference": inference}
        found["estimated_microjoules"] = {name: up5k_microjoules(work, mhz, cells) for name, work in energy.items()}
    return found


def speed_table(rows: list[dict[str, Any]]) -> str:
    """Clocks, times and rates of the core alone, as Markdown; of a pair in the first epoch and in the last one."""
    last = len(rows[0]["clocks_a_pair"])
    head = (
        "board",
        "network",
        "clock",
        f"clocks a pair, epoch 1 / {last}",
        "µs a pair",
        "pairs/s",
        "clocks an inference",
        "µs",
        "inferences/s",
    )
    lines = []
    for row in rows:
        mhz, inference = row["clock_mhz"], row["clocks_an_inference"]
        pairs = (row["clocks_a_pair"][0], row["clocks_a_pair"][-1])
        lines.append(
            (
                f"`{row['board']}`",
                network(row["configuration"]),
                f"{mhz:.4g} MHz",
                " / ".join(f"{clocks:,.0f}" for clocks in pairs),
                " / ".join(f"{clocks / mhz:,.0f}" for clocks in pairs),
                " / ".join(f"{1e6 * mhz / clocks:,.0f}" for clocks in pairs),
                f"{inference:,.0f}",
                f"{inference / mhz:,.0f}",
                f"{1e6 * mhz / inference:,.0f}",
            )
        )
    return table(head, lines)


def line_table(row: dict[str, Any], baud: int) -> str:
    """What the serial line carries at most, as Markdown; it depends on the data only."""
    head = ("step", "bytes to the board", f"µs at {baud / 1e6:g} Mbaud", "steps/s at most")
    lines = []
    for name, step in (("training pair", "pair"), ("inference", "inference")):
        size = row[f"line_bytes_a{'n' if step == 'inference' else ''}_{step}"]
        rate = row[f"line_{step}s_a_second"]
        lines.append((name, f"{size:,.0f}", f"{1e6 / rate:,.0f}", f"{rate:,.0f}"))
    return table(head, lines)


def energy_table(rows: list[dict[str, Any]]) -> str:
    """The estimates of energy, as Markdown; empty where there is none."""
    lines = []
    for row in rows:
        if "estimated_microjoules" in row:
            spans = (f"{least:.1f} to {busy:.0f} µJ" for least, busy in row["estimated_microjoules"].values())
            lines.append((f"`{row['board']}`", *spans))
    epochs = len(rows[0]["clocks_a_pair"])
    head = ("board, estimated", "a pair, epoch 1", f"epoch {epochs}", "an inference")
    return table(head, lines) if lines else ""


def network(sizes: dict[str, Any]) -> str:
    """A network in few words: widths, fields, lanes, ports."""
    widths = "-".join(str(width) for width in (sizes["features"], *sizes["layers"]))
    ports = sizes["memory_ports"]
    fields = next(iter(sizes["fields"]), None)
    over = f"{len(fields['blocks'])} fields, " if fields else "recurrent, " if sizes["recurrent"] else ""
    few = ", samples in few bits" if sizes["few_bits"] else ""
    return f"{widths}, {over}{sizes['lanes']} lanes, {ports} port{'s' if ports > 1 else ''}{few}"
