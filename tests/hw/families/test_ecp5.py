"""The ECP5's own blocks beside the portable ones, clock by clock, in Icarus Verilog."""

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.engine.lanes.lane import Lane
from ffpga_hw.engine.lanes.weight_memory import WeightMemory
from ffpga_hw.families.ecp5.primitives import Dp16WeightMemory, Mult18Lane
from ffpga_hw.families.weight_memory import banks, block_count
from testbenches.cells.ecp5 import ecp5_models

from .beside import differences, few_places


@pytest.mark.parametrize(
    ("features", "layers", "lanes", "bits", "shapes"),
    [
        (20, (12, 8), 4, 8, [16]),
        (9, (6,), 3, 8, [16]),
        (30, (9,), 1, 16, [16]),
        (400, (12,), 4, 8, [8]),
        (700, (16,), 4, 8, [8, 16]),
        (800, (5,), 1, 16, [4]),
        (900, (7,), 1, 8, [4, 8, 16]),
        (1000, (9,), 1, 8, [2, 16]),
        (1000, (36,), 2, 8, [2, 2, 8]),
    ],
)
def test_the_weight_memory_is_the_portable_one(features, layers, lanes, bits, shapes, tmp_path):
    config = NetworkConfig(features=features, layers=layers, lanes=lanes, weight_bits=bits, classes=5, memory_ports=2)
    assert banks(config.words) == shapes
    assert block_count(config.words, lanes * bits) == sum(-(-lanes * bits // shape) for shape in shapes)
    drive = few_places(config.words) + "if (read_address == write_address) write_enable = 0;"
    portable, own = WeightMemory(config=config), Dp16WeightMemory(config=config)
    known, wrong = differences(portable, own, ecp5_models(), drive, 8_000, tmp_path)
    assert wrong == 0 and known > 6_500


def test_the_lane_is_the_portable_one(tmp_path):
    drive = "b[15] = 0; keep = at % 7 == 3; clear = at % 50 == 9 || at < 2; "
    known, wrong = differences(Lane(), Mult18Lane(), ecp5_models(), drive, 8_000, tmp_path)
    assert wrong == 0 and known > 6_500
