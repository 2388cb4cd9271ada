"""A board's whole design at its pins against the golden device: cocotbext-uart is the host's serial adapter."""

from dataclasses import replace
from functools import cache

import pytest

from ffpga_hw.flow.verilog import generate_top
from testbenches.cells.ice40 import ice40_models
from testbenches.pins.test_training import BOARD, CONFIG
from testbenches.pins.wires import NOISY_WIRE
from testbenches.runner import run

TESTS = "testbenches.pins.test_training"


@cache
def noisy_board(mhz: float, baud: int) -> str:
    """Verilog of the board at the end of a noisy wire."""
    return ice40_models() + generate_top(replace(BOARD.with_clock(mhz), baud=baud), CONFIG) + NOISY_WIRE


def run_one(simulator: str, test: str, error: float = 0.0, mhz: float = 48, baud: int = BOARD.baud) -> None:
    env = {"FFPGA_BAUD_ERROR": str(error), "FFPGA_CLOCK": str(mhz), "FFPGA_BAUD": str(baud)}
    made = {"toplevel": "noisy_wire", "env": env, "test_filter": f"{test}$"}
    run(noisy_board(mhz, baud), TESTS, simulator=simulator, tests=1, **made)


@pytest.mark.parametrize(
    ("simulator", "mhz", "baud", "errors"),
    [
        ("verilator", 36, 12_000_000, [-0.01, 0.01]),
        pytest.param("verilator", 48, 12_000_000, [-0.01, 0.0, 0.01], marks=pytest.mark.all),
        pytest.param("icarus", 36, 12_000_000, [-0.01, 0.0, 0.01], marks=pytest.mark.all),
        pytest.param("verilator", 48, 3_000_000, [-0.02, 0.02], marks=pytest.mark.all),
    ],
    ids=["three clocks a bit", "four clocks a bit", "icarus", "3 Mbaud"],
)
def test_the_driver_trains_the_board(simulator, mhz, baud, errors):
    """At what the receiver is made for: 1 % with its fewest clocks a bit, 2 % with 8 and more.

    Four clocks a bit have the noise below, too.
    """
    for error in errors:
        run_one(simulator, "the_driver_trains_the_board", error, mhz, baud)


@pytest.mark.parametrize("simulator", ["verilator", pytest.param("icarus", marks=pytest.mark.all)])
@pytest.mark.parametrize("error", [-0.08, 0.08])
def test_a_host_too_far_off_is_not_understood(simulator, error):
    run_one(simulator, "the_board_does_not_understand_the_host", error)


@pytest.mark.parametrize(
    "tests",
    [
        ["the_led_counts_commands", "the_driver_trains_the_board_over_noisy_wires"],
        pytest.param(["the_driver_trains_the_board_over_a_hostile_line"], marks=pytest.mark.all),
    ],
    ids=["led and noisy wires", "hostile line"],
)
def test_long_sessions(tests):
    """Many clocks each; in one test, so that one build of the faster simulator serves all of them.

    The hostile line is the virtual board's, too (`trust/test_short_forms.py`); what bits on a wire do is here alone.
    """
    for test in tests:
        run_one("verilator", test)
