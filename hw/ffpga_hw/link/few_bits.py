"""Samples in few bits, a bit a clock: which features are 0, and the values of the others."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class BitReader(wiring.Component):
    """Reader of the stream of bits of `ffpga_golden.protocol`.

    It takes a word of the stream at a time, a bit a clock, and one clock more for a feature that has a level. Where the
    sample is, is counted by its owner: `one` and `eight` say how far to go on, `low` and `past` where that is.

    Parameters
    ----------
    width : int
        Bits of a word, a power of two.
    """

    def __init__(self, *, width: int):
        if width < 2 or width & (width - 1):
            raise ValueError(f"width must be a power of two, 2 or more, not {width}")
        self.width = width
        super().__init__(
            {
                "begin": In(1),  #: another sample begins (pulse): what is left of the last one is forgotten
                "bits": In(4),  #: bits of a level, 1, 2, 4 or 8; stays
                "load": In(1),  #: a word comes (pulse), not while `busy`
                "word": In(width),  #: lowest bit first
                "low": In(3),  #: lowest bits of the number of the next feature
                "past": In(1),  #: there is no such feature
                "busy": Out(1),  #: bits of the word are left
                "one": Out(1),  #: go on by one feature,
                "eight": Out(1),  #: by eight,
                "write": Out(1),  #: with `one`: and the one that is left behind is `value`, else it is 0
                "value": Out(8),
                "whole": Out(1),  #: while not `busy`: all features have been, and nothing but zeros since
            }
        )

    def elaborate(self, platform):
        m = Module()
        stream = Signal(self.width, reset_less=True)
        left = Signal(range(self.width), reset_less=True)  # bits taken of the word
        works, stores = Signal(), Signal()  # there are more; a level is complete
        opened, levels = Signal(reset_less=True), Signal(reset_less=True)  # within eight; within a level
        place = Signal(3, reset_less=True)  # bits of levels taken
        value = Signal(8, reset_less=True)
        some, spoilt = Signal(reset_less=True), Signal(reset_less=True)  # the level is not 0; a 1 behind the sample
        bit, take, bare = stream[0], Signal(), self.bits[0]  # `bare`: there are no levels
        wide = Cat(~bare, self.bits[2] | self.bits[3], self.bits[3])  # the bits of `place` that count
        m.d.comb += [
            take.eq(works & ~stores),
            self.busy.eq(works | stores),
            self.value.eq(value | bare.replicate(8)),
            self.whole.eq(self.past & ~spoilt),
        ]
        with m.If(stores):
            m.d.comb += [self.one.eq(1), self.write.eq(some)]
            m.d.sync += stores.eq(0)
        with m.If(take):
            m.d.sync += [stream.eq(stream[1:]), left.eq(left + 1)]
            with m.If(left.all()):
                m.d.sync += works.eq(0)
            with m.If(self.past):
                m.d.sync += spoilt.eq(spoilt | bit)
            with m.Elif(levels):
                # What goes in at the top goes in at the top of each 4 or 2 bits, too: the value is the level repeated.
                fresh = {5: self.bits[1], 3: self.bits[1] | self.bits[2], 1: self.bits[1]}
                m.d.sync += value.eq(Cat(value[1:], bit))
                for n, goes_in in fresh.items():
                    m.d.sync += value[n].eq(Mux(goes_in, bit, value[n + 1]))
                m.d.sync += [place.eq(place + 1), some.eq(some | bit)]
                with m.If((place | ~wide).all()):
                    m.d.sync += [levels.eq(0), stores.eq(1)]
            with m.Elif(~opened):
                m.d.comb += self.eight.eq(~bit)
                m.d.sync += opened.eq(bit)
            with m.Else():
                m.d.comb += [self.one.eq(~bit | bare), self.write.eq(bit & bare)]
                m.d.sync += [levels.eq(bit & ~bare), some.eq(0)]
        with m.If(self.one & self.low.all()):
            m.d.sync += opened.eq(0)
        with m.If(self.load):
            m.d.sync += [stream.eq(self.word), left.eq(0), works.eq(1)]
        with m.If(self.begin):
            m.d.sync += [works.eq(0), stores.eq(0), opened.eq(0), levels.eq(0), place.eq(0), spoilt.eq(0)]
        return m
