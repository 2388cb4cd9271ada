"""The table of boards: what every row must be."""

import re

import pytest
from amaranth.lib.wiring import Out

from ffpga.cli.boards.synth import BOARD_NAMES
from ffpga_golden.protocol import BAUDS
from ffpga_hw.boards.board import Board
from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow.fit import check_fit
from ffpga_hw.flow.verilog import top_verilog
from testbenches.chip.echo import Echo


def lines(made: Board) -> list[Board]:
    """A board behind each line that it has pins for."""
    return [made, made.with_line("spi")] if made.spi else [made]


@pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)
def test_boards(made):
    """Clock within the PLL's range, baud rate within 0.5 %, no pin twice, a network that fits."""
    assert abs(made.clock_hz / made.divisor / made.baud - 1) < 0.005 and made.baud in BAUDS
    assert made.divisor >= 8 or (made.divisor >= 3 and made.clock_hz == made.divisor * made.baud)
    for one in lines(made):
        assert len(set(one.pins.values())) == len(one.pins) >= 4
    check_fit(made, made.preset)
    assert set(made.low_voltage) <= set(made.pins)
    assert bool(made.loader) != bool(made.drive), "it is written by openFPGALoader or by a copy to its drive"


class Blinking(Echo):
    """An echo in the place of the core, with a core's output for the LED."""

    beat: Out(1)


@pytest.mark.parametrize(
    "made", [one for made in BOARDS.values() for one in lines(made)], ids=lambda made: f"{made.name} {made.line}"
)
def test_every_board_elaborates_with_its_pins(made):
    """All around a core, which is a family's and no board's; what the placer is told of a pin is told of every one."""
    text = top_verilog(made, Blinking())
    ports = re.search(r"^module top\((.*?)\)", text, re.S | re.M)[1].replace("\n", "").replace(" ", "").split(",")
    assert sorted(ports) == sorted(made.pins)
    for port, pin in made.pins.items():
        assert re.search(rf"\b{port}\b.*\b{pin}\b", made.constraints), (port, pin)


def test_the_same_board_gives_the_same_text():
    """In each of an iCE40's two kinds of PLL; of a core, `flow/test_generate.py` has that."""
    for name, kind in (("upduino-v3", "SB_PLL40_CORE"), ("icebreaker", "SB_PLL40_PAD")):
        text = top_verilog(board(name), Blinking())
        assert text == top_verilog(board(name), Blinking()) and kind in text


def test_the_command_line_knows_every_board():
    assert list(BOARD_NAMES) == list(BOARDS)


def test_clocks():
    up5k = board("icebreaker")
    assert (up5k.clock_hz, up5k.divisor, up5k.slower.clock_hz, up5k.slower.divisor) == (48e6, 4, 36e6, 3)
    assert up5k.slower.slower is None and board("ulx3s-25f").slower is None
    assert board("ulx3s-25f").clock_hz == board("ulx3s-45f").clock_hz == board("orangecrab-25f").clock_hz == 90e6
    assert board("ulx3s-85f").clock_hz == 84.375e6
    assert board("ecpix5-85f").clock_hz == 84e6


def test_a_clock_that_is_asked_for():
    for name, clock in (("icebreaker", 48), ("icebreaker", 36), ("ulx3s-85f", 84.375)):
        asked = board(name).with_clock(clock)
        assert asked.clock_hz == clock * 1e6 and asked.slower is None and asked.preset == board(name).preset
    for name, said in (
        ("upduino-v3", "clock must be 48 or 36 MHz on UPduino 3, not 40"),
        ("ulx3s-25f", "clock must be 90 MHz on ULX3S 25F, not 40"),
    ):
        with pytest.raises(ValueError, match=f"^{said}$"):
            board(name).with_clock(40)


def test_lines():
    assert {name for name, made in BOARDS.items() if made.spi} >= {"icebreaker", "upduino-v3", "ulx3s-25f"}
    spi = board("icebreaker").with_line("spi")
    assert set(spi.pins) == {"clk", "sck", "cs", "mosi", "miso", "waits", "led"}
    assert f"set_frequency sck {spi.spi_hz / 1e6:g}" in spi.constraints and "-pullup yes cs" in spi.constraints
    assert 'FREQUENCY PORT "sck" 45 MHZ' in board("ulx3s-25f").with_line("spi").constraints
    for name, line, said in (
        ("icebreaker", "i2c", "line must be one of uart, spi, not 'i2c'"),
        ("tangnano9k", "spi", "line must be uart on Tang Nano 9K, not spi: no pins for SPI are known"),
    ):
        with pytest.raises(ValueError, match=f"^{said}$"):
            board(name).with_line(line)


def test_unknown_board():
    with pytest.raises(ValueError, match=r"board must be one of icebreaker, upduino-v3, .*, not 'de0'"):
        board("de0")
