"""PLLs: the clocks that settings make, and those that a PLL cannot make."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ffpga_hw.families.ecp5 import Ecp5Clock
from ffpga_hw.families.gowin import Gw1nClock, Gw2aClock, Gw5aClock
from ffpga_hw.families.ice40 import Ice40Clock

UP5K = dict(pad=True, divr=0, divf=63, divq=4, filter_range=1)
ECP5 = dict(input_div=5, feedback_div=18, output_div=6)
GW5A = dict(input_div=1, feedback_div=1, multiplier=18, output_div=10)
GOWIN = dict(input_div=3, feedback_div=4, output_div=32)


def test_the_clock_out():
    assert Ice40Clock(**UP5K).output(12e6) == 48e6
    assert Ice40Clock(**{**UP5K, "divr": 1, "divf": 31, "divq": 3}).output(40e6) == 80e6
    assert Ecp5Clock(**ECP5).output(25e6) == 90e6
    assert Gw5aClock(**GW5A).output(50e6) == 90e6
    assert Gw1nClock(**GOWIN).output(27e6) == Gw2aClock(**GOWIN).output(27e6) == 36e6


@pytest.mark.parametrize(
    ("clock", "source", "message"),
    [
        (Ice40Clock(**{**UP5K, "divf": 7}), 12e6, "an SB_PLL40 must compare at 10 to 133 MHz .*, not 12 and 96 MHz"),
        (Ice40Clock(**UP5K), 9e6, "an SB_PLL40 .* oscillate at 533 to 1,066 MHz, not 9 and 576 MHz: take other"),
        (Ice40Clock(**{**UP5K, "divf": 5}), 150e6, "an SB_PLL40 must compare .*, not 150 and 900 MHz"),
        (Ice40Clock(**{**UP5K, "divf": 99}), 12e6, "an SB_PLL40 must compare .*, not 12 and 1200 MHz"),
        (Ecp5Clock(input_div=1, feedback_div=3, output_div=12), 25e6, "an EHXPLLL .* 400 to 800 MHz, not 25 and 900"),
        (Ecp5Clock(**{**ECP5, "output_div": 4}), 25e6, "an EHXPLLL .*, not 5 and 360 MHz"),
        (Ecp5Clock(**{**ECP5, "feedback_div": 36}), 12.5e6, "an EHXPLLL must compare at 3.125 to 400 MHz .*, not 2.5"),
        (Ecp5Clock(input_div=1, feedback_div=1, output_div=1), 401e6, "an EHXPLLL .*, not 401 and 401 MHz"),
        (Gw1nClock(**{**GOWIN, "output_div": 8}), 27e6, "an rPLL .* 400 to 1,200 MHz, not 9 and 288 MHz: take other"),
        (
            Gw2aClock(**{**GOWIN, "output_div": 8}),
            40.5e6,
            "an rPLL must compare at 3 to 500 .* 500 to 1,250 .*, not 13.5",
        ),
        (Gw1nClock(**{**GOWIN, "input_div": 12}), 27e6, "an rPLL .*, not 2.25 and 288 MHz"),
        (Gw5aClock(**{**GW5A, "multiplier": 15}), 50e6, "a PLLA .* 19 to 800 MHz .* 800 to 1,600 MHz, not 50 and 750"),
        (Gw5aClock(**{**GW5A, "input_div": 3, "multiplier": 64}), 50e6, "a PLLA .*, not 16.6667 and 1066.67 MHz"),
    ],
)
def test_what_a_pll_cannot_make(clock, source, message):
    with pytest.raises(ValueError, match=message):
        clock.output(source)
    with pytest.raises(ValueError, match=message):
        clock.pll(source)


@pytest.mark.parametrize(
    ("clock", "device"), [(Gw1nClock, "GW1NR-9 C6/I5"), (Gw2aClock, "GW2AR-18 C8/I7")], ids=["GW1N", "GW2A"]
)
@pytest.mark.parametrize("mhz", [36, 50, 60.1, 81, 123.4])
def test_gowin_settings_are_as_near_as_apicula_s(clock, device, mhz):
    """Its gowin_pll knows the same limits; of settings that are equally near it may choose others."""
    program = Path(sys.executable).with_name("gowin_pll")
    said = subprocess.run(
        [program, "-i", "27", "-o", str(mhz), "-d", device], check=True, capture_output=True, text=True
    )
    found = clock.of(27e6, mhz * 1e6)
    theirs = {name: int(re.search(rf"{name}_SEL\((\d+)\)", said.stdout)[1]) for name in ("IDIV", "FBDIV", "ODIV")}
    other = clock(input_div=theirs["IDIV"] + 1, feedback_div=theirs["FBDIV"] + 1, output_div=theirs["ODIV"])
    assert abs(found.output(27e6) / 1e6 - mhz) == pytest.approx(abs(other.output(27e6) / 1e6 - mhz), abs=1e-6)


def test_gowin_divisors_that_there_are_not():
    with pytest.raises(ValueError, match=r"feedback_div must be 1 to 64, not 65"):
        Gw1nClock(**{**GOWIN, "feedback_div": 65})
    with pytest.raises(ValueError, match=r"output_div must be one of 2, 4, 8, 16, 32, .*, not 6"):
        Gw2aClock(**{**GOWIN, "output_div": 6})
    with pytest.raises(ValueError, match=r"multiplier must be 2 to 128, not 1"):
        Gw5aClock(**{**GW5A, "multiplier": 1})
    with pytest.raises(ValueError, match=r"output_div must be 1 to 128, not 129"):
        Gw5aClock(**{**GW5A, "output_div": 129})
    with pytest.raises(ValueError, match="an rPLL must have settings for 1 MHz from 27, but has none"):
        Gw1nClock.of(27e6, 1e6)
