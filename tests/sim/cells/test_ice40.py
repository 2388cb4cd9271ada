"""The core on the cells of an iCE40 UltraPlus, in yosys's own models of them, against the golden device."""

from types import SimpleNamespace

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.families.ice40 import Ice40, check
from ffpga_hw.flow.verilog import generate_verilog
from testbenches.cells.ice40 import ice40_models
from testbenches.configurations import CONFIGURATIONS
from testbenches.runner import run


@pytest.mark.parametrize("case", ["awkward", "sixteen-bit", "no-classes", "extreme"])
def test_answers_equal_golden(case):
    verilog = generate_verilog(CONFIGURATIONS[case].config, SimpleNamespace(primitives=Ice40()))
    assert verilog.count("SB_MAC16 #(") == CONFIGURATIONS[case].config.lanes and "SB_SPRAM256KA" in verilog
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "3"}
    run(ice40_models() + verilog, "testbenches.chip.test_answers", simulator="icarus", tests=2, env=env)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"lanes": 16}, "lanes must be at most 8 on an iCE40 UP5K, one a DSP block, not 16"),
        ({"memory_ports": 2}, "memory_ports must be 1 on an iCE40 UP5K, whose SPRAM has one port, not 2"),
        ({"layers": (256, 256)}, r"weights must fit 16,384 words of 8 x 8 bits .*, not 33,664: take smaller layers"),
        ({"weight_bits": 16, "layers": (64,)}, "a word must be at most 64 bits on an iCE40 UP5K, not 8 x 16"),
    ],
)
def test_what_does_not_fit(sizes, message):
    with pytest.raises(ValueError, match=message):
        check(NetworkConfig(**{"features": 784, "layers": (128, 128), **sizes}))


def test_what_fits():
    check(NetworkConfig(features=784, layers=(128, 128)))
    check(NetworkConfig(features=784, layers=(64, 64), lanes=4, weight_bits=16))
    check(NetworkConfig(features=784, layers=(64, 64), lanes=2))  # in two banks
