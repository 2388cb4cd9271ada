"""AXI4-Lite's five channels, made one access after the other."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import LITE_PORTS
from .register_map import INDEX_BITS

#: Responses.
OKAY, SLVERR = 0, 2


class Lite(wiring.Component):
    """Subordinate end of AXI4-Lite: a write or a read at a time, in turns where both wait.

    The low two bits of an address are not looked at, and neither is the kind of protection. An access is at hand a
    clock after it is whole, and its response a clock after `done`.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                **LITE_PORTS,
                #: An access is at hand, with all that follows, until it is done.
                "request": Out(1),
                "write": Out(1),
                "index": Out(INDEX_BITS),  #: of a word
                "data": Out(32),
                "partial": Out(1),  #: not all bytes are to be written
                #: The access has ended (pulse), with an error, with what is read.
                "done": In(1),
                "error": In(1),
                "value": In(32),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        addressed, filled, asked = Signal(), Signal(), Signal()  # AW, W, AR hold a transfer
        write_index, read_index = Signal(INDEX_BITS), Signal(INDEX_BITS)
        writable, readable = Signal(), Signal()
        m.d.comb += [
            self.s_axi_awready.eq(~addressed),
            self.s_axi_wready.eq(~filled),
            self.s_axi_arready.eq(~asked),
            writable.eq(addressed & filled & ~self.s_axi_bvalid),
            readable.eq(asked & ~self.s_axi_rvalid),
            self.index.eq(Mux(self.write, write_index, read_index)),
        ]
        with m.If(self.s_axi_awvalid & self.s_axi_awready):
            m.d.sync += [addressed.eq(1), write_index.eq(self.s_axi_awaddr[2:])]
        with m.If(self.s_axi_wvalid & self.s_axi_wready):
            m.d.sync += [filled.eq(1), self.data.eq(self.s_axi_wdata), self.partial.eq(~self.s_axi_wstrb.all())]
        with m.If(self.s_axi_arvalid & self.s_axi_arready):
            m.d.sync += [asked.eq(1), read_index.eq(self.s_axi_araddr[2:])]
        with m.If(self.s_axi_bvalid & self.s_axi_bready):
            m.d.sync += self.s_axi_bvalid.eq(0)
        with m.If(self.s_axi_rvalid & self.s_axi_rready):
            m.d.sync += self.s_axi_rvalid.eq(0)

        response = Mux(self.error, SLVERR, OKAY)
        with m.If(~self.request):
            m.d.sync += self.request.eq(writable | readable)
            with m.If(writable | readable):  # `write` still says what the last access was
                m.d.sync += self.write.eq(writable & ~(readable & self.write))
        with m.Elif(self.done):
            m.d.sync += self.request.eq(0)
            with m.If(self.write):
                m.d.sync += [addressed.eq(0), filled.eq(0), self.s_axi_bvalid.eq(1), self.s_axi_bresp.eq(response)]
            with m.Else():
                m.d.sync += [asked.eq(0), self.s_axi_rvalid.eq(1), self.s_axi_rresp.eq(response)]
                m.d.sync += self.s_axi_rdata.eq(Mux(self.error, 0, self.value))
        return m
