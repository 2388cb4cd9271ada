"""From a configuration to a bitstream: what is read from the tools, and small real runs."""

import hashlib
from dataclasses import replace

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.boards.table import board
from ffpga_hw.flow import netlist, pack, synth, timing, tools
from ffpga_hw.flow.bare import place_bare

from .elsewhere import run_elsewhere
from .multiplier import multiplier

UP5K, ULX3S, TANG = board("icebreaker"), board("ulx3s-25f"), board("tangnano9k")


def network(made, **sizes) -> NetworkConfig:
    """The board's network in other sizes, fully connected."""
    return replace(made.preset, **{"fields": (), **sizes})


def test_a_missing_tool(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(tools.MissingTool, match=r"yosys must be on the PATH or installed: pip install 'ffpga\[fpga\]'"):
        synth.synthesise(UP5K, UP5K.preset, tmp_path)


def test_a_missing_packer(monkeypatch, tmp_path):
    """Before the minutes that synthesis and placing take."""
    for tool in ("yosys", "nextpnr-himbaechel"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(
        tools.MissingTool, match=r"gowin_pack must be .*: pip install 'ffpga\[fpga\]', or apycula alone"
    ):
        synth.synthesise(TANG, TANG.preset, tmp_path)


def test_the_folder_names_the_request():
    folders = {
        synth.default_folder(made, network(made, features=features), seed)
        for made in (UP5K, ULX3S)
        for features in (64, 65)
        for seed in (1, 2)
    }
    assert len(folders) == 8 and all(str(folder).startswith("build/synth/") for folder in folders)


# Constraints ----------------------------------------------------------------------------------------------------------
def test_constraints(tmp_path):
    assert synth.write_constraints(board("upduino-v3"), tmp_path) == "top.pcf"
    assert (tmp_path / "top.pcf").read_text().splitlines() == [
        "set_io clk 20",
        "set_io -pullup yes rx 15",
        "set_io tx 14",
        "set_io led 39",
        "set_io high_0 16",
        "set_frequency clk 12",
    ]
    assert synth.write_constraints(ULX3S, tmp_path) == "top.lpf"
    lines = (tmp_path / "top.lpf").read_text().splitlines()
    assert 'LOCATE COMP "rx" SITE "M1";' in lines and 'IOBUF PORT "rx" IO_TYPE=LVCMOS33 PULLMODE=UP;' in lines
    assert lines[-1] == 'FREQUENCY PORT "clk" 25 MHZ;'
    assert synth.write_constraints(TANG, tmp_path) == "top.cst"
    lines = (tmp_path / "top.cst").read_text().splitlines()
    assert lines[2:4] == ['IO_LOC "rx" 18;', 'IO_PORT "rx" IO_TYPE=LVCMOS33 PULL_MODE=UP;']
    assert lines[6:] == [
        'IO_LOC "led" 10;',
        'IO_PORT "led" IO_TYPE=LVCMOS18;',
        'IO_LOC "button" 3;',
        'IO_PORT "button" IO_TYPE=LVCMOS18 PULL_MODE=UP;',
    ]
    assert 'IO_PORT "button" IO_TYPE=LVCMOS33 PULL_MODE=DOWN;' in board("tangnano20k").constraints


# What the tools say ---------------------------------------------------------------------------------------------------
def report(mhz: float) -> dict:
    step = {"from": {"cell": "c_LC"}, "to": {"cell": "b_LC"}, "type": "routing"}
    return {
        "fmax": {"core.clk": {"achieved": mhz, "constraint": 48}},
        "critical_paths": [
            {"from": "posedge core.clk", "to": "posedge core.clk", "path": [{**step, "delay": 15.0}]},
            {"from": "<async>", "to": "posedge core.clk", "path": [{**step, "delay": 99.0}]},
        ],
        "utilization": {
            "ICESTORM_LC": {"available": 5280, "used": 5000},
            "ICESTORM_RAM": {"available": 30, "used": 29},
            "ICESTORM_DSP": {"available": 8, "used": 8},
            "ICESTORM_SPRAM": {"available": 4, "used": 4},
        },
    }


def test_what_a_report_says():
    assert synth.resources(UP5K, report(50.0)) == {
        "cells": 5000,
        "cells_total": 5280,
        "bram": 29,
        "bram_total": 30,
        "dsp": 8,
        "dsp_total": 8,
        "spram": 4,
        "spram_total": 4,
    }
    assert timing.critical_path(report(50.0)) == "c_LC to b_LC, 15.0 ns"


def test_a_gowin_s_tables_and_carries_share_places():
    found = {"LUT4": 6189, "ALU": 1352, "BSRAM": 26, "MULT18X18": 8}
    said = {"utilization": {kind: {"used": n} for kind, n in found.items()}}
    figures = synth.resources(TANG, said)
    assert (figures["cells"], figures["cells_total"], figures["bram"], figures["dsp"]) == (7541, 8640, 26, 8)
    log = "Info: \t LUT4:    7000/   8640    81%\nInfo: \t ALU:    2000/   6480    31%\nInfo: \t BSRAM: 27/ 26 103%\n"
    assert synth.overfull(TANG, log) == "9,000 of 8,640 logic cells, 27 of 26 block RAMs"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "begins"),
        ("Info:     at iteration #7, type ALL: wirelen solved = 24679, spread = 78033, legal = 156644; time = 10.9s\n",
         "places, turn 7"),
        ("Info:     at iteration #7, type ALL: x\nInfo:   at iteration #5: temp = 0.000000, timing cost = 47\n",
         "places better"),
        ("Info:      22000 |      458      19932 |   42   892 |     10136|       4.97      81.06|\n",
         "10,136 wires to route"),
    ],
)  # fmt: skip
def test_how_far_placing_is(log, words):
    assert timing.doing(log) == words


