"""What a core takes behind the byte link and behind AXI: cells and clock of the core alone, its ports as pins."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...markdown import sections, table

#: Buses, by the names that `ffpga generate` takes, and what they are called.
BUSES = {"bytes": "byte link", "axi": "AXI4"}


def measure(
    boards: Sequence[Any], folder: Path, seed: int, on_point: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Place and route each board's own network behind each bus, for JSON: see `ffpga_hw.flow.bare.place_bare`."""
    from ffpga_hw.flow.bare import place_bare

    rows = []
    for board in boards:
        for bus in BUSES:
            on_point(f"{board.name}, {BUSES[bus]}")
            found = place_bare(board, board.preset, bus, folder / f"{board.name}-{bus}", seed)
            described = {"board": board.name, "bus": bus, "configuration": asdict(board.preset)}
            rows.append({**described, "board_mhz": board.clock_hz / 1e6, **found})
    return rows


def page(figures: dict[str, Any]) -> str:
    """The figures as a table."""
    rows = figures["rows"]
    lines = []
    for row in rows:
        config = row["configuration"]
        shape = "-".join(str(width) for width in (config["features"], *config["layers"]))
        lines.append(
            (
                f"`{row['board']}`, {shape}, {config['lanes']} lanes",
                BUSES[row["bus"]],
                f"{row['cells']:,} of {row['cells_total']:,}",
                f"{row['bram']} of {row['bram_total']}",
                f"{row['dsp']} of {row['dsp_total']}",
                f"{row['fmax_mhz']:.1f} MHz",
            )
        )
    head = ("network", "behind", "cells", "block RAMs", "DSPs", "clock")
    return sections({f"The core alone, seed {figures['seed']}": table(head, lines)})
