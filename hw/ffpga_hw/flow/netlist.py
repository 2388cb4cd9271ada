"""What synthesis made of the core: vendor cells as they were asked for, and how many cells each block has."""

import re
from collections import Counter
from typing import Any

from ..families.ice40 import MAC16

#: Clock pin of a vendor cell.
_CLOCKS = {"SB_MAC16": "CLK", "SB_SPRAM256KA": "CLOCK"}
#: Pins of an SPRAM that must be constant: chosen, awake, and powered (POWEROFF is active low).
_SPRAM = {"CHIPSELECT": "1", "STANDBY": "0", "SLEEP": "0", "POWEROFF": "1"}
#: Cells by what they are counted as.
_KINDS = {
    "SB_LUT4": "tables",
    "SB_CARRY": "carries",
    "LUT4": "tables",
    "CCU2C": "carries",
    "TRELLIS_FF": "flip-flops",
    "TRELLIS_DPR16X4": "memory",
    "SB_RAM40_4K": "block RAM",
    "DP16KD": "block RAM",
    "SB_MAC16": "DSP",
    "MULT18X18D": "DSP",
    "SB_SPRAM256KA": "SPRAM",
}


class NetlistError(ValueError):
    """Synthesis changed a vendor cell."""


def top(netlist: dict[str, Any]) -> dict[str, Any]:
    """The top module of yosys's JSON."""
    return netlist["modules"]["top"]


def check_ice40(netlist: dict[str, Any]) -> None:
    """NetlistError where a DSP or SPRAM block is not what the core asked for.

    Synthesis may rewrite explicit SB_MAC16 (yosys's option -dsp does): only the netlist shows it.
    """
    cells = top(netlist)["cells"]
    clocks = {cell["connections"]["PLLOUTGLOBAL"][0] for cell in cells.values() if cell["type"].startswith("SB_PLL40_")}
    for name, cell in cells.items():
        kind = cell["type"]
        if kind not in _CLOCKS:
            continue
        pins = cell["connections"]
        clock = pins.get(_CLOCKS[kind], [None])[0]
        if clock not in clocks:
            raise NetlistError(f"{kind} {name} must be clocked by the PLL, not by net {clock!r}: synthesis changed it")
        if kind == "SB_MAC16":
            for parameter, (value, _) in MAC16.items():
                found = cell["parameters"].get(parameter, "0")
                if int(str(found), 2) != value:
                    raise NetlistError(
                        f"{kind} {name} must have {parameter} = {value:b}, not {found}: synthesis changed it, "
                        "run it without -dsp"
                    )
        else:
            for pin, level in _SPRAM.items():
                if pins.get(pin, [None])[0] != level:
                    raise NetlistError(f"{kind} {name} must have {pin} = {level}, not {pins.get(pin)}")


def cells_by_block(netlist: dict[str, Any]) -> dict[str, Counter[str]]:
    """Cells of each block of the design, by kind: tables, flip-flops, carries, memory, block RAM, DSP, SPRAM.

    A cell's name begins with its block's; tables have the names of their outputs or inputs, so one at the border of
    two blocks may count for the neighbour.
    """
    scopes = blocks(netlist)
    found: dict[str, Counter[str]] = {}
    for name, cell in top(netlist)["cells"].items():
        kind = cell["type"]
        counted = _KINDS.get(kind) or ("flip-flops" if kind.startswith("SB_DFF") else None)
        if counted:
            found.setdefault(block_of(name, scopes), Counter())[counted] += 1
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