def test_what_a_design_needs_too_much_of():
    log = (
        "Info: Device utilisation:\n"
        "Info: \t         ICESTORM_LC:    8049/   5280   152%\n"
        "Info: \t        ICESTORM_RAM:      33/     30   110%\n"
        "Info: \t        ICESTORM_DSP:       8/      8   100%\n"
        "ERROR: Unable to place cell 'x', no BELs remaining to implement cell type 'ICESTORM_LC'\n"
    )
    assert synth.overfull(UP5K, log) == "8,049 of 5,280 logic cells, 33 of 30 block RAMs"
    assert synth.overfull(UP5K, log.replace("8049", "5049").replace("33", "30")) == ""


def test_packing_says_what_a_core_takes(monkeypatch, tmp_path):
    cells = {"ICESTORM_LC": 8049, "ICESTORM_RAM": 33, "ICESTORM_DSP": 8, "ICESTORM_SPRAM": 4, "SB_IO": 3}
    called = []

    def run(tool, arguments, folder):
        called.append((tool, arguments))
        return "".join(f"Info: \t {kind}: {n:7}/   5280  9%\n" for kind, n in cells.items())

    monkeypatch.setattr(pack, "make_netlist", lambda made, verilog, folder: None)
    monkeypatch.setattr(tools, "run", run)
    assert pack.pack(UP5K, UP5K.preset, tmp_path) == {"cells": 8049, "bram": 33, "dsp": 8, "spram": 4}
    ((tool, arguments),) = called
    assert tool == "nextpnr-ice40" and arguments[-3:] == ["--pcf", "top.pcf", "--pack-only"]
    assert (tmp_path / "top.pcf").read_text() == UP5K.constraints
    with pytest.raises(ValueError, match="lanes must be at most 8 on iCEBreaker"):
        pack.pack(UP5K, network(UP5K, layers=(64,), lanes=16), tmp_path)


def test_a_bare_core_needs_pins(tmp_path):
    with pytest.raises(ValueError, match=r"a bare core's board must have a package with pins .*, not be icebreaker: t"):
        place_bare(UP5K, UP5K.preset, "axi", tmp_path)


