"""Signatures of registers and counters."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig, registers

from .slots import TotalSlots


class Settings(wiring.Signature):
    """Registers to everyone: their values, those of a byte at most; which thresholds were written.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                **{r.name: Out(r.width, init=r.reset) for r in registers(config) if r.width <= 8},
                "written": Out(config.depth),  #: thresholds that are not those after a reset
            }
        )


class SeedPort(wiring.Signature):
    """Registers to random generator: its state goes down by a byte."""

    def __init__(self) -> None:
        super().__init__(
            {
                "shift": Out(1),
                "byte": Out(8),  #: comes in at the top
                "lowest": In(8),  #: the byte that goes
            }
        )


class ThresholdPort(wiring.Signature):
    """Registers to goodness, which takes thresholds from the totals' memory and puts them there, byte by byte.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        slot = TotalSlots(config).bits
        super().__init__(
            {
                "slot": Out(slot),  #: threshold that is read
                "store_slot": Out(slot),  #: threshold that is written
                "load": Out(1),  #: take the one of `slot`, a clock after it
                "push": Out(1),  #: take a byte, give one
                "byte": Out(8),  #: the one to take
                "value": In(8),  #: the one that is given
                "keep": Out(1),  #: write the last four bytes, a clock after the last
            }
        )


class StepEvents(wiring.Signature):
    """Sequencer to counters: those of its counters that go up, by their names."""

    def __init__(self) -> None:
        names = ("clocks", "pairs", "phases", "inferences", "updates", "updates_skipped")
        super().__init__({name: Out(1) for name in names})


class WalkEvents(wiring.Signature):
    """Pipeline to counters."""

    def __init__(self) -> None:
        super().__init__({name: Out(1) for name in ("words_read", "words_updated")})
