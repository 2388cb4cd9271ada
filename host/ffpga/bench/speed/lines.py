"""Pairs a second for each line, code of the samples and network, and who binds whom, on the virtual board."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import BITS, quantised

from ...data.dataset import Dataset
from ...driver.opening import open_device
from ...fields import order_of
from ...markdown import sections, table
from ...training.checkpoint import Checkpoint
from ...training.loop import Progress, train
from ...training.options import TrainingOptions
from ..boards import named
from .link import LINES, WIRES, SimulatedLine, Start, Wire, bounds_table, sizes_table, windows_table

#: What the samples go as: pairs of gap and value, levels of 8 bits, which are as exact, and of fewer.
CODES = ("gap and value", *(f"{bits} bit{'s' * (bits > 1)}" for bits in BITS))


@dataclass(frozen=True)
class Parts:
    """Training as it begins, and as it ends: new weights, and those before the last epoch."""

    first: Start
    last: Start


def coarse(data: Dataset, bits: int) -> Dataset:
    """A data set whose inputs have so many bits."""
    return replace(data, train_x=quantised(data.train_x, bits), test_x=quantised(data.test_x, bits))


def parts_of(config: NetworkConfig, data: Dataset, epochs: int, progress: Progress | None = None) -> Parts:
    """Trains the golden model for so many epochs and keeps what it was before the last one."""
    options = TrainingOptions(epochs=epochs)
    held: list[Checkpoint] = []
    with open_device("golden", config, order=order_of(config, data.shape)) as device:

        def keep(_: Any) -> None:
            held.append(Checkpoint.of(device, len(held) + 1))

        train(device, data, epochs=epochs, progress=progress, on_epoch=keep)
    return Parts(Start(data, options), Start(data, options, held[-2] if epochs > 1 else None))


def measure(
    configs: Sequence[NetworkConfig],
    data: Dataset,
    *,
    clock_hz: float,
    pairs: int,
    epochs: int,
    wires: Sequence[Wire] = LINES,
    progress: Progress = lambda stage, done, total: None,
) -> list[dict[str, Any]]:
    """A row for each network, line and code.

    Parameters
    ----------
    configs
        Of the networks; each is simulated as a core that takes few bits, too, and is sent both codes.
    clock_hz : float
        The chip's clock.
    pairs : int
        For each row and part, the first ones of the first and of the last epoch.
    epochs : int
        Of the training, on the golden model.

    Returns
    -------
    list of dict
        line, input_bits, code, network, weight_bytes, bytes_a_pair and, of the last epoch, pairs_per_second, clocks a
        pair of line, core and both, hidden, bound_by; the same of the first epoch in `first_epoch`.
    """
    rows: list[dict[str, Any]] = []
    for config in configs:
        line = SimulatedLine(replace(config, few_bits=True), data, clock_hz)
        try:
            kept: dict[int, Parts] = {}
            for place, code in enumerate(CODES):
                bits = (8, *BITS)[place]
                if bits not in kept:
                    kept[bits] = parts_of(config, coarse(data, bits), epochs, progress)
                for wire in wires:
                    progress(f"{named(config)}, {code}", len(rows), len(configs) * len(CODES) * len(wires))
                    runs = [
                        line.train(wire, pairs, start=start, gaps=place == 0)
                        for start in (kept[bits].first, kept[bits].last)
                    ]
                    rows.append(_row(wire, bits, code, config, *map(_told, runs)))
        finally:
            line.close()
    return rows


def _told(run: dict[str, Any]) -> dict[str, Any]:
    names = ("clocks_a_pair", "core_clocks_a_pair", "line_clocks_a_pair", "hidden", "bytes_a_pair")
    found = {"pairs_per_second": run["pairs_a_second"], **{name: run[name] for name in names}}
    return {**found, "bound_by": "core" if run["core_clocks_a_pair"] > run["line_clocks_a_pair"] else "line"}


def _row(
    wire: Wire, bits: int, code: str, config: NetworkConfig, first: dict[str, Any], last: dict[str, Any]
) -> dict[str, Any]:
    said = {"line": wire.name, "input_bits": bits, "code": code, "network": named(config)}
    return {**said, "weight_bytes": config.weight_bytes, **last, "first_epoch": first}


def lines_table(rows: Sequence[dict[str, Any]]) -> str:
    """Pairs a second by network, code and line as Markdown: of the last epoch, and in brackets of the first."""
    wires = list(dict.fromkeys(row["line"] for row in rows))
    found = {(row["network"], row["code"], row["line"]): row for row in rows}
    head = ("network", "samples as", "bytes a pair", *wires)
    lines = []
    for network, code in dict.fromkeys((row["network"], row["code"]) for row in rows):
        held = [found[network, code, wire] for wire in wires]
        cells = [f"{_said(row)} ({_said(row['first_epoch'])})" for row in held]
        lines.append((network, code, f"{held[0]['bytes_a_pair']:.0f}", *cells))
    return table(head, lines)


def _said(part: dict[str, Any]) -> str:
    return f"{part['pairs_per_second']:,.0f} {part['bound_by']}"


def hidden_table(rows: Sequence[dict[str, Any]]) -> str:
    """Clocks of line and core and what of the shorter is hidden, in the first epoch, as Markdown."""
    head = (
        "network",
        "samples as",
        "line",
        "its clocks a pair",
        "the core's",
        "both together",
        "hidden of the shorter",
    )
    lines = []
    for row in rows:
        if row["code"] not in (CODES[0], "2 bits"):
            continue
        part = row["first_epoch"]
        clocks = (f"{part[f'{name}clocks_a_pair']:,.0f}" for name in ("line_", "core_", ""))
        lines.append((row["network"], row["code"], row["line"], *clocks, f"{100 * part['hidden']:.0f} %"))
    return table(head, lines)


def page(figures: dict[str, Any]) -> str:
    """What `ffpga bench link` shows, as Markdown."""
    epochs = f"{figures['epochs']} epochs of {figures['samples']:,} samples"
    return sections(
        {
            f"{figures['data']}, all training samples": sizes_table(figures["bytes"]),
            f"Pairs a second on a simulated {WIRES[0].name}: {figures['network']}": windows_table(figures["windows"]),
            f"Pairs a second, epoch {figures['epochs']} (epoch 1), and what bounds them; a core at "
            f"{figures['clock_mhz']:g} MHz": lines_table(figures["lines"]),
            "Clocks of the same, epoch 1": hidden_table(figures["lines"]),
            f"A step's time on the line, what bounds it, and its rate; {epochs}": bounds_table(figures["bounds"]),
        }
    )
