"""The PLLs that make a board's crystal the core's clock.

Sources: Lattice TN1251 (iCE40 PLL), TN1263 (ECP5 PLL); settings as icestorm's icepll and trellis's ecppll compute them.
"""

from dataclasses import dataclass

from amaranth import Cat, Const, Instance, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


@dataclass(frozen=True)
class Ice40Clock:
    """Settings of an SB_PLL40: out = in (divf + 1) / (divr + 1) / 2^divq.

    `pad` for a crystal on the PLL's own pin; otherwise its clock comes through the fabric.
    """

    pad: bool
    divr: int
    divf: int
    divq: int
    filter_range: int

    def output(self, source: float) -> float:
        """Hertz out for hertz in; ValueError where the PLL cannot make them."""
        phase = source / (self.divr + 1)
        vco = phase * (self.divf + 1)
        if not (10e6 <= phase <= 133e6 and 533e6 <= vco <= 1066e6):
            raise ValueError(
                f"an SB_PLL40 must compare at 10 to 133 MHz and oscillate at 533 to 1,066 MHz, "
                f"not {phase / 1e6:g} and {vco / 1e6:g} MHz: take other divisors"
            )
        return vco / 2**self.divq


@dataclass(frozen=True)
class Ecp5Clock:
    """Settings of an EHXPLLL, fed back from its own output: out = in feedback / input, oscillator = out output."""

    input_div: int
    feedback_div: int
    output_div: int

    def output(self, source: float) -> float:
        """Hertz out for hertz in; ValueError where the PLL cannot make them."""
        phase = source / self.input_div
        out = phase * self.feedback_div
        vco = out * self.output_div
        if not (3.125e6 <= phase <= 400e6 and 400e6 <= vco <= 800e6):
            raise ValueError(
                f"an EHXPLLL must compare at 3.125 to 400 MHz and oscillate at 400 to 800 MHz, "
                f"not {phase / 1e6:g} and {vco / 1e6:g} MHz: take other divisors"
            )
        return out


class Ice40Pll(wiring.Component):
    """SB_PLL40_PAD or SB_PLL40_CORE with simple feedback.

    Parameters
    ----------
    settings : Ice40Clock
    """

    i: In(1)  #: the crystal's pin
    o: Out(1)  #: the core's clock
    locked: Out(1)  #: asynchronous

    def __init__(self, settings: Ice40Clock) -> None:
        self._settings = settings
        super().__init__()

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


class Ecp5Pll(wiring.Component):
    """EHXPLLL with its primary output as feedback.

    Parameters
    ----------
    settings : Ecp5Clock
    source, target : float
        Hertz of `i` and `o`, for the timing analysis.
    """

    i: In(1)  #: the crystal's pin
    o: Out(1)  #: the core's clock
    locked: Out(1)  #: asynchronous

    def __init__(self, settings: Ecp5Clock, *, source: float, target: float) -> None:
        self._settings = settings
        self._source = source
        self._target = target
        super().__init__()

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


class ResetUntilLocked(wiring.Component):
    """Holds the core in reset until the PLL's lock has lasted a while; in domain `power`, which has no reset.

    The wait is 2^`bits` clocks. An iCE40's block RAMs read as zeroes for some microseconds after configuration, and
    its SPRAMs need as long after power-up, so 20 us are enough for both.

    Parameters
    ----------
    bits : int
        Bits of the counter.
    """

    locked: In(1)  #: of the PLL; asynchronous
    reset: Out(1, init=1)  #: straight from a flip-flop

    def __init__(self, *, bits: int) -> None:
        self._bits = bits
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        locked = Signal(2)
        count = Signal(self._bits)
        m.d.power += [locked.eq(Cat(self.locked, locked[0])), self.reset.eq(~count.all())]
        with m.If(~locked[1]):
            m.d.power += count.eq(0)
        with m.Elif(~count.all()):
            m.d.power += count.eq(count + 1)
        return m
