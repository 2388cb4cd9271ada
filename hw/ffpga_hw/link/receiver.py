"""Bytes of the line to checked frames: COBS decoder, CRC check, and a delay line that keeps the CRC back."""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .crc import CRC32

#: Bytes of the CRC, and the shortest decoded frame: sequence, opcode, CRC.
CRC_BYTES, FRAME_MIN = 4, 6


class Token(data.Struct):
    """One step of a frame: a byte of it, or (`last`) its end."""

    data: 8  #: a byte: sequence, opcode, payload; without the CRC
    last: 1  #: the frame is over; `data` means nothing
    bad: 1  #: with `last`: damaged COBS, wrong CRC, or too short


class Receiver(wiring.Component):
    """COBS decoder and CRC check of frames that end with a zero byte; empty frames vanish.

    Takes at most one byte every other clock, and gives at most one token every other clock, so what follows may
    spend a clock on each. A byte leaves when four more have come, since the last four are the CRC; the end of a
    frame follows the delimiter by 3 clocks.
    """

    #: Bytes of the line.
    i: In(stream.Signature(8))
    #: Frames: bytes of the decoded frame without its CRC, then one token with `last`.
    o: Out(stream.Signature(Token))

    def elaborate(self, platform):
        m = Module()
        m.submodules.crc = crc = CRC32.create()
        remaining = Signal(8)  # bytes of the COBS block still to come
        over = Signal(init=1)  # none of them; a clock late, so a byte is followed by a clock of rest
        rest = Signal()
        full = Signal()  # the block is one of 254 bytes: no zero follows
        empty = Signal(init=1)  # no byte yet in this frame
        count = Signal(range(FRAME_MIN + 1))  # decoded bytes, up to FRAME_MIN
        delay = Signal(8 * CRC_BYTES)
        byte = Signal(8)
        emit = Signal()
        match = Signal()
        offer = self.o.valid

        m.d.comb += [crc.data.eq(byte), crc.valid.eq(emit)]
        m.d.sync += [over.eq(remaining == 0), rest.eq(self.i.valid & self.i.ready)]
        with m.If(self.o.ready):
            m.d.sync += offer.eq(0)
        with m.If(emit):
            m.d.sync += delay.eq(delay[8:] | (byte << (8 * (CRC_BYTES - 1))))
            with m.If(count != FRAME_MIN):
                m.d.sync += count.eq(count + 1)
            with m.If(count >= CRC_BYTES):
                m.d.sync += [self.o.payload.data.eq(delay[:8]), self.o.payload.last.eq(0), offer.eq(1)]
        with m.FSM(name="receiver"):
            with m.State("BYTES"):
                m.d.comb += self.i.ready.eq(~offer & ~rest)
                with m.If(self.i.valid & ~offer & ~rest):
                    with m.If(self.i.payload == 0):
                        with m.If(~empty):
                            m.next = "CHECK"
                    with m.Elif(over):
                        m.d.comb += emit.eq(~empty & ~full)  # a block's end stands for a zero
                        m.d.sync += [remaining.eq(self.i.payload - 1), full.eq(self.i.payload == 255), empty.eq(0)]
                    with m.Else():
                        m.d.comb += [emit.eq(1), byte.eq(self.i.payload)]
                        m.d.sync += remaining.eq(remaining - 1)
            with m.State("CHECK"):
                m.d.sync += match.eq(crc.match_detected & over & (count == FRAME_MIN))
                with m.If(~offer):
                    m.next = "END"
            with m.State("END"):
                m.d.comb += crc.start.eq(1)
                m.d.sync += [self.o.payload.last.eq(1), self.o.payload.bad.eq(~match), offer.eq(1)]
                m.d.sync += [remaining.eq(0), full.eq(0), empty.eq(1), count.eq(0)]
                m.next = "BYTES"
        return m
