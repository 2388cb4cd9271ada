"""What synthesis made of the core: vendor cells as they were asked for, and how many cells each block has."""

import re
from collections import Counter
from typing import Any

from ..families.chip import Chip


class NetlistError(ValueError):
    """Synthesis changed a vendor cell."""


def top(netlist: dict[str, Any]) -> dict[str, Any]:
    """The top module of yosys's JSON."""
    return netlist["modules"]["top"]


def check(chip: Chip, netlist: dict[str, Any]) -> None:
    """NetlistError where a vendor cell is not what the core asked for."""
    for fault in chip.faults(top(netlist)["cells"]):
        raise NetlistError(fault)


def cells_by_block(chip: Chip, netlist: dict[str, Any]) -> dict[str, Counter[str]]:
    """Cells of each block of the design, by kind: tables, flip-flops, carries, memory, block RAM, DSP, SPRAM.

    A cell's name begins with its block's; tables have the names of their outputs or inputs, so one at the border of
    two blocks may count for the neighbour.
    """
    scopes = blocks(netlist)
    found: dict[str, Counter[str]] = {}
    for name, cell in top(netlist)["cells"].items():
        counted = [counted for kind, counted in chip.kinds.items() if cell["type"].startswith(kind)]
        if counted:
            found.setdefault(block_of(name, scopes), Counter())[counted[0]] += 1
    return found


def blocks(netlist: dict[str, Any]) -> list[str]:
    """The design's blocks, at most three names deep, from what flattening left of the hierarchy."""
    paths = [name.split(".") for name, cell in top(netlist)["cells"].items() if cell["type"] == "$scopeinfo"]
    return sorted({".".join(path[:3]) for path in paths})


def block_of(cell: str, scopes: list[str]) -> str:
    """The innermost block that a cell's name begins with, without the core's own name; else "top"."""
    inside = [scope for scope in scopes if cell == scope or cell.startswith(scope + ".")]
    name = re.sub(r"\$\d+", "", max(inside, key=len, default="top"))
    return name.removeprefix("core.")
