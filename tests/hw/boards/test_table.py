"""The table of boards: what every row must be."""

import re

import pytest

from ffpga.cli.boards.synth import BOARD_NAMES
from ffpga_golden import NetworkConfig
from ffpga_hw.boards.board import BAUD
from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow.fit import check_fit
from ffpga_hw.flow.verilog import generate_top


@pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)
def test_boards(made):
    """Clock within the PLL's range, baud rate within 0.5 %, no pin twice, a network that fits."""
    assert abs(made.clock_hz / made.divisor / BAUD - 1) < 0.005
    assert made.divisor >= 8
    assert len(set(made.pins.values())) == len(made.pins) >= 4
    check_fit(made, made.preset)
    assert set(made.low_voltage) <= set(made.pins)


@pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)
def test_every_board_elaborates_with_its_pins(made):
    """Its whole design, around a small network; what the placer is told of a pin is told of every one."""
    small = NetworkConfig(features=9, classes=3, layers=(4,), lanes=2, memory_ports=made.preset.memory_ports)
    text = generate_top(made, small)
    ports = re.search(r"^module top\((.*?)\)", text, re.S | re.M)[1].replace("\n", "").replace(" ", "").split(",")
    assert sorted(ports) == sorted(made.pins)
    for port, pin in made.pins.items():
        assert re.search(rf"\b{port}\b.*\b{pin}\b", made.constraints), (port, pin)


def test_the_command_line_knows_every_board():
    assert list(BOARD_NAMES) == list(BOARDS)


def test_clocks():
    up5k = board("icebreaker")
    assert up5k.clock_hz == 45e6
    assert board("ulx3s-25f").clock_hz == board("ulx3s-85f").clock_hz == 90e6
    assert board("ulx3s-45f").clock_hz == board("ecpix5-85f").clock_hz == 90e6


def test_unknown_board():
    with pytest.raises(ValueError, match=r"board must be one of icebreaker, upduino-v3, .*, not 'de0'"):
        board("de0")
