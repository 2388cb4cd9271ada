"""The PLL of a GW1N and a GW2A. Sources: Gowin UG286 and data sheets; limits as apicula's gowin_pll has them."""

from dataclasses import dataclass
from typing import ClassVar, Self

from amaranth import Const, Instance, Module

from ..pll import Clock, Pll

#: Divisors that the oscillator's output can have.
OUTPUT_DIVS = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)

#: Most that the other two can be.
DIV_MAX = 64


@dataclass(frozen=True)
class GowinClock(Clock):
    """Settings of an rPLL, fed back from its own output: out = in feedback / input, oscillator = out output."""

    cell = "rPLL"
    device: ClassVar[str]  #: as the cell's parameter names the chip

    input_div: int
    feedback_div: int
    output_div: int

    def __post_init__(self) -> None:
        for name in ("input_div", "feedback_div"):
            if not 1 <= getattr(self, name) <= DIV_MAX:
                raise ValueError(f"{name} must be 1 to {DIV_MAX}, not {getattr(self, name)}")
        if self.output_div not in OUTPUT_DIVS:
            raise ValueError(f"output_div must be one of {', '.join(map(str, OUTPUT_DIVS))}, not {self.output_div}")

    @classmethod
    def of(cls, source: float, target: float) -> Self:
        """The settings that come nearest to some hertz out; of those the quickest to compare, then to oscillate.

        ValueError where no settings are within the PLL's limits.
        """
        ratios = ((i, f) for i in range(1, DIV_MAX + 1) for f in range(1, DIV_MAX + 1))
        for error, i, f in sorted((abs(source * f / i - target), i, f) for i, f in ratios):
            for output_div in reversed(OUTPUT_DIVS):
                found = cls(input_div=i, feedback_div=f, output_div=output_div)
                try:
                    found.output(source)
                except ValueError:
                    continue
                return found
            if error > target:
                break
        raise ValueError(f"an rPLL must have settings for {target / 1e6:g} MHz from {source / 1e6:g}, but has none")

    def frequencies(self, source: float) -> tuple[float, float, float]:
        phase = source / self.input_div
        out = phase * self.feedback_div
        return phase, out * self.output_div, out

    def pll(self, source: float) -> "GowinPll":
        return GowinPll(settings=self, source=source)


class Gw1nClock(GowinClock):
    """Of a GW1NR-9 of speed grade C6/I5."""

    device = "GW1NR-9C"
    phase_hz = 3e6, 400e6
    vco_hz = 400e6, 1200e6


class Gw2aClock(GowinClock):
    """Of a GW2AR-18 of speed grade C8/I7."""

    device = "GW2AR-18C"
    phase_hz = 3e6, 500e6
    vco_hz = 500e6, 1250e6


class GowinPll(Pll):
    """rPLL with its own output as feedback."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        settings = self._settings
        assert isinstance(settings, GowinClock)
        off = {"RESET": 1, "RESET_P": 1, "CLKFB": 1, **dict.fromkeys(("FBDSEL", "IDSEL", "ODSEL"), 6)}
        off |= dict.fromkeys(("PSDA", "DUTYDA", "FDLY"), 4)
        m.submodules.pll = Instance(
            "rPLL",
            p_FCLKIN=f"{self._source / 1e6:g}",
            p_DEVICE=settings.device,
            p_DYN_IDIV_SEL="false",
            p_DYN_FBDIV_SEL="false",
            p_DYN_ODIV_SEL="false",
            p_IDIV_SEL=settings.input_div - 1,
            p_FBDIV_SEL=settings.feedback_div - 1,
            p_ODIV_SEL=settings.output_div,
            p_CLKFB_SEL="internal",
            i_CLKIN=self.i,
            **{f"i_{name}": Const(0, bits) for name, bits in off.items()},
            o_CLKOUT=self.o,
            o_LOCK=self.locked,
        )
        return m
