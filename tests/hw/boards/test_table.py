"""The table of boards: what every row must be."""

import pytest

from ffpga_hw.boards.board import BAUD
from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow.fit import check_fit


@pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)
def test_boards(made):
    """Clock within the PLL's range, baud rate within 0.5 %, no pin twice, a network that fits."""
    assert abs(made.clock_hz / made.divisor / BAUD - 1) < 0.005
    assert made.divisor >= 8
    assert len(set(made.pins.values())) == len(made.pins) >= 4
    check_fit(made, made.preset)


def test_clocks():
    up5k = board("icebreaker")
    assert up5k.clock_hz == 42e6
    assert board("ulx3s-25f").clock_hz == board("ulx3s-85f").clock_hz == 90e6
    assert board("ulx3s-45f").clock_hz == board("ecpix5-85f").clock_hz == 90e6


def test_unknown_board():
    with pytest.raises(ValueError, match=r"board must be one of icebreaker, upduino-v3, .*, not 'de0'"):
        board("de0")
