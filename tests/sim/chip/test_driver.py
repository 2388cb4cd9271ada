"""The host's driver inside cocotb."""

import pytest

from ffpga_hw.flow.verilog import generate_verilog
from testbenches.chip.test_driver import CONFIG
from testbenches.runner import run


@pytest.mark.all
@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_the_driver_runs_inside_cocotb(simulator):
    """It does so at a board's pins and in a netlist, too: see `pins/`."""
    run(generate_verilog(CONFIG), "testbenches.chip.test_driver", simulator=simulator, tests=1)
