"""A board's whole design at its SPI pins against the golden device, as Verilog and as netlist."""

from functools import cache

import pytest

from ffpga_hw.boards.table import board
from ffpga_hw.flow import synth
from ffpga_hw.flow.verilog import generate_top
from testbenches.cells.ice40 import ice40_models
from testbenches.pins.test_training import CONFIG
from testbenches.runner import run

from .test_netlist import in_one_process, netlist_verilog

TESTS = "testbenches.pins.test_spi"
BOARD = board("icebreaker").with_line("spi")


@cache
def top() -> str:
    """The board's design as Verilog."""
    return generate_top(BOARD, CONFIG)


def run_one(verilog: str, simulator: str, ratio: float, test: str) -> None:
    env = {"FFPGA_SPI_RATIO": str(ratio)}
    run(verilog, TESTS, simulator=simulator, tests=1, toplevel="top", env=env, test_filter=f"{test}$")


@pytest.mark.parametrize(
    ("ratio", "test"),
    [
        (0.5, "the_driver_trains_the_board"),
        (0.6, "the_driver_trains_the_board"),
        (0.071, "the_driver_trains_the_board_in_spite_of_pauses"),
        (0.49, "the_driver_trains_the_board_in_spite_of_pauses"),
        (0.5, "the_driver_trains_the_board_over_bad_wires"),
    ],
)
def test_the_driver_trains_the_board(ratio, test):
    run_one(ice40_models() + top(), "verilator", ratio, test)


@pytest.mark.all
def test_the_driver_trains_the_netlist(tmp_path):
    """Synthesis keeps both edges of the host's clock and the registers that cross."""
    found = synth.make_netlist(BOARD, top(), tmp_path)
    kinds = {cell["type"] for cell in found["modules"]["top"]["cells"].values()}
    assert any(kind.startswith("SB_DFFN") for kind in kinds), kinds
    verilog = ice40_models() + in_one_process(netlist_verilog(tmp_path))
    run_one(verilog, "icarus", 0.5, "the_driver_trains_the_board$")
