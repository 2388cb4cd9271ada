"""The host's driver inside cocotb."""

import pytest

from ffpga_hw.flow.verilog import generate_verilog
from testbenches.chip.test_driver import CONFIG
from testbenches.runner import run


@pytest.mark.parametrize("simulator", ["icarus", pytest.param("verilator", marks=pytest.mark.all)])
def test_the_driver_runs_inside_cocotb(simulator):
    run(generate_verilog(CONFIG), "testbenches.chip.test_driver", simulator=simulator, tests=1)
