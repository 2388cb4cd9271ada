"""The netlist is the chip: what synthesis made of a board's design, in models of its cells, learns like golden.

The netlist is the one that a bitstream is made of: yosys's JSON, which place and route reads. Most models are yosys's.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ffpga_hw.boards.table import board
from ffpga_hw.boards.uart import DIVISOR_MIN
from ffpga_hw.flow import synth, tools
from ffpga_hw.flow.verilog import generate_top
from testbenches.cells.gowin import gowin_models, gw5a_models
from testbenches.cells.ice40 import ice40_models
from testbenches.pins.test_training import CONFIG
from testbenches.runner import run


def netlist_verilog(folder: Path) -> str:
    """The netlist in `folder` as Verilog of one module of cells."""
    tools.run("yosys", ["-q", "-p", "read_json netlist.json; write_verilog -noattr netlist.v"], folder)
    return (folder / "netlist.v").read_text()


#: What a rising clock does to each kind of flip-flop, as yosys's models have it. An iCE40's reset or set asks for the
#: enable, a Gowin's does not.
NEXT = {
    "SB_DFF": "{Q} <= {D};",
    "SB_DFFE": "if ({E}) {Q} <= {D};",
    "SB_DFFSR": "{Q} <= {R} ? 1'b0 : {D};",
    "SB_DFFSS": "{Q} <= {S} ? 1'b1 : {D};",
    "SB_DFFESR": "if ({E}) {Q} <= {R} ? 1'b0 : {D};",
    "SB_DFFESS": "if ({E}) {Q} <= {S} ? 1'b1 : {D};",
    "DFF": "{Q} <= {D};",
    "DFFE": "if ({CE}) {Q} <= {D};",
    "DFFR": "{Q} <= {RESET} ? 1'b0 : {D};",
    "DFFS": "{Q} <= {SET} ? 1'b1 : {D};",
    "DFFRE": "if ({RESET}) {Q} <= 1'b0; else if ({CE}) {Q} <= {D};",
    "DFFSE": "if ({SET}) {Q} <= 1'b1; else if ({CE}) {Q} <= {D};",
}

#: Those that are 1 in the beginning.
ONES = ("DFFS", "DFFSE")


def in_one_process(verilog: str) -> str:
    """The netlist with the flip-flops of a clock in one process: else Icarus wakes 1,600 of them in every clock.

    A kind that is not in the table is a KeyError, but for the few that a host's clock or a pin resets.
    """
    held: list[str] = []
    others: list[str] = []
    steps: dict[str, list[str]] = {}

    def taken(cell: re.Match) -> str:
        if cell[1].startswith(("SB_DFFN", "SB_DFFR")) or re.search(r"^    \.C\(sck\)", cell[2], re.MULTILINE):
            others.append(cell[1])
            return cell[0]
        pins = dict(re.findall(r"^    \.(\w+)\((.*)\),?$", cell[2], re.MULTILINE))
        name = f"held_{len(held)}"
        held.append(f"reg {name} = {int(cell[1] in ONES)}; assign {pins['Q']} = {name};")
        clock = pins["C"] if "C" in pins else pins["CLK"]
        steps.setdefault(clock, []).append(NEXT[cell[1]].format(**{**pins, "Q": name}))
        return ""

    cells = re.compile(r"^  ((?:SB_)?DFF\w*) .*?\(\n(.*?)^  \);\n", re.MULTILINE | re.DOTALL)
    body, end, rest = cells.sub(taken, verilog).rpartition("endmodule")
    assert len(held) + len(others) == len(re.findall(r"^  (?:SB_)?DFF", verilog, re.MULTILINE)) > 1000
    for clock, lines in steps.items():
        held += [f"always @(posedge {clock}) begin", *lines, "end"]
    return "\n".join([body, *held, end + rest])


ICE40 = {"SB_MAC16": 2, "SB_SPRAM256KA": 1, "SB_RAM40_4K": None}
NANO_9K = {"MULT18X18": 2, "SDPB": 1, "DPX9B": None, "RAM16SDP4": None}
NANO_20K = {"MULT18X18": 2, "SDPB": 1, "DPX9B": None}
PRIMER = {"MULTALU27X18": 2, "SDPB": 1, "DPX9B": None, "SDPX9B": None}


def twice(netlist: dict[str, Any]) -> list[str]:
    """Carries of an iCE40 that have the same signal at both inputs."""
    cells = netlist["modules"]["top"]["cells"].items()
    inputs = {name: cell["connections"] for name, cell in cells if cell["type"] == "SB_CARRY"}
    return [name for name, pins in inputs.items() if pins["I0"] == pins["I1"] and pins["I0"] not in (["0"], ["1"])]


@pytest.mark.parametrize(
    ("name", "models", "expected", "divisor"),
    [
        ("icebreaker", ice40_models, ICE40, DIVISOR_MIN),
        # At its own 3 Mbaud a bit takes 18 clocks, in most of which nothing happens.
        ("tangnano9k", gowin_models, NANO_9K, DIVISOR_MIN),
        pytest.param("tangnano9k", gowin_models, NANO_9K, None, marks=pytest.mark.all),
        pytest.param("tangnano20k", gowin_models, NANO_20K, None, marks=pytest.mark.all),
        pytest.param("tangprimer25k", gw5a_models, PRIMER, None, marks=pytest.mark.all),
    ],
    ids=["icebreaker", "tangnano9k", "tangnano9k, 3 Mbaud", "tangnano20k", "tangprimer25k"],
)
def test_the_driver_trains_the_netlist(name, models, expected, divisor, tmp_path):
    made = board(name)
    if divisor is not None:
        made = replace(made, baud=round(made.clock_hz / divisor))
        assert made.divisor == divisor
    found = synth.make_netlist(made, generate_top(made, CONFIG), tmp_path)
    cells = [cell["type"] for cell in found["modules"]["top"]["cells"].values()]
    for kind, count in expected.items():
        assert cells.count(kind) == count or (count is None and kind in cells), (kind, cells.count(kind))
    assert not [kind for kind in cells if kind.startswith("$") and kind != "$scopeinfo"], "nothing is left but cells"
    assert not twice(found), "nextpnr's router goes around in circles: it may swap a cell's inputs, for good"
    verilog = models() + in_one_process(netlist_verilog(tmp_path))
    # Verilator takes minutes to build thousands of cells.
    run(
        verilog, "testbenches.pins.test_training", simulator="icarus", tests=1, toplevel="top",
        env={"FFPGA_BOARD": name, "FFPGA_BAUD": str(made.baud)}, test_filter="the_driver_trains_the_board$",
    )  # fmt: skip
