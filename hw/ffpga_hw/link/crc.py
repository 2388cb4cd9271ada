"""CRC-32 of IEEE 802.3 (`zlib.crc32`), a bit a clock."""

from amaranth.hdl import C, Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

#: Generator polynomial, its highest power lowest, and the register after a message and its own CRC.
POLYNOMIAL, RESIDUE = 0xEDB8_8320, 0xDEBB_20E3


class Crc(wiring.Component):
    """CRC register: all ones before a message; its complement is the CRC, the byte to send first lowest."""

    #: Begin a message.
    start: In(1)
    #: Take `bit`, a byte's lowest one first.
    step: In(1)
    bit: In(1)
    #: With `step`: give a bit away instead; after 32 of them the next message may begin.
    unload: In(1)
    #: The register.
    state: Out(32)

    def elaborate(self, platform):
        m = Module()
        state, mix = Signal(32, reset_less=True), Signal()
        m.d.comb += [self.state.eq(state), mix.eq((state[0] ^ self.bit) & ~self.unload)]
        with m.If(self.step):
            m.d.sync += state.eq(Cat(state[1:], self.unload) ^ (mix.replicate(32) & POLYNOMIAL))
        with m.If(self.start):
            m.d.sync += state.eq(C(0xFFFF_FFFF, 32))
        return m
