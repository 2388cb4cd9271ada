"""A board's whole design, from pin to pin: reset, serial line, core, LED, in Icarus Verilog."""

import re
import shutil
import subprocess

import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden.protocol import VERSION, Opcode, decode_frame, encode_frame, pack_config
from ffpga_hw.boards.table import board
from ffpga_hw.boards.top import RESET_BITS
from ffpga_hw.flow.verilog import generate_top
from testbenches.cells.ecp5 import ecp5_models
from testbenches.cells.gowin import GW5A_PLL, gowin_models, gw5a_models

CONFIG = NetworkConfig(features=9, classes=3, layers=(4,), lanes=2)

#: PLLs as wires, so one clock of the bench is one of the core.
PLL = """
module EHXPLLL(input CLKI, CLKFB, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, STDBY, PLLWAKESYNC, RST,
               input ENCLKOP, output CLKOP, LOCK);
    parameter PLLRST_ENA = "", INTFB_WAKE = "", STDBY_ENABLE = "", DPHASE_SOURCE = "", OUTDIVIDER_MUXA = "";
    parameter OUTDIVIDER_MUXB = "", OUTDIVIDER_MUXC = "", OUTDIVIDER_MUXD = "", CLKOP_ENABLE = "", FEEDBK_PATH = "";
    parameter CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_DIV = 1, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0;
    assign CLKOP = CLKI;
    assign LOCK = 1;
endmodule
"""

RPLL = """
module rPLL(input CLKIN, CLKFB, RESET, RESET_P, input [5:0] FBDSEL, IDSEL, ODSEL, input [3:0] PSDA, FDLY, DUTYDA,
            output CLKOUT, LOCK);
    parameter FCLKIN = "", DEVICE = "", DYN_IDIV_SEL = "", DYN_FBDIV_SEL = "", DYN_ODIV_SEL = "", CLKFB_SEL = "";
    parameter IDIV_SEL = 0, FBDIV_SEL = 0, ODIV_SEL = 0;
    assign CLKOUT = CLKIN;
    assign LOCK = 1;
endmodule
"""


#: The stand-in of a GW5A's PLL with its input as its output.
PLLA = GW5A_PLL.read_text().replace("output reg CLKOUT0", "output CLKOUT0").partition("    localparam")[0]
PLLA += "assign CLKOUT0 = CLKIN; assign LOCK = 1; endmodule"


def talk(made, models: str, drive: str, place) -> str:
    """What a board's pin tx sends, in hex, while `drive` is done; "wrong" where a pin is not what it must be."""
    high = "".join(f", .{name}(high)" for name in made.pins if name.startswith("high_"))
    button = ", .button(button)" if made.button else ""
    led = int(made.led_low)
    bench = f"""`timescale 1ns/1ns
    module bench;
        reg clk = 0, rx = 1, button = {int(made.button_low)}; wire tx, led, high; reg [7:0] got; integer n, m;
        top chip(.clk(clk), .rx(rx), .tx(tx), .led(led){high}{button});
        always #50 clk = ~clk;
        task send(input [7:0] value); begin
            rx = 0; #{985 * made.divisor // 10};
            for (n = 0; n < 8; n = n + 1) begin rx = value[n]; #{985 * made.divisor // 10}; end
            rx = 1; #{985 * made.divisor // 10};
        end endtask
        always begin
            @(negedge tx); #{150 * made.divisor};
            for (m = 0; m < 8; m = m + 1) begin got[m] = tx; #{100 * made.divisor}; end
            $write("%02x", got);
            if (tx !== 1 {"|| high !== 1" if high else ""} || led !== {led}) $write("wrong");
        end
        initial begin {drive} $finish; end
    endmodule"""
    verilog = place / "all.v"
    verilog.write_text(models + generate_top(made, CONFIG) + bench)
    compiled = place / "all.vvp"
    subprocess.run([shutil.which("iverilog"), "-g2005", "-s", "bench", "-o", str(compiled), str(verilog)], check=True)
    return subprocess.run([shutil.which("vvp"), "-n", str(compiled)], check=True, capture_output=True, text=True).stdout


def said(made, frame: bytes) -> str:
    """Sends a frame and waits for the answer."""
    return "".join(f"send(8'd{byte});\n" for byte in frame) + f"#{100 * 400 * made.divisor};\n"


WAKING = f"#{100 * ((1 << RESET_BITS) + 20)};\n"
REQUEST = encode_frame(1, Opcode.IDENTIFY, b"abcd")


def is_an_identification(out: str) -> bool:
    answer = bytes.fromhex(re.match(r"[0-9a-f]*", out)[0])
    assert "wrong" not in out and answer.endswith(b"\0")
    return decode_frame(answer[:-1]) == (1, 0, b"abcd" + bytes((VERSION,)) + pack_config(CONFIG))


def test_identify_over_the_pins(tmp_path):
    """A request on pin rx, 1.5 % too fast, is answered on pin tx; the pins that must be high are."""
    made = board("ulx3s-25f")
    assert is_an_identification(talk(made, PLL + ecp5_models(), WAKING + said(made, REQUEST), tmp_path))


@pytest.mark.parametrize(
    "name", ["tangnano9k", *(pytest.param(name, marks=pytest.mark.all) for name in ("tangnano20k", "tangprimer25k"))]
)
def test_the_button_resets_the_core(name, tmp_path):
    """While it is pressed nothing is answered, afterwards everything."""
    made = board(name)
    models = gw5a_models(PLLA) if name == "tangprimer25k" else gowin_models(RPLL)
    pressed, released = (f"button = {level};\n" for level in (int(not made.button_low), int(made.button_low)))
    silent = pressed + WAKING + said(made, REQUEST)
    drive = WAKING + silent + '$write("|");' + released + WAKING + said(made, REQUEST)
    before, after = talk(made, models, drive, tmp_path).split("|")
    assert before == "" and is_an_identification(after)
