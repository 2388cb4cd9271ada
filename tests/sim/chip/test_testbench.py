"""The test bench itself, on an echo in place of the chip."""

import pytest

from testbenches.chip.echo import echo_verilog
from testbenches.runner import run


@pytest.mark.parametrize("simulator", ["icarus", pytest.param("verilator", marks=pytest.mark.all)])
def test_streams_and_transport(simulator):
    run(echo_verilog(), "testbenches.chip.test_echo", simulator=simulator, tests=5)


def test_filter_that_matches_nothing_fails():
    with pytest.raises(AssertionError, match="1 tests must run and pass, not 0"):
        run(echo_verilog(), "testbenches.chip.test_echo", simulator="icarus", tests=1, test_filter="no_such_test")


def test_unknown_simulator():
    with pytest.raises(ValueError, match="simulator must be one of icarus, verilator, not 'modelsim'"):
        run(echo_verilog(), "testbenches.chip.test_echo", simulator="modelsim", tests=1)
