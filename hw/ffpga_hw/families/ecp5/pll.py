"""The PLL of an ECP5. Sources: Lattice TN1263; settings as trellis's ecppll computes them."""

from dataclasses import dataclass

from amaranth import Const, Instance, Module

from ..pll import Clock, Pll


@dataclass(frozen=True)
class Ecp5Clock(Clock):
    """Settings of an EHXPLLL, fed back from its own output: out = in feedback / input, oscillator = out output."""

    cell = "EHXPLLL"
    phase_hz = 3.125e6, 400e6
    vco_hz = 400e6, 800e6

    input_div: int
    feedback_div: int
    output_div: int

    def frequencies(self, source: float) -> tuple[float, float, float]:
        phase = source / self.input_div
        out = phase * self.feedback_div
        return phase, out * self.output_div, out

    def pll(self, source: float) -> "Ecp5Pll":
        return Ecp5Pll(settings=self, source=source)


class Ecp5Pll(Pll):
    """EHXPLLL with its primary output as feedback; the hertz of `i` and `o` are for the timing analysis."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        settings = self._settings
        off = ("PHASESEL0", "PHASESEL1", "PHASEDIR", "PHASESTEP", "PHASELOADREG", "STDBY", "PLLWAKESYNC", "RST")
        m.submodules.pll = Instance(
            "EHXPLLL",
            a_FREQUENCY_PIN_CLKI=f"{self._source / 1e6:g}",
            a_FREQUENCY_PIN_CLKOP=f"{self._target / 1e6:g}",
            a_ICP_CURRENT="12",
            a_LPF_RESISTOR="8",
            a_MFG_ENABLE_FILTEROPAMP="1",
            a_MFG_GMCREF_SEL="2",
            p_PLLRST_ENA="DISABLED",
            p_INTFB_WAKE="DISABLED",
            p_STDBY_ENABLE="DISABLED",
            p_DPHASE_SOURCE="DISABLED",
            p_OUTDIVIDER_MUXA="DIVA",
            p_OUTDIVIDER_MUXB="DIVB",
            p_OUTDIVIDER_MUXC="DIVC",
            p_OUTDIVIDER_MUXD="DIVD",
            p_CLKI_DIV=settings.input_div,
            p_CLKFB_DIV=settings.feedback_div,
            p_CLKOP_ENABLE="ENABLED",
            p_CLKOP_DIV=settings.output_div,
            p_CLKOP_CPHASE=settings.output_div // 2 - 1,
            p_CLKOP_FPHASE=0,
            p_FEEDBK_PATH="CLKOP",
            i_CLKI=self.i,
            i_CLKFB=self.o,
            **{f"i_{name}": Const(1 if name in ("PHASEDIR", "PHASESTEP", "PHASELOADREG") else 0, 1) for name in off},
            i_ENCLKOP=Const(0, 1),
            o_CLKOP=self.o,
            o_LOCK=self.locked,
        )
        return m
