"""PLLs that make a board's crystal the core's clock: what the families' ones have in common."""

from abc import ABC, abstractmethod
from typing import ClassVar

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Clock(ABC):
    """Settings of a PLL; a family's own are a frozen dataclass."""

    cell: ClassVar[str]  #: as a user knows it
    phase_hz: ClassVar[tuple[float, float]]  #: least and most that it can compare at
    vco_hz: ClassVar[tuple[float, float]]  #: least and most of its oscillator

    @abstractmethod
    def frequencies(self, source: float) -> tuple[float, float, float]:
        """Hertz at which it compares, of its oscillator, and out, for hertz in."""

    @abstractmethod
    def pll(self, source: float) -> "Pll":
        """The PLL for hertz in."""

    def output(self, source: float) -> float:
        """Hertz out for hertz in; ValueError where the PLL cannot make them."""
        phase, vco, out = self.frequencies(source)
        limits = (self.phase_hz, phase), (self.vco_hz, vco)
        if not all(least <= found <= most for (least, most), found in limits):
            compare, oscillate = (f"{least / 1e6:,g} to {most / 1e6:,g} MHz" for (least, most), _ in limits)
            article = "an" if self.cell[0] in "ESr" else "a"
            raise ValueError(
                f"{article} {self.cell} must compare at {compare} and oscillate at {oscillate}, "
                f"not {phase / 1e6:g} and {vco / 1e6:g} MHz: take other divisors"
            )
        return out


class Pll(wiring.Component):
    """A PLL as one cell of its family.

    Parameters
    ----------
    settings : Clock
        Of its family.
    source : float
        Hertz of `i`.
    """

    i: In(1)  #: the crystal's pin
    o: Out(1)  #: the core's clock
    locked: Out(1)  #: asynchronous

    def __init__(self, *, settings: Clock, source: float) -> None:
        self._settings = settings
        self._source = source
        self._target = settings.output(source)
        super().__init__()
