"""AXI4-Lite and AXI4-Stream, the ports of the bus, and the names by which tools know them."""

from amaranth import Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Member, Out

from .register_map import ADDRESS_BITS


class AxiLite(wiring.Signature):
    """AXI4-Lite with words of 32 bits, as its manager has it.

    Parameters
    ----------
    address_bits : int
    """

    def __init__(self, *, address_bits: int) -> None:
        super().__init__(
            {
                "awaddr": Out(address_bits),
                "awprot": Out(3),
                "awvalid": Out(1),
                "awready": In(1),
                "wdata": Out(32),
                "wstrb": Out(4),
                "wvalid": Out(1),
                "wready": In(1),
                "bresp": In(2),
                "bvalid": In(1),
                "bready": Out(1),
                "araddr": Out(address_bits),
                "arprot": Out(3),
                "arvalid": Out(1),
                "arready": In(1),
                "rdata": In(32),
                "rresp": In(2),
                "rvalid": In(1),
                "rready": Out(1),
            }
        )


class AxiStream(wiring.Signature):
    """AXI4-Stream with packets, as its source has it.

    Parameters
    ----------
    bits : int
        Of a beat.
    """

    def __init__(self, *, bits: int) -> None:
        super().__init__({"tdata": Out(bits), "tvalid": Out(1), "tready": In(1), "tlast": Out(1)})


#: Registers.
REGISTERS = AxiLite(address_bits=ADDRESS_BITS)
#: Samples. A beat is {gap, value}, the gap lowest: as `ffpga_golden.protocol.pack_sample` has them in memory. TLAST
#: ends a sample. Without labels the first beat of a sample is its slot: 0 positive, 1 negative. Where samples may come
#: in few bits, all of them have this header: 16 b + slot, and b = 0 for pairs; else the stream of
#: `ffpga_golden.protocol.pack_bits` with levels of b bits follows, and zeros up to whole beats.
SAMPLES = AxiStream(bits=16)
#: Answers, byte by byte, as in the payloads of `ffpga_golden.protocol`. TLAST ends one.
ANSWERS = AxiStream(bits=8)

#: What the bus, and the core behind it, have outside: the streams, and the interrupt.
OUTSIDE: dict[str, Member] = {"s_axi": In(REGISTERS), "s_axis": In(SAMPLES), "m_axis": Out(ANSWERS), "irq": Out(1)}

#: The same under the names by which tools know an AXI port: s_axi_awaddr, ..., m_axis_tlast, irq.
FLAT: dict[str, Member] = {
    "_".join(path): member for path, member in wiring.Signature(OUTSIDE).members.flatten() if member.is_port
}


def flat_ports(core: wiring.Component) -> dict[str, Value]:
    """The signals of a component that has the ports `OUTSIDE`, by the names of `FLAT`."""
    signals = {"_".join(map(str, path)): value for path, _, value in core.signature.flatten(core)}
    return {name: Value.cast(signals[name]) for name in FLAT}
