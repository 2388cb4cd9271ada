"""The whole chip against the golden device: every configuration on Icarus but one, some on Verilator, too.

64 lanes take Icarus minutes, and Verilator seconds. The virtual board is Verilator's model as well, and has longer
conversations: see test_board.py.
"""

import pytest

from ffpga_hw.flow.verilog import generate_verilog
from testbenches.configurations import CONFIGURATIONS
from testbenches.runner import run

TWICE = ("awkward", "sixteen-bit-extreme", "no-classes-wide", "black-box-two-ports", "many-classes")
CASES = [(case, "icarus") for case in CONFIGURATIONS if case != "many-lanes"]
CASES += [(case, "verilator") for case in (*TWICE, "many-lanes")]


@pytest.mark.parametrize(("case", "simulator"), CASES)
def test_answers_equal_golden(case, simulator):
    verilog = generate_verilog(CONFIGURATIONS[case].config)
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "1"}
    run(verilog, "testbenches.chip.test_answers", simulator=simulator, tests=2, env=env)
