"""The whole chip behind AXI against the golden network, on both simulators."""

import pytest

from ffpga_hw.generate import generate_verilog
from testbenches.configurations import AXI_CONFIGURATIONS
from testbenches.runner import run

CASES = [(case, "icarus") for case in AXI_CONFIGURATIONS] + [("no-classes", "verilator")]


@pytest.mark.parametrize(("case", "simulator"), CASES)
def test_chip_behind_axi_equals_golden(case, simulator):
    verilog = generate_verilog(AXI_CONFIGURATIONS[case].config, bus="axi")
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "1"}
    run(verilog, "testbenches.test_axi", simulator=simulator, tests=2, env=env)


def test_errors_events_and_back_pressure():
    verilog = generate_verilog(AXI_CONFIGURATIONS["labelled"].config, bus="axi")
    run(verilog, "testbenches.test_axi_errors", simulator="icarus", tests=6)


def test_steps_follow_each_other():
    verilog = generate_verilog(AXI_CONFIGURATIONS["labelled"].config, bus="axi")
    run(verilog, "testbenches.test_axi_pace", simulator="icarus", tests=1, env={"FFPGA_CASE": "labelled"})
