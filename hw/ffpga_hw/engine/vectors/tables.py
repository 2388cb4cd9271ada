"""The black box between the layers: a table of bytes for each layer but the last."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig

from ..signatures.port import TablePort
from ..signatures.vectors import TableLookup


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
                "port": In(TablePort()),  #: the host's; until `ready` nothing may be looked up either
                "lookup": In(TableLookup()),
                "active": In(1),  #: the engine looks up, not the host
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        port, lookup = self.port, self.lookup
        bits = 8 + self._layer_bits
        m.submodules.entries = entries = memory.Memory(shape=8, depth=1 << bits, init=[])
        write, read = entries.write_port(), entries.read_port()
        place = Signal(bits + 1)  # of the identity that is written; its last bit: they all are
        m.d.comb += [
            port.ready.eq(place[-1]),
            write.en.eq(port.write | ~port.ready),
            write.addr.eq(Mux(port.ready, port.address, place)),
            write.data.eq(Mux(port.ready, port.data, place)),
            read.addr.eq(Mux(self.active, Cat(lookup.index, lookup.layer), port.address)),
            port.value.eq(read.data),
            lookup.value.eq(read.data),
        ]
        with m.If(~port.ready):
            m.d.sync += place.eq(place + 1)
        return m
