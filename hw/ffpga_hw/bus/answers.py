"""The engine's results as packets of bytes: AXI4-Stream, or the register ANSWER."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import PART

from .ports import ANSWER_PORTS

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

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                **ANSWER_PORTS,
                #: From the engine: a byte; the command has ended, at the earliest with its last byte (pulse).
                "result_valid": In(1),
                "result_data": In(8),
                "end": In(1),
                #: There is room for the longest answer, 3 clocks after the end of the one before.
                "room": Out(1),
                #: There are bytes.
                "some": Out(1),
                #: Nothing on `m_axis`, but a byte {byte, last} here, which `pop` takes (pulse).
                "by_register": In(1),
                "byte": Out(9),
                "pop": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.kept = kept = SyncFIFOBuffered(width=9, depth=DEPTH)
        # A byte is held until it is known whether it is the last one.
        held, byte, ended = Signal(), Signal(8), Signal()
        m.d.sync += ended.eq(self.end)
        m.d.comb += [
            kept.w_data.eq(Cat(byte, ended)),
            kept.w_en.eq(held & (self.result_valid | ended)),
            kept.r_en.eq((self.m_axis_tvalid & self.m_axis_tready) | self.pop),
            self.byte.eq(kept.r_data),
            self.some.eq(kept.r_rdy),
            self.m_axis_tvalid.eq(kept.r_rdy & ~self.by_register),
            Cat(self.m_axis_tdata, self.m_axis_tlast).eq(kept.r_data),
        ]
        with m.If(self.result_valid):
            m.d.sync += [byte.eq(self.result_data), held.eq(1)]
        with m.Elif(ended):
            m.d.sync += held.eq(0)
        m.d.sync += self.room.eq(kept.level <= DEPTH - longest_answer(self._config))
        return m
