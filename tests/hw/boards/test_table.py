"""The table of boards: what every row must be."""

import re

import pytest
from amaranth.lib.wiring import Out

from ffpga.cli.boards.synth import BOARD_NAMES
from ffpga_hw.boards.board import BAUD
from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow.fit import check_fit
from ffpga_hw.flow.verilog import top_verilog
from testbenches.chip.echo import Echo


@pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)
def test_boards(made):
    """Clock within the PLL's range, baud rate within 0.5 %, no pin twice, a network that fits."""
    assert abs(made.clock_hz / made.divisor / BAUD - 1) < 0.005
    assert made.divisor >= 8
    assert len(set(made.pins.values())) == len(made.pins) >= 4
    check_fit(made, made.preset)
    assert set(made.low_voltage) <= set(made.pins)


class Blinking(Echo):
    """An echo in the place of the core, with a core's output for the LED."""

    beat: Out(1)


@pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)
def test_every_board_elaborates_with_its_pins(made):
    """All around a core, which is a family's and no board's; what the placer is told of a pin is told of every one."""
    text = top_verilog(made, Blinking())
    ports = re.search(r"^module top\((.*?)\)", text, re.S | re.M)[1].replace("\n", "").replace(" ", "").split(",")
    assert sorted(ports) == sorted(made.pins)
    for port, pin in made.pins.items():
        assert re.search(rf"\b{port}\b.*\b{pin}\b", made.constraints), (port, pin)


def test_the_command_line_knows_every_board():
    assert list(BOARD_NAMES) == list(BOARDS)


def test_clocks():
    up5k = board("icebreaker")
    assert up5k.clock_hz == 36e6
    assert board("ulx3s-25f").clock_hz == board("ulx3s-85f").clock_hz == 90e6
    assert board("ulx3s-45f").clock_hz == board("ecpix5-85f").clock_hz == 90e6


def test_unknown_board():
    with pytest.raises(ValueError, match=r"board must be one of icebreaker, upduino-v3, .*, not 'de0'"):
        board("de0")
