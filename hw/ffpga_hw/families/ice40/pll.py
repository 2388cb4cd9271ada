"""The PLL of an iCE40. Sources: Lattice TN1251; settings as icestorm's icepll computes them."""

from dataclasses import dataclass

from amaranth import Const, Instance, Module

from ..pll import Clock, Pll


@dataclass(frozen=True)
class Ice40Clock(Clock):
    """Settings of an SB_PLL40: out = in (divf + 1) / (divr + 1) / 2^divq.

    `pad` for a crystal on the PLL's own pin; otherwise its clock comes through the fabric.
    """

    cell = "SB_PLL40"
    phase_hz = 10e6, 133e6
    vco_hz = 533e6, 1066e6

    pad: bool
    divr: int
    divf: int
    divq: int
    filter_range: int

    def frequencies(self, source: float) -> tuple[float, float, float]:
        phase = source / (self.divr + 1)
        vco = phase * (self.divf + 1)
        return phase, vco, vco / 2**self.divq

    def pll(self, source: float) -> "Ice40Pll":
        return Ice40Pll(settings=self, source=source)


class Ice40Pll(Pll):
    """SB_PLL40_PAD or SB_PLL40_CORE with simple feedback."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        settings = self._settings
        source = {"i_PACKAGEPIN": self.i} if settings.pad else {"i_REFERENCECLK": self.i}
        m.submodules.pll = Instance(
            "SB_PLL40_PAD" if settings.pad else "SB_PLL40_CORE",
            p_FEEDBACK_PATH="SIMPLE",
            p_PLLOUT_SELECT="GENCLK",
            p_DIVR=Const(settings.divr, 4),
            p_DIVF=Const(settings.divf, 7),
            p_DIVQ=Const(settings.divq, 3),
            p_FILTER_RANGE=Const(settings.filter_range, 3),
            i_RESETB=Const(1, 1),
            i_BYPASS=Const(0, 1),
            o_PLLOUTGLOBAL=self.o,
            o_LOCK=self.locked,
            **source,
        )
        return m
