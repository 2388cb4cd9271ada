"""The iCE40's own blocks beside the portable ones, clock by clock, in Icarus Verilog; what its synthesis makes."""

import json

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.boards.table import board
from ffpga_hw.engine.lanes.weight_memory import WeightMemory
from ffpga_hw.families.ice40.primitives import SpramWeightMemory, block_count
from ffpga_hw.flow import tools
from testbenches.cells.ice40 import ice40_models

from .beside import differences, few_places


@pytest.mark.parametrize(
    ("features", "layers", "lanes", "bits", "blocks"),
    [
        (20, (12, 8), 4, 8, (2, 1)),
        (9, (6,), 3, 8, (2, 1)),
        (30, (9,), 1, 16, (1, 1)),
        (784, (64, 64), 2, 8, (1, 2)),
    ],
)
def test_the_weight_memory_is_the_portable_one(features, layers, lanes, bits, blocks, tmp_path):
    config = NetworkConfig(features=features, layers=layers, lanes=lanes, weight_bits=bits, classes=5)
    assert block_count(config) == blocks
    drive = few_places(config.words) + "write_enable = at % 3 ? 0 : write_enable;"  # what is read meanwhile is unknown
    portable, own = WeightMemory(config=config), SpramWeightMemory(config=config)
    known, wrong = differences(portable, own, ice40_models(), drive, 20_000, tmp_path)
    assert wrong == 0 and known > 12_000


def test_an_adder_of_few_bits_is_made_of_tables(tmp_path):
    """Of two adders, of 5 and of 6 bits, the wider one has a chain of carries."""
    text = """module top(input clk, input [10:0] a, b, output reg [10:0] o);
        always @(posedge clk) o <= {a[10:5] + b[10:5], a[4:0] + b[4:0]};
    endmodule"""
    (tmp_path / "top.v").write_text(text)
    script = board("icebreaker").chip.script()
    tools.run("yosys", ["-q", "-p", f"read_verilog top.v; {script}; write_json netlist.json"], tmp_path)
    cells = json.loads((tmp_path / "netlist.json").read_text())["modules"]["top"]["cells"].values()
    assert 4 <= sum(cell["type"] == "SB_CARRY" for cell in cells) <= 6
