"""A stand-in for the chip: the same ports, and every byte comes back."""

from functools import cache

from amaranth.back import verilog
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out


class Echo(wiring.Component):
    """Bytes come back in order, `depth` of them held at most."""

    i: In(stream.Signature(8))  #: bytes from the host
    o: Out(stream.Signature(8))  #: the same bytes

    def __init__(self, *, depth: int = 16) -> None:
        self.depth = depth
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.fifo = fifo = SyncFIFOBuffered(width=8, depth=self.depth)
        m.d.comb += [
            fifo.w_data.eq(self.i.payload),
            fifo.w_en.eq(self.i.valid),
            self.i.ready.eq(fifo.w_rdy),
            self.o.payload.eq(fifo.r_data),
            self.o.valid.eq(fifo.r_rdy),
            fifo.r_en.eq(self.o.ready),
        ]
        return m


@cache
def echo_verilog() -> str:
    """Verilog of `Echo` as module `ffpga`."""
    echo = Echo()
    ports = [echo.i.payload, echo.i.valid, echo.i.ready, echo.o.payload, echo.o.valid, echo.o.ready]
    names = ["i_payload", "i_valid", "i_ready", "o_payload", "o_valid", "o_ready"]
    named = {name: (port, None) for name, port in zip(names, ports, strict=True)}
    return verilog.convert(echo, name="ffpga", ports=named, emit_src=False)
