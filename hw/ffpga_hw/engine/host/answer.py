"""The bytes of a step's answer, from the units that have them."""

from amaranth import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from ..signatures.port import ResultPort
from ..signatures.vectors import AnswerByte


class Answer(wiring.Component):
    """Takes the byte of the one that has one, a clock later for the sake of the clock's frequency."""

    sequencer: In(AnswerByte())
    goodness: In(AnswerByte())
    vector: In(AnswerByte())
    result: In(ResultPort())

    def elaborate(self, platform: object) -> Module:
        m = Module()
        own = Mux(self.sequencer.valid, self.sequencer.data, self.goodness.data)
        m.d.sync += [
            self.result.valid.eq(self.sequencer.valid | self.goodness.valid | self.vector.valid),
            self.result.data.eq(Mux(self.vector.valid, self.vector.data, own)),
        ]
        return m
