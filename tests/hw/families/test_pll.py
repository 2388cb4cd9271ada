"""PLLs: the clocks that settings make, and those that a PLL cannot make."""

import pytest

from ffpga_hw.families.ecp5 import Ecp5Clock
from ffpga_hw.families.ice40 import Ice40Clock

UP5K = dict(pad=True, divr=0, divf=63, divq=4, filter_range=1)
ECP5 = dict(input_div=5, feedback_div=18, output_div=6)


def test_the_clock_out():
    assert Ice40Clock(**UP5K).output(12e6) == 48e6
    assert Ice40Clock(**{**UP5K, "divr": 1, "divf": 31, "divq": 3}).output(40e6) == 80e6
    assert Ecp5Clock(**ECP5).output(25e6) == 90e6


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
    ],
)
def test_what_a_pll_cannot_make(clock, source, message):
    with pytest.raises(ValueError, match=message):
        clock.output(source)
    with pytest.raises(ValueError, match=message):
        clock.pll(source)
