"""The whole chip against the golden device, on both simulators."""

import pytest

from ffpga_hw.generate import generate_verilog
from testbenches.configurations import CONFIGURATIONS
from testbenches.runner import SIMULATORS, run


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_answers_equal_golden(case, simulator):
    verilog = generate_verilog(CONFIGURATIONS[case].config)
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "1"}
    run(verilog, "testbenches.test_chip", simulator=simulator, tests=2, env=env)
