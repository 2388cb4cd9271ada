"""A Gowin's own blocks beside the portable ones, clock by clock, in Icarus Verilog."""

import shutil
import subprocess

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.engine.lanes.lane import Lane
from ffpga_hw.engine.lanes.weight_memory import WeightMemory
from ffpga_hw.families.gowin.gw5a import Gw5aWeightMemory, MultaluLane
from ffpga_hw.families.gowin.primitives import Mult18Lane, SdpWeightMemory
from ffpga_hw.families.weight_memory import banks
from testbenches.cells.gowin import OURS, gowin_models, gw5a_models, module, yosys_models

from .beside import differences, few_places


@pytest.mark.parametrize(
    ("features", "layers", "lanes", "bits", "ports", "shapes"),
    [
        (20, (12, 8), 4, 8, 2, [16]),
        (9, (6,), 3, 8, 1, [16]),
        (30, (9,), 1, 16, 2, [16]),
        (400, (12,), 4, 8, 1, [8]),
        (700, (16,), 4, 8, 2, [8, 16]),
        (800, (5,), 1, 16, 1, [4]),
        (900, (7,), 1, 8, 2, [4, 8, 16]),
        (900, (7,), 1, 8, 1, [4, 8, 16]),
        pytest.param(1000, (36,), 2, 8, 1, [2, 2, 8], marks=pytest.mark.all),
    ],
)
def test_the_weight_memory_is_the_portable_one(features, layers, lanes, bits, ports, shapes, tmp_path):
    config = NetworkConfig(
        features=features, layers=layers, lanes=lanes, weight_bits=bits, classes=5, memory_ports=ports
    )
    assert banks(config.words) == shapes
    drive = few_places(config.words)
    if ports == 2:
        drive += "if (read_address == write_address) write_enable = 0;"
    else:
        drive += "write_enable = at % 3 ? 0 : write_enable;"
        drive += "if (write_enable) read_address = dut_own.read;"  # what else is read meanwhile is undefined
    portable, own = WeightMemory(config=config), SdpWeightMemory(config=config)
    known, wrong = differences(portable, own, gowin_models(), drive, 3_000, tmp_path)
    assert wrong == 0 and known > 2_000


@pytest.mark.parametrize("ports", [1, 2])
def test_a_gw5a_s_weight_memory_is_the_portable_one(ports, tmp_path):
    """The same blocks with other pins: two banks, one of which has a word in each block's whole port."""
    config = NetworkConfig(features=700, layers=(16,), lanes=4, classes=5, memory_ports=ports)
    drive = few_places(config.words)
    if ports == 2:
        drive += "if (read_address == write_address) write_enable = 0;"
    else:
        drive += "write_enable = at % 3 ? 0 : write_enable; if (write_enable) read_address = dut_own.read;"
    portable, own = WeightMemory(config=config), Gw5aWeightMemory(config=config)
    known, wrong = differences(portable, own, gw5a_models(), drive, 3_000, tmp_path)
    assert wrong == 0 and known > 2_000


@pytest.mark.parametrize(("lane", "models"), [(Mult18Lane, gowin_models), (MultaluLane, gw5a_models)])
def test_the_lane_is_the_portable_one(lane, models, tmp_path):
    drive = "b[15] = 0; keep = at % 7 == 3; clear = at % 50 == 9 || at < 2; "
    known, wrong = differences(Lane(), lane(), models(), drive, 8_000, tmp_path)
    assert wrong == 0 and known > 6_500


def test_the_model_of_an_adder_is_yosys_s(tmp_path):
    own, yosys = module("ALU", OURS.read_text()), module("ALU", yosys_models())
    bench = """
        module bench;
            reg [3:0] in; wire sum, cout, sum_y, cout_y; integer n, wrong = 0;
            own #(.ALU_MODE(2)) a(in[0], in[1], in[2], in[3], sum, cout);
            yosys #(.ALU_MODE(2)) b(sum_y, cout_y, in[0], in[1], in[2], in[3]);
            initial begin
                for (n = 0; n < 16; n = n + 1) begin in = n; #1 wrong = wrong + ({sum, cout} !== {sum_y, cout_y}); end
                $display("wrong %0d", wrong);
            end
        endmodule"""
    text = own.replace("module ALU", "module own") + "\n" + yosys.replace("module ALU", "module yosys") + bench
    (tmp_path / "all.v").write_text(text)
    subprocess.run([shutil.which("iverilog"), "-o", tmp_path / "all.vvp", tmp_path / "all.v"], check=True)
    done = subprocess.run([shutil.which("vvp"), tmp_path / "all.vvp"], check=True, capture_output=True, text=True)
    assert done.stdout == "wrong 0\n"
