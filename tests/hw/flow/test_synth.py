"""From a configuration to a bitstream: what is refused before, what is read from the tools, and small real runs."""

import copy
from dataclasses import asdict

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.boards.table import board
from ffpga_hw.families.ice40 import MAC16
from ffpga_hw.flow import netlist, pack, synth, timing, tools
from ffpga_hw.flow.fit import check_fit, largest_width

from .multiplier import multiplier

UP5K, ULX3S = board("icebreaker"), board("ulx3s-25f")


def network(made, **sizes) -> NetworkConfig:
    return NetworkConfig(**{**asdict(made.preset), **sizes})


# Before synthesis --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("made", "sizes", "message"),
    [
        (UP5K, {"lanes": 16}, "lanes must be at most 8 on iCEBreaker, not 16: an iCE40UP5K has 8 multipliers, one a"),
        (UP5K, {"memory_ports": 2}, "memory_ports must be 1 on iCEBreaker, not 2: an iCE40UP5K's SPRAM has one port"),
        (
            UP5K,
            {"layers": (256, 256)},
            r"weights must fit 16,384 words of 8 x 8 bits \(4 SPRAMs of 32 KiB\) on iCEBreaker, not 33,664: "
            "take layers of at most 136 neurons",
        ),
        (UP5K, {"weight_bits": 16}, "a word must be at most 64 bits on iCEBreaker, not 8 lanes x 16 bits: take 4"),
        (ULX3S, {"lanes": 32}, "lanes must be at most 28 on ULX3S 25F, not 32: .* has 28 multipliers, one a lane"),
        (
            ULX3S,
            {"layers": (128, 128)},
            r"weights must fit 5,120 words of 16 x 8 bits \(42 block RAMs of 2 KiB\) on ULX3S 25F, not 7,392: "
            "take layers of at most 80 neurons",
        ),
        (ULX3S, {"layers": (1024,) * 4, "lanes": 1, "features": 1}, "weights must fit 65,536 words"),
    ],
)
def test_refused_before_synthesis(made, sizes, message):
    with pytest.raises(ValueError, match=message):
        check_fit(made, network(made, **sizes))


@pytest.mark.parametrize("made", [UP5K, ULX3S])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_largest_width_fits_and_the_next_one_does_not(made, depth):
    config = network(made, layers=(made.preset.lanes,) * depth)
    width = largest_width(made, config)
    check_fit(made, network(made, layers=(width,) * depth))
    with pytest.raises(ValueError, match="weights must fit"):
        check_fit(made, network(made, layers=(width + config.lanes,) * depth))


