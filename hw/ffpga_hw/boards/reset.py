"""The reset at the beginning: until the PLL's clock is steady and the chip's memories answer."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


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
        count = Signal(self._bits + 1)
        over = count[-1]
        m.d.power += [locked.eq(Cat(self.locked, locked[0])), self.reset.eq(~over)]
        with m.If(~locked[1]):
            m.d.power += count.eq(0)
        with m.Elif(~over):
            m.d.power += count.eq(count + 1)
        return m
