"""The netlist is the chip: what synthesis made of a board's design, in yosys's models of its cells, learns like golden.

The netlist is the one that a bitstream is made of: yosys's JSON, which place and route reads.
"""

import re
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


#: What a rising clock does to each kind of flip-flop, as yosys's models have it: a reset or a set asks for the enable.
NEXT = {
    "SB_DFF": "{Q} <= {D};",
    "SB_DFFE": "if ({E}) {Q} <= {D};",
    "SB_DFFSR": "{Q} <= {R} ? 1'b0 : {D};",
    "SB_DFFSS": "{Q} <= {S} ? 1'b1 : {D};",
    "SB_DFFESR": "if ({E}) {Q} <= {R} ? 1'b0 : {D};",
    "SB_DFFESS": "if ({E}) {Q} <= {S} ? 1'b1 : {D};",
}


def in_one_process(verilog: str) -> str:
    """The netlist with the flip-flops of a clock in one process: else Icarus wakes 1,600 of them in every clock.

    A kind that is not in the table is a KeyError.
    """
    held: list[str] = []
    steps: dict[str, list[str]] = {}

    def taken(cell: re.Match) -> str:
        pins = dict(re.findall(r"^    \.(\w+)\((.*)\),?$", cell[2], re.MULTILINE))
        name = f"held_{len(held)}"
        held.append(f"reg {name} = 0; assign {pins['Q']} = {name};")
        steps.setdefault(pins["C"], []).append(NEXT[cell[1]].format(**{**pins, "Q": name}))
        return ""

    cells = re.compile(r"^  (SB_DFF\w*) .*?\(\n(.*?)^  \);\n", re.MULTILINE | re.DOTALL)
    body, end, rest = cells.sub(taken, verilog).rpartition("endmodule")
    assert len(held) == len(re.findall(r"^  SB_DFF", verilog, re.MULTILINE)) > 1000
    for clock, lines in steps.items():
        held += [f"always @(posedge {clock}) begin", *lines, "end"]
    return "\n".join([body, *held, end + rest])


def test_the_driver_trains_the_netlist(tmp_path):
    found = synth.make_netlist(BOARD, generate_top(BOARD, CONFIG), tmp_path)
    cells = [cell["type"] for cell in found["modules"]["top"]["cells"].values()]
    assert cells.count("SB_MAC16") == CONFIG.lanes and "SB_SPRAM256KA" in cells and "SB_RAM40_4K" in cells
    assert not [kind for kind in cells if kind.startswith("$") and kind != "$scopeinfo"], "nothing is left but cells"
    verilog = ice40_models() + in_one_process(netlist_verilog(tmp_path))
    # Verilator takes minutes to build thousands of cells.
    run(
        verilog, "testbenches.pins.test_training", simulator="icarus", tests=1, toplevel="top",
        test_filter="the_driver_trains_the_board$",
    )  # fmt: skip
