"""Verilog models of the ECP5's block RAM and multiplier, of which yosys has none."""

from pathlib import Path

CELLS = Path(__file__).with_name("ecp5_cells.v")


def ecp5_models() -> str:
    """Verilog to put before a design of ECP5 cells."""
    return CELLS.read_text()