#: Arguments: the board, the Verilog.
BUILD = """
import sys
from pathlib import Path
from ffpga_hw.boards.table import board
from ffpga_hw.flow.synth import build
build(board(sys.argv[1]), Path(sys.argv[2]).read_text(), Path(), seeds=[1])
"""


# The whole way --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "icebreaker",
        pytest.param("upduino-v3", marks=pytest.mark.all),  # an icebreaker's chip
        "ulx3s-25f",
        "tangnano9k",
        pytest.param("tangnano20k", marks=pytest.mark.all),
        pytest.param("tangprimer25k", marks=pytest.mark.all),
    ],
)
def test_a_small_design_becomes_a_bitstream(name, tmp_path):
    """The same one elsewhere, and all that it is made of."""
    made = board(name)
    figures = synth.build(made, multiplier(made), tmp_path, seeds=[1])
    family = made.chip.family
    assert figures["timing_met"] and figures["fmax_mhz"] >= made.clock_hz / 1e6
    assert 0 < figures["cells"] < 500 and figures["dsp"] == 1
    assert figures["spram"] == (1 if family == "ice40" else 0)
    assert figures["bram"] == {"ice40": 0, "gowin": 2}.get(family, figures["bram"])
    assert figures["blocks"]["lane"]["DSP"] == 1
    bitstream = (tmp_path / made.chip.bitstream).read_bytes()
    synchronising = {"ice40": b"\x7e\xaa\x99\x7e", "ecp5": b"\xff\xff\xbd\xb3", "gowin": f"{0xA5C3:016b}\n".encode()}
    assert synchronising[family] in bitstream[:1000]
    for picture in ("blocks.png", "floorplan.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    assert set(figures["seconds"]) == {"synthesise", "place and route", "pack", "report"}
    assert figures["tools"]["yosys"].startswith("Yosys 0.") and "nextpnr-" in figures["tools"][made.chip.placer]
    assert figures["bitstream_sha256"] == hashlib.sha256(bitstream).hexdigest()
    other = run_elsewhere(tmp_path, BUILD, name, tmp_path / "top.v")
    logs = {path.name for path in tmp_path.glob("*.log")}  # of seconds and memory
    same = {path.name for path in tmp_path.iterdir() if path.is_file()} - logs
    assert {"netlist.json", "placed.json", made.chip.bitstream} <= same
    for made_here in same:
        assert (other / made_here).read_bytes() == (tmp_path / made_here).read_bytes(), made_here


def test_a_multiplier_that_synthesis_changed_ends_the_run(tmp_path):
    wrong = multiplier(UP5K).replace(".BOTADDSUB_LOWERINPUT(2'h2)", ".BOTADDSUB_LOWERINPUT(2'h1)")
    with pytest.raises(netlist.NetlistError, match="must have BOTADDSUB_LOWERINPUT = 10, not 01: synthesis changed it"):
        synth.build(UP5K, wrong, tmp_path, seeds=[1])


def test_a_tool_that_fails_says_why(tmp_path):
    with pytest.raises(tools.ToolFailure, match=r"yosys failed: .*syntax error.* \(all of it: .*yosys.log\)"):
        synth.build(UP5K, "module top(input clk; endmodule", tmp_path, seeds=[1])


def test_a_tool_that_does_not_end(monkeypatch, tmp_path):
    slow = tmp_path / "nextpnr-ecp5"
    slow.write_text("#!/bin/sh\necho 'Info:     at iteration #3, type ALL: x'\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    seen: list[str] = []
    message = r"nextpnr-ecp5 must end within 0.05 minutes, but did not: try another --seed .* \(what it said: .*\.log\)"
    with pytest.raises(tools.ToolFailure, match=message):
        tools.run("nextpnr-ecp5", [], tmp_path, watch=lambda said: seen.append(timing.doing(said)), limit=3)
    assert seen[-1] == "places, turn 3" and "iteration #3" in (tmp_path / "nextpnr-ecp5.log").read_text()
