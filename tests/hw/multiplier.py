"""A small design that uses every vendor cell of the core: bytes times bytes, through a lane and the weight memory."""

from dataclasses import replace

from amaranth import ClockDomain, ClockSignal, Module, ResetSignal, Signal
from amaranth.back import verilog

from ffpga_golden import NetworkConfig
from ffpga_hw.boards import Board
from ffpga_hw.engine.lane import Lane
from ffpga_hw.pll import ResetUntilLocked
from ffpga_hw.uart import UartReceiver, UartTransmitter

CONFIG = NetworkConfig(features=200, layers=(16,), lanes=2)


def multiplier(board: Board) -> str:
    """Verilog of a module `top` with the board's pins; it answers every byte with the sum of squares' parity."""
    m = Module()
    blocks = board.primitives
    config = replace(CONFIG, memory_ports=board.preset.memory_ports)
    pins = {name: Signal(name=name) for name in board.pins}
    m.domains.sync = ClockDomain()
    m.domains.power = ClockDomain(reset_less=True)
    m.submodules.pll = pll = board.pll()
    m.submodules.reset = reset = ResetUntilLocked(bits=8)
    m.submodules.receiver = receiver = UartReceiver(divisor=board.divisor)
    m.submodules.transmitter = transmitter = UartTransmitter(divisor=board.divisor)
    m.submodules.lane = lane = blocks.lane()
    m.submodules.weights = weights = blocks.weight_memory(config)
    assert not isinstance(lane, Lane)
    m.d.comb += [
        pll.i.eq(pins["clk"]),
        ClockSignal("power").eq(pll.o),
        ClockSignal("sync").eq(pll.o),
        reset.locked.eq(pll.locked),
        ResetSignal("sync").eq(reset.reset),
        receiver.rx.eq(pins["rx"]),
        pins["tx"].eq(transmitter.tx),
        pins["led"].eq(weights.read_data.xor()),
        *(pin.eq(1) for name, pin in pins.items() if name.startswith("high_")),
        lane.a.eq(receiver.o.payload),
        lane.b.eq(receiver.o.payload),
        lane.enable.eq(1),
        weights.read_address.eq(receiver.o.payload),
        weights.write_address.eq(receiver.o.payload),
        weights.write_data.eq(lane.sum),
        weights.write_enable.eq(receiver.o.valid.replicate(2)),
        receiver.o.ready.eq(transmitter.i.ready),
        transmitter.i.valid.eq(receiver.o.valid),
    ]
    m.d.sync += transmitter.i.payload.eq(lane.sum[:16].xor())
    return verilog.convert(m, name="top", ports={name: (pin, None) for name, pin in pins.items()}, emit_src=False)
