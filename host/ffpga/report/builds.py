"""The boards whose bitstream holds the same network: size, clock, and what the run would take there."""

import json
from pathlib import Path
from typing import Any

from ffpga_golden.config import NetworkConfig

#: Where `ffpga synth` leaves its folders.
FOLDER = Path("build/synth")


def matching_builds(config: NetworkConfig, folder: Path = FOLDER) -> list[dict[str, Any]] | None:
    """Figures of each known build of this very configuration; None where the hardware package is not installed.

    They are the stored ones of the boards' own networks, and those that `ffpga synth` has left here.
    """
    try:
        from ffpga_hw.boards.table import BOARDS
        from ffpga_hw.flow.stored import BUILDS, load
    except ImportError:
        return None
    found = []
    for name, figures in load().items():
        build = BUILDS[name]
        if figures is not None and build.config == config:
            found.append(_row(build.board, figures, "stored", build.name))
    wanted = json.loads(config.to_json())
    for path in sorted(folder.glob("*/figures.json")):
        try:
            figures = json.loads(path.read_text())
            if figures["configuration"] == wanted:
                board, line = BOARDS[figures["board"]], figures.get("line", "uart")
                name = board.name if line == "uart" else f"{board.name}-{line}"
                found.append(_row(board, figures, str(path.parent), name))
        except (OSError, ValueError, KeyError, TypeError):  # a run under way, or of another version
            continue
    return found


def _row(board: Any, figures: dict[str, Any], source: str, name: str) -> dict[str, Any]:
    chip = board.chip
    totals = {"cells": chip.cells, "block RAMs": chip.bram, "multipliers": chip.dsp, "SPRAMs": chip.spram}
    names = {"cells": "cells", "block RAMs": "bram", "multipliers": "dsp", "SPRAMs": "spram"}
    return {
        "board": name,
        "title": board.title,
        "chip": chip.name,
        "source": source,
        "used": {word: (figures[names[word]], total) for word, total in totals.items() if total},
        "fmax_mhz": figures["fmax_mhz"],
        "clock_mhz": board.clock_hz / 1e6,
        "seed": figures["seed"],
    }
