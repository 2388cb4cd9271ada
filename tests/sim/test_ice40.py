"""The core on the cells of an iCE40 UltraPlus, in yosys's own models of them, against the golden device."""

from types import SimpleNamespace

import pytest

from ffpga_hw.families.ice40.primitives import Ice40
from ffpga_hw.flow.verilog import generate_verilog
from testbenches.configurations import CONFIGURATIONS
from testbenches.ice40_models import ice40_models
from testbenches.runner import run


@pytest.mark.parametrize("case", ["awkward", "sixteen-bit", "no-classes", "extreme"])
def test_answers_equal_golden(case):
    verilog = generate_verilog(CONFIGURATIONS[case].config, SimpleNamespace(primitives=Ice40()))
    assert verilog.count("SB_MAC16 #(") == CONFIGURATIONS[case].config.lanes and "SB_SPRAM256KA" in verilog
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "3"}
    run(ice40_models() + verilog, "testbenches.test_chip", simulator="icarus", tests=2, env=env)
