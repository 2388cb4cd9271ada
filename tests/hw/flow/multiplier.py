"""A small core that uses every vendor cell of the real one: bytes times bytes, through a lane and the weight memory."""

from dataclasses import replace

from amaranth import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_hw.boards.board import Board
from ffpga_hw.engine.lanes.lane import Lane
from ffpga_hw.flow.verilog import top_verilog

CONFIG = NetworkConfig(features=200, layers=(16,), lanes=2)


class Multiplier(wiring.Component):
    """Answers every byte with the parity of the sum of squares; the LED shows that of a word of the memory."""

    i: In(stream.Signature(8))
    o: Out(stream.Signature(8))
    beat: Out(1)

    def __init__(self, board: Board) -> None:
        self._blocks = board.primitives
        self._config = replace(CONFIG, memory_ports=board.preset.memory_ports)
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.lane = lane = self._blocks.lane()
        m.submodules.weights = weights = self._blocks.weight_memory(self._config)
        assert type(lane) is not Lane
        m.d.comb += [
            lane.a.eq(self.i.payload),
            lane.b.eq(self.i.payload),
            lane.enable.eq(1),
            weights.read_address.eq(self.i.payload),
            weights.write_address.eq(self.i.payload),
            weights.write_data.eq(lane.sum),
            weights.write_enable.eq(self.i.valid.replicate(2)),
            self.i.ready.eq(self.o.ready),
            self.o.valid.eq(self.i.valid),
        ]
        m.d.comb += self.beat.eq(weights.read_data.xor())
        m.d.sync += self.o.payload.eq(lane.sum[:16].xor())
        return m


def multiplier(board: Board) -> str:
    """Verilog of a module `top` with the board's pins."""
    return top_verilog(board, Multiplier(board))
