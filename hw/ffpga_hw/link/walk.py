"""Addresses of the weights that one command reads or writes."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from .compare import below


class WeightWalk(wiring.Component):
    """Walk over weights: lane by lane, then word by word; a step takes two clocks.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        super().__init__(
            {
                #: First weight, from a command's bytes: word low, word high, lane.
                "byte": In(8),
                "load": In(3),
                #: Go to the next weight.
                "step": In(1),
                #: The weight at hand.
                "word": Out(16),
                "lane": Out(8),
                #: It is none; a clock late.
                "beyond": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config = self.config
        word = Signal(max(9, config.words.bit_length()), reset_less=True)
        lane = Signal(range(config.lanes), reset_less=True)
        wide = Signal(2, reset_less=True)  # the word's high byte, the lane: more than its register holds
        wrap = Signal(reset_less=True)  # the next weight is in the next word; a clock late
        m.d.comb += [
            self.word.eq(word),
            self.lane.eq(lane),
        ]
        m.d.sync += wrap.eq(lane == config.lanes - 1)
        m.d.sync += self.beyond.eq(~below(word, config.words) | wide.any())
        with m.If(self.step):
            m.d.sync += [lane.eq(lane + 1), word.eq(word + wrap)]
            with m.If(wrap):
                m.d.sync += lane.eq(0)
        with m.If(self.load[0]):
            m.d.sync += word[:8].eq(self.byte)
        with m.If(self.load[1]):
            m.d.sync += [word[8:].eq(self.byte), wide[0].eq(self.byte >> len(word[8:]) != 0)]
        with m.If(self.load[2]):
            m.d.sync += [lane.eq(self.byte), wide[1].eq(~below(self.byte, config.lanes))]
        return m