def test_a_missing_tool(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(tools.MissingTool, match=r"yosys must be on the PATH or installed: pip install 'ffpga\[fpga\]'"):
        synth.synthesise(UP5K, UP5K.preset, tmp_path)


def test_the_folder_names_the_request():
    folders = {
        synth.default_folder(made, network(made, features=features), seed)
        for made in (UP5K, ULX3S)
        for features in (64, 65)
        for seed in (1, 2)
    }
    assert len(folders) == 8 and all(str(folder).startswith("build/synth/") for folder in folders)


# Constraints -------------------------------------------------------------------------------------------------------
def test_constraints():
    assert synth.pcf(board("upduino-v3")).splitlines() == [
        "set_io clk 20",
        "set_io -pullup yes rx 15",
        "set_io tx 14",
        "set_io led 39",
        "set_io high_0 16",
        "set_frequency clk 12",
    ]
    lines = synth.lpf(ULX3S).splitlines()
    assert 'LOCATE COMP "rx" SITE "M1";' in lines and 'IOBUF PORT "rx" IO_TYPE=LVCMOS33 PULLMODE=UP;' in lines
    assert lines[-1] == 'FREQUENCY PORT "clk" 25 MHZ;'


# What the tools say ------------------------------------------------------------------------------------------------
#: A DSP whose sum goes through a table, and another output straight to a flip-flop; and a longer path without a DSP.
SDF = r"""(DELAYFILE
  (CELL
    (CELLTYPE "top")
    (INSTANCE )
    (DELAY
      (ABSOLUTE
        (INTERCONNECT lane.mac_DSP/O_1 a\$1_LC/I0 (2000:2000:2500) (1900:1900:1900))
        (INTERCONNECT a\$1_LC/O b_LC/I3 (1000:1000:1000) (1000:1000:1000))
        (INTERCONNECT lane.mac_DSP/O_0 b_LC/I0 (4000:4000:4000) (4000:4000:4000))
        (INTERCONNECT c_LC/O b_LC/I0 (15000:15000:15000) (15000:15000:15000))
      )))
  (CELL
    (CELLTYPE "ICESTORM_DSP")
    (INSTANCE lane.mac_DSP)
    (DELAY
      (ABSOLUTE
        (IOPATH CLK O_1 (100:100:100) (100:100:100))
        (IOPATH CLK O_0 (100:100:100) (100:100:100))
      )))
  (CELL
    (CELLTYPE "ICESTORM_LC")
    (INSTANCE a\$1_LC)
    (DELAY
      (ABSOLUTE
        (IOPATH I0 O (1200:1200:1200) (1285:1285:1285))
      )))
  (CELL
    (CELLTYPE "ICESTORM_LC")
    (INSTANCE b_LC)
    (DELAY
      (ABSOLUTE
        (IOPATH CLK O (1390:1390:1390) (1390:1390:1390))
      ))
    (TIMINGCHECK
      (SETUPHOLD (posedge I0) (posedge CLK) (1234:1234:1234) (0:0:0))
      (SETUPHOLD (posedge I3) (posedge CLK) (824:824:824) (0:0:0))
    ))
  (CELL
    (CELLTYPE "ICESTORM_LC")
    (INSTANCE c_LC)
    (DELAY
      (ABSOLUTE
        (IOPATH CLK O (1390:1390:1390) (1390:1390:1390))
      )))
)
"""


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


def test_the_dsp_delay_counts_on_paths_from_a_dsp_only():
    path = 0.1 + 2.5 + 1.285 + 1.0 + 0.824
    assert timing.dsp_path(SDF) == pytest.approx(path)
    assert timing.fmax_ice40(report(60.0), path) == 60.0, "17 ns elsewhere are slower than 7.7 ns from the DSP"
    assert timing.fmax_ice40(report(160.0), path) == pytest.approx(1000 / (path + timing.DSP_DELAY))
    without = SDF.replace("ICESTORM_DSP", "ICESTORM_RAM")
    assert timing.dsp_path(without) == 0 and timing.fmax_ice40(report(160.0), 0.0) == 160.0


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
    assert (tmp_path / "top.pcf").read_text() == synth.pcf(UP5K)
    with pytest.raises(ValueError, match="lanes must be at most 8 on iCEBreaker"):
        pack.pack(UP5K, network(UP5K, lanes=16), tmp_path)


# The netlist -------------------------------------------------------------------------------------------------------
def up5k_netlist() -> dict:
    dsp = {
        "type": "SB_MAC16",
        "parameters": {name: f"{value:0{width}b}" for name, (value, width) in MAC16.items()},
        "connections": {"CLK": [2]},
    }
    spram = {
        "type": "SB_SPRAM256KA",
        "parameters": {},
        "connections": {"CLOCK": [2], "CHIPSELECT": ["1"], "STANDBY": ["0"], "SLEEP": ["0"], "POWEROFF": ["1"]},
    }
    cells = {
        "pll.pll": {"type": "SB_PLL40_PAD", "parameters": {}, "connections": {"PLLOUTGLOBAL": [2]}},
        "core.engine.array.lane0.mac": dsp,
        "core.engine.weights$7.spram0_0": spram,
        "core.engine.array.c_SB_LUT4_O": {"type": "SB_LUT4"},
        "core.engine.arrays_SB_LUT4_O": {"type": "SB_LUT4"},
        "core.link.sender.byte_SB_DFFE_Q": {"type": "SB_DFFE"},
        "led_SB_LUT4_O": {"type": "SB_LUT4"},
    }
    for scope in ("core", "core.engine", "core.engine.array", "core.engine.array.lane0", "core.engine.weights$7"):
        cells[scope] = {"type": "$scopeinfo"}
    return {"modules": {"top": {"cells": cells}}}


def test_vendor_cells_as_asked_for():
    netlist.check_ice40(up5k_netlist())


@pytest.mark.parametrize("parameter", MAC16)
def test_a_changed_multiplier_is_found(parameter):
    changed = up5k_netlist()
    value = MAC16[parameter][0] ^ 1
    changed["modules"]["top"]["cells"]["core.engine.array.lane0.mac"]["parameters"][parameter] = f"{value:b}"
    wanted = f"SB_MAC16 core.engine.array.lane0.mac must have {parameter} = {MAC16[parameter][0]:b}, not {value:b}:"
    with pytest.raises(netlist.NetlistError, match=wanted):
        netlist.check_ice40(changed)


@pytest.mark.parametrize(
    ("cell", "pin", "net", "message"),
    [
        ("core.engine.array.lane0.mac", "CLK", "0", "SB_MAC16 .*lane0.mac must be clocked by the PLL, not by net '0'"),
        ("core.engine.weights$7.spram0_0", "CLOCK", 3, "SB_SPRAM256KA .* must be clocked by the PLL, not by net 3"),
        ("core.engine.weights$7.spram0_0", "POWEROFF", "0", "SB_SPRAM256KA .* must have POWEROFF = 1, not"),
    ],
)
def test_a_changed_pin_is_found(cell, pin, net, message):
    changed = copy.deepcopy(up5k_netlist())
    changed["modules"]["top"]["cells"][cell]["connections"][pin] = [net]
    with pytest.raises(netlist.NetlistError, match=message):
        netlist.check_ice40(changed)


def test_cells_by_block():
    assert {name: dict(cells) for name, cells in netlist.cells_by_block(up5k_netlist()).items()} == {
        "engine.array": {"tables": 1, "DSP": 1},
        "engine": {"tables": 1},
        "engine.weights": {"SPRAM": 1},
        "core": {"flip-flops": 1},
        "top": {"tables": 1},
    }


# The whole way -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["icebreaker", "upduino-v3", "ulx3s-25f"])
def test_a_small_design_becomes_a_bitstream(name, tmp_path):
    made = board(name)
    figures = synth.build(made, multiplier(made), tmp_path, seed=1)
    ice40 = made.chip.family == "ice40"
    assert figures["timing_met"] and figures["fmax_mhz"] >= made.clock_hz / 1e6
    assert 0 < figures["cells"] < 500 and figures["dsp"] == 1
    assert figures["spram"] == (1 if ice40 else 0) and figures["bram"] == (0 if ice40 else figures["bram"])
    assert figures["blocks"]["lane"]["DSP"] == 1
    bitstream = (tmp_path / ("top.bin" if ice40 else "top.bit")).read_bytes()
    assert (b"\x7e\xaa\x99\x7e" if ice40 else b"\xff\xff\xbd\xb3") in bitstream[:400]  # the synchronising words
    for picture in ("blocks.png", "floorplan.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    assert set(figures["seconds"]) == {"synthesise", "place and route", "pack", "report"}
    assert (
        figures["tools"]["yosys"].startswith("Yosys 0.")
        and "nextpnr-" in figures["tools"][f"nextpnr-{made.chip.family}"]
    )


def test_a_multiplier_that_synthesis_changed_ends_the_run(tmp_path):
    wrong = multiplier(UP5K).replace(".BOTADDSUB_LOWERINPUT(2'h2)", ".BOTADDSUB_LOWERINPUT(2'h1)")
    with pytest.raises(netlist.NetlistError, match="must have BOTADDSUB_LOWERINPUT = 10, not 01: synthesis changed it"):
        synth.build(UP5K, wrong, tmp_path, seed=1)


def test_a_tool_that_fails_says_why(tmp_path):
    with pytest.raises(tools.ToolFailure, match=r"yosys failed: .*syntax error.* \(all of it: .*yosys.log\)"):
        synth.build(UP5K, "module top(input clk; endmodule", tmp_path, seed=1)
