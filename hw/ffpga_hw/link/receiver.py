"""Bytes of the line to checked frames: COBS decoder and CRC check."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ..machine import Machine
from .crc import RESIDUE, Crc


class Token(data.Struct):
    """One step of a frame: a byte of it, or (`last`) its end."""

    data: 8  #: a byte: sequence, opcode, payload, CRC
    zero: 1  #: `data` is 0
    last: 1  #: the frame is over; `data` and `zero` mean nothing
    bad: 1  #: with `last`: damaged COBS or wrong CRC


class Receiver(wiring.Component):
    """COBS decoder and CRC check of frames that end with a zero byte; empty frames vanish.

    A byte takes 10 clocks: one to decode it, 8 for the CRC, one at least to give its token.
    """

    #: Bytes of the line.
    i: In(stream.Signature(8))
    #: Frames: bytes of the decoded frame, its CRC too, then one token with `last`.
    o: Out(stream.Signature(Token))

    def elaborate(self, platform):
        m = Module()
        m.submodules.crc = crc = Crc()
        remaining = Signal(8, reset_less=True)  # bytes of the COBS block still to come
        full = Signal(reset_less=True)  # the block is one of 254 bytes: no zero follows
        empty = Signal(reset_less=True)  # no byte yet in this frame
        over = Signal(reset_less=True)  # the block is; a clock late
        bits = Signal(3)
        byte, zero, bad = Signal(8, reset_less=True), Signal(reset_less=True), Signal(reset_less=True)
        token = self.o.payload

        m.d.sync += over.eq(remaining == 0)
        m.d.comb += [crc.bit.eq(byte[0]), token.data.eq(byte), token.zero.eq(zero), token.bad.eq(bad)]
        with Machine(m, "receiver") as machine:
            with machine.state("BEGIN"):
                m.d.comb += crc.start.eq(1)
                m.d.sync += [remaining.eq(0), full.eq(0), empty.eq(1)]
                machine.go("PAUSE")
            with machine.state("PAUSE"):  # until `over` is right
                machine.go("BYTES")
            with machine.state("BYTES"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += [byte.eq(Mux(over, 0, self.i.payload)), zero.eq(over)]
                with m.If(self.i.valid):
                    m.d.sync += remaining.eq(Mux(over, self.i.payload, remaining) - 1)
                    with m.If(self.i.payload == 0):
                        m.d.sync += remaining.eq(remaining)
                        with m.If(~empty):
                            machine.go("CHECK")
                    with m.Else():
                        with m.If(over):
                            m.d.sync += [full.eq(self.i.payload == 255), empty.eq(0)]
                        machine.go("PAUSE")
                        with m.If(~over | (~empty & ~full)):  # a block's end stands for a zero
                            machine.go("CRC")
            with machine.state("CRC"):
                m.d.comb += crc.step.eq(1)
                m.d.sync += [bits.eq(bits + 1), byte.eq(Cat(byte[1:], byte[0]))]
                with m.If(bits == 7):
                    machine.go("TOKEN")
            with machine.state("TOKEN"):
                m.d.comb += self.o.valid.eq(1)
                with m.If(self.o.ready):
                    machine.go("BYTES")
            with machine.state("CHECK"):
                m.d.sync += bad.eq(~over | (crc.state != RESIDUE))
                machine.go("END")
            with machine.state("END"):
                m.d.comb += [self.o.valid.eq(1), token.last.eq(1)]
                with m.If(self.o.ready):
                    machine.go("BEGIN")
        return m
