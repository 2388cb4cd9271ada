"""AXI4-Lite's five channels, made one access after the other."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .axi import REGISTERS
from .register_map import INDEX_BITS
from .signatures import Access

#: Responses.
OKAY, SLVERR = 0, 2


class Lite(wiring.Component):
    """Subordinate end of AXI4-Lite: a write or a read at a time, in turns where both wait.

    The low two bits of an address are not looked at, and neither is the kind of protection. An access is at hand a
    clock after it is whole, and its response a clock after `done`.
    """

    s_axi: In(REGISTERS)  #: outside
    access: Out(Access())  #: to the window

    def elaborate(self, platform: object) -> Module:
        m = Module()
        axi, access = self.s_axi, self.access
        addressed, filled, asked = Signal(), Signal(), Signal()  # AW, W, AR hold a transfer
        write_index, read_index = Signal(INDEX_BITS), Signal(INDEX_BITS)
        writable, readable = Signal(), Signal()
        m.d.comb += [
            axi.awready.eq(~addressed),
            axi.wready.eq(~filled),
            axi.arready.eq(~asked),
            writable.eq(addressed & filled & ~axi.bvalid),
            readable.eq(asked & ~axi.rvalid),
            access.index.eq(Mux(access.write, write_index, read_index)),
        ]
        with m.If(axi.awvalid & axi.awready):
            m.d.sync += [addressed.eq(1), write_index.eq(axi.awaddr[2:])]
        with m.If(axi.wvalid & axi.wready):
            m.d.sync += [filled.eq(1), access.data.eq(axi.wdata), access.partial.eq(~axi.wstrb.all())]
        with m.If(axi.arvalid & axi.arready):
            m.d.sync += [asked.eq(1), read_index.eq(axi.araddr[2:])]
        with m.If(axi.bvalid & axi.bready):
            m.d.sync += axi.bvalid.eq(0)
        with m.If(axi.rvalid & axi.rready):
            m.d.sync += axi.rvalid.eq(0)

        response = Mux(access.error, SLVERR, OKAY)
        with m.If(~access.request):
            m.d.sync += access.request.eq(writable | readable)
            with m.If(writable | readable):  # `write` still says what the last access was
                m.d.sync += access.write.eq(writable & ~(readable & access.write))
        with m.Elif(access.done):
            m.d.sync += access.request.eq(0)
            with m.If(access.write):
                m.d.sync += [addressed.eq(0), filled.eq(0), axi.bvalid.eq(1), axi.bresp.eq(response)]
            with m.Else():
                m.d.sync += [asked.eq(0), axi.rvalid.eq(1), axi.rresp.eq(response)]
                m.d.sync += axi.rdata.eq(Mux(access.error, 0, access.value))
        return m
