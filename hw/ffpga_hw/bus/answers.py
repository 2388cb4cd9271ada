"""The engine's results as packets of bytes: AXI4-Stream, or the register ANSWER."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import PART

from ..engine.signatures.port import ResultPort
from .axi import ANSWERS
from .signatures import AnswerRegister

#: Bytes that are kept for whoever takes the answers.
DEPTH = 128


def longest_answer(config: NetworkConfig) -> int:
    """Bytes of the longest answer: sums of squares and c of a pair, its label; or a part of the activities."""
    return max(12 * config.depth + 1, 0 if config.classes else PART)


class Answers(wiring.Component):
    """Keeper of answers. The engine is never held back: a command begins only while there is room for its answer.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    m_axis: Out(ANSWERS)  #: outside
    result: Out(ResultPort())  #: from the engine
    end: In(1)  #: the command has ended, at the earliest with its last byte (pulse)
    room: Out(1)  #: there is room for the longest answer, 3 clocks after the end of the one before
    register: In(AnswerRegister())  #: from the window

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.kept = kept = SyncFIFOBuffered(width=9, depth=DEPTH)
        # A byte is held until it is known whether it is the last one.
        held, byte, ended = Signal(), Signal(8), Signal()
        m.d.sync += ended.eq(self.end)
        m.d.comb += [
            kept.w_data.eq(Cat(byte, ended)),
            kept.w_en.eq(held & (self.result.valid | ended)),
            kept.r_en.eq((self.m_axis.tvalid & self.m_axis.tready) | self.register.pop),
            self.register.byte.eq(kept.r_data),
            self.register.some.eq(kept.r_rdy),
            self.m_axis.tvalid.eq(kept.r_rdy & ~self.register.chosen),
            Cat(self.m_axis.tdata, self.m_axis.tlast).eq(kept.r_data),
        ]
        with m.If(self.result.valid):
            m.d.sync += [byte.eq(self.result.data), held.eq(1)]
        with m.Elif(ended):
            m.d.sync += held.eq(0)
        m.d.sync += self.room.eq(kept.level <= DEPTH - longest_answer(self._config))
        return m
