"""The netlist is the chip: what synthesis made of a board's design, in yosys's models of its cells, learns like golden.

The netlist is the one that a bitstream is made of: yosys's JSON, which place and route reads.
"""

from pathlib import Path

from ffpga_hw.flow import synth, tools
from ffpga_hw.flow.verilog import generate_top
from testbenches.cells.ice40 import ice40_models
from testbenches.pins.test_training import BOARD, CONFIG
from testbenches.runner import run


def netlist_verilog(folder: Path) -> str:
    """The netlist in `folder` as Verilog of one module of cells."""
    tools.run("yosys", ["-q", "-p", "read_json netlist.json; write_verilog -noattr netlist.v"], folder)
    return (folder / "netlist.v").read_text()


def test_the_driver_trains_the_netlist(tmp_path):
    found = synth.make_netlist(BOARD, generate_top(BOARD, CONFIG), tmp_path)
    cells = [cell["type"] for cell in found["modules"]["top"]["cells"].values()]
    assert cells.count("SB_MAC16") == CONFIG.lanes and "SB_SPRAM256KA" in cells and "SB_RAM40_4K" in cells
    assert not [kind for kind in cells if kind.startswith("$") and kind != "$scopeinfo"], "nothing is left but cells"
    verilog = ice40_models() + netlist_verilog(tmp_path)
    # Verilator takes minutes to build thousands of cells.
    run(
        verilog, "testbenches.pins.test_training", simulator="icarus", tests=1, toplevel="top",
        test_filter="the_driver_trains_the_board$",
    )  # fmt: skip
