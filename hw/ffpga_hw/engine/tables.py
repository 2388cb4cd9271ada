"""The black box between the layers: a table of bytes for each layer but the last."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig


class Tables(wiring.Component):
    """Tables that the host writes and the engine looks up, in one block RAM; a value comes a clock after its index.

    A block RAM keeps what it holds through a reset, so after one every entry is written anew, as the identity: that
    takes a clock each, until `ready`.

    Parameters
    ----------
    config : NetworkConfig
        A black box, with two layers or more.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._layer_bits = (config.depth - 2).bit_length()
        super().__init__(
            {
                "ready": Out(1),  #: the tables are what they must be; before that nothing may be written or looked up
                "address": In(10),  #: the host's entry: {input, layer}
                "write": In(1),
                "data": In(8),
                "active": In(1),  #: the engine looks up, not the host
                "index": In(8),  #: the engine's entry
                "layer": In(2),
                "value": Out(8),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = 8 + self._layer_bits
        m.submodules.entries = entries = memory.Memory(shape=8, depth=1 << bits, init=[])
        write, read = entries.write_port(), entries.read_port()
        place = Signal(bits + 1)  # of the identity that is written; its last bit: they all are
        m.d.comb += [
            self.ready.eq(place[-1]),
            write.en.eq(self.write | ~self.ready),
            write.addr.eq(Mux(self.ready, self.address, place)),
            write.data.eq(Mux(self.ready, self.data, place)),
            read.addr.eq(Mux(self.active, Cat(self.index, self.layer), self.address)),
            self.value.eq(read.data),
        ]
        with m.If(~self.ready):
            m.d.sync += place.eq(place + 1)
        return m
