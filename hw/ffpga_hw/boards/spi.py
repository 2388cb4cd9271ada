"""An SPI peripheral of mode 0, 8 bits, to byte streams and back: clocked by the host, crossed into the core's clock."""

from amaranth import Cat, ClockDomain, ClockSignal, Module, Mux, ResetSignal, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out


class SpiPeripheral(wiring.Component):
    """Bytes both ways at once, the highest bit first; what idles is a zero byte, which ends an empty frame.

    The shift registers are clocked by `sck`: at half the core's clock its own could not find the edges. Whole bytes
    cross: a byte is kept in a register of the side that it comes from, which then turns a toggle; the other side sees
    the toggle through two flip-flops and takes the byte, which stands still meanwhile. A byte from the host stands for
    8 periods of `sck`, and is taken 3 to 4 clocks after its last bit: `sck` may be up to twice the core's clock there.
    A byte to the host is asked for at the end of the one before, by a toggle that takes 3 clocks to the core, one to be
    answered and two periods of `sck` back, in less than 8 periods: `sck` may be up to the core's clock.

    Between the bytes of a frame nothing idle may come, or it would end the frame: whoever drives `i` must offer a
    frame's next byte within 8 periods of `sck`, less what the toggles take. The link's sender offers one every third
    clock.

    `cs` may rise at any time but with a rising edge of `sck`, where it may tear a byte. A byte from the host that is
    not whole then is dropped, and one to the host begins again with its first bit: chip select puts both in step. Where
    `o` still holds a byte as the next one is there, that one is dropped, and the frame's CRC tells.
    """

    sck: In(1)  #: the pin, low at rest
    cs: In(1, init=1)  #: the pin, low while bytes are exchanged
    mosi: In(1)  #: the pin, taken as `sck` rises
    miso: Out(1)  #: the pin, new after `sck` fell
    waits: Out(1)  #: the pin: there is something to be read; falls up to 4 clocks after its last bit has left
    i: In(stream.Signature(8))  #: bytes to the host
    o: Out(stream.Signature(8))  #: bytes from the host

    def __init__(self) -> None:
        super().__init__()
        self._heard = Signal(8, reset_less=True)  # from the host
        self._said, self._saying = Signal(8, reset_less=True), Signal(8, reset_less=True)  # to the host, on its way

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.domains.spi = ClockDomain(reset_less=True, local=True)
        m.domains.fall = ClockDomain(reset_less=True, clk_edge="neg", local=True)
        m.domains.selected = ClockDomain(async_reset=True, local=True)
        m.domains.selected_fall = ClockDomain(async_reset=True, clk_edge="neg", local=True)
        m.d.comb += [ClockSignal(name).eq(self.sck) for name in ("spi", "fall", "selected", "selected_fall")]
        m.d.comb += [ResetSignal(name).eq(self.cs) for name in ("selected", "selected_fall")]
        place = Signal(3)  # bits of this byte that were exchanged
        last = Signal()
        m.d.selected += place.eq(place + 1)
        m.d.comb += last.eq(place == 7)

        # From the host.
        shift = Signal(7, reset_less=True)
        heard = self._heard
        turned, seen, known = Signal(reset_less=True), Signal(), Signal(reset_less=True)
        m.d.spi += shift.eq(Cat(self.mosi, shift))
        with m.If(last):
            m.d.spi += [heard.eq(Cat(self.mosi, shift)), turned.eq(~turned)]
        m.submodules.hears = FFSynchronizer(turned, seen, reset_less=True)
        m.d.sync += known.eq(seen)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If((seen != known) & (~self.o.valid | self.o.ready)):
            m.d.sync += [self.o.payload.eq(heard), self.o.valid.eq(1)]

        # To the host.
        said, offered, full = self._said, Signal(reset_less=True), Signal()
        saying, taken, empty = self._saying, Signal(reset_less=True), Signal()
        busy, leaving = Signal(reset_less=True), Signal()
        m.submodules.offers = FFSynchronizer(offered, full, o_domain="spi", reset_less=True)
        m.submodules.takes = FFSynchronizer(taken, empty, reset_less=True)
        m.submodules.leaves = FFSynchronizer(busy, leaving, reset_less=True)
        m.d.comb += self.i.ready.eq(offered == empty)
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [said.eq(self.i.payload), offered.eq(~offered)]
        with m.If(last):
            m.d.spi += [taken.eq(full), busy.eq(full != taken), saying.eq(Mux(full != taken, said, 0))]
        begun, bit = Signal(), Signal(reset_less=True)
        m.d.selected_fall += begun.eq(1)
        m.d.fall += bit.eq(saying.bit_select(~place, 1))
        m.d.comb += self.miso.eq(Mux(begun, bit, saying[7]))
        # What is taken is on its way from that edge on, but each is told by a synchroniser of its own: a clock apart.
        there = Signal()
        m.d.sync += there.eq(offered != empty)
        m.d.sync += self.waits.eq(self.i.valid | (offered != empty) | there | leaving)
        return m
