"""Verilog models of the ECP5's cells, which yosys does not have."""

from functools import cache
from pathlib import Path

CELLS = Path(__file__).parent / "ecp5_cells.v"


@cache
def ecp5_models() -> str:
    """Verilog to put before a design of ECP5 cells."""
    return CELLS.read_text()
