"""Addresses of the weights that one command reads or writes."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig


class WeightWalk(wiring.Component):
    """Walk over `count` weights: lane by lane, then word by word; at most a step every other clock.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        super().__init__(
            {
                #: First weight: word u16, lane u8 in the low bytes of a command's arguments; and how many.
                "arguments": In(40),
                "count": In(8),
                #: Take the first weight; go to the next one.
                "start": In(1),
                "step": In(1),
                #: The weight at hand.
                "word": Out(16),
                "lane": Out(8),
                #: It is the last one; a clock late.
                "last": Out(1),
                #: It lies beyond the last word; a clock late.
                "beyond": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        word, left = Signal(17), Signal(8)
        wrap = Signal()  # the next weight is in the next word; a clock late
        m.d.comb += self.word.eq(word[:16])
        m.d.sync += self.beyond.eq(word >= self.config.words)
        m.d.sync += [self.last.eq(left <= 1), wrap.eq(self.lane == self.config.lanes - 1)]
        with m.If(self.start):
            m.d.sync += [word.eq(self.arguments[:16]), self.lane.eq(self.arguments[16:24]), left.eq(self.count)]
        with m.Elif(self.step):
            m.d.sync += [left.eq(left - 1), self.lane.eq(self.lane + 1)]
            with m.If(wrap):
                m.d.sync += [self.lane.eq(0), word.eq(word + 1)]
        return m
