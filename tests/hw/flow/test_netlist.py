"""What synthesis made of the core: vendor cells as they were asked for, and cells by block."""

import copy

import pytest

from ffpga_hw.boards.chips import UP5K
from ffpga_hw.families.ice40.primitives import MAC16
from ffpga_hw.flow import netlist


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
    netlist.check(UP5K, up5k_netlist())


@pytest.mark.parametrize("parameter", MAC16)
def test_a_changed_multiplier_is_found(parameter):
    changed = up5k_netlist()
    value = MAC16[parameter][0] ^ 1
    changed["modules"]["top"]["cells"]["core.engine.array.lane0.mac"]["parameters"][parameter] = f"{value:b}"
    wanted = f"SB_MAC16 core.engine.array.lane0.mac must have {parameter} = {MAC16[parameter][0]:b}, not {value:b}:"
    with pytest.raises(netlist.NetlistError, match=wanted):
        netlist.check(UP5K, changed)


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
        netlist.check(UP5K, changed)


def test_cells_by_block():
    assert {name: dict(cells) for name, cells in netlist.cells_by_block(UP5K, up5k_netlist()).items()} == {
        "engine.array": {"tables": 1, "DSP": 1},
        "engine": {"tables": 1},
        "engine.weights": {"SPRAM": 1},
        "core": {"flip-flops": 1},
        "top": {"tables": 1},
    }
