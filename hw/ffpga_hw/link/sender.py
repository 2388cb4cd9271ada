"""Answers to bytes of the line: CRC, COBS encoder, and the order in which waiting answers go out."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.protocol import WINDOW, Status

from .crc import CRC32

#: Place in a 64-byte answer slot that holds the answer's length.
LENGTH_AT = 63


class Sender(wiring.Component):
    """Framer of answers.

    An answer is copied out of the answer memory into a frame buffer, encoded on the way: a zero writes its COBS
    code back to where the block began. Copying takes 3 clocks a byte, and only so long is the answer slot in use;
    then the frame goes out, a byte every third clock at most. Refusals come first, and the latest replaces one
    that still waits.
    """

    #: Send the new answer of a slot, or an old one again: pulses, one hot. New ones go out in the order of `send`.
    send: In(WINDOW)
    resend: In(WINDOW)
    #: Slots that wait or are being copied.
    busy: Out(WINDOW)
    #: Nothing waits, is copied or goes out.
    idle: Out(1)
    #: Send [`refuse_sequence`, `refuse_status`]: a pulse.
    refuse: In(1)
    refuse_sequence: In(8)
    refuse_status: In(Status)
    #: Read port of the answer memory: {offset, slot}; the data a clock after the address.
    answer_address: Out(8)
    answer_data: In(8)
    #: Bytes of the line.
    o: Out(stream.Signature(8))

    def elaborate(self, platform):
        m = Module()
        m.submodules.crc = crc = CRC32.create()
        m.submodules.frame = frame = memory.Memory(shape=8, depth=128, init=[])
        write, read = frame.write_port(), frame.read_port()

        new, again, copying = Signal(WINDOW), Signal(WINDOW), Signal(WINDOW)
        refusing, refusal = Signal(), Signal(16)
        new_taken, again_taken = Signal(WINDOW), Signal(WINDOW)
        due, turn = Signal(range(WINDOW)), Signal(range(WINDOW))  # slots: next new answer, next one to look at again
        slot = Signal(range(WINDOW))
        m.d.comb += self.busy.eq(new | again | copying)
        m.d.sync += [new.eq((new & ~new_taken) | self.send), again.eq((again & ~again_taken) | self.resend)]
        with m.If((new == 0) & self.send.any()):
            m.d.sync += due.eq(Cat(self.send[1] | self.send[3], self.send[2] | self.send[3]))

        short = Signal()  # the frame at hand is the refusal in `special`
        special = Signal(16)
        index, length = Signal(6), Signal(6)
        in_crc, last = Signal(), Signal()
        byte = Signal(8)
        place, code_place = Signal(7), Signal(7)  # in the frame buffer: next byte, code of the open block
        out = Signal(7)
        offset = Signal(6)
        m.d.comb += [
            self.answer_address.eq(Cat(offset, slot)),
            offset.eq(index),
            crc.data.eq(byte),
            read.addr.eq(out),
            read.en.eq(1),
            write.addr.eq(Mux(byte == 0, code_place, place)),
            write.data.eq(Mux(byte == 0, place - code_place, byte)),
        ]
        m.d.sync += last.eq(index + 1 == Mux(in_crc, 4, length))

        with m.FSM(name="sender"):
            with m.State("IDLE"):
                m.d.comb += [self.idle.eq(((new | again) == 0) & ~refusing), crc.start.eq(1)]
                m.d.sync += [index.eq(0), in_crc.eq(0), place.eq(1), code_place.eq(0), out.eq(0)]
                with m.If(refusing):
                    m.d.sync += [refusing.eq(0), special.eq(refusal), short.eq(1), length.eq(2)]
                    m.next = "FETCH"
                with m.Elif(new.bit_select(due, 1)):
                    m.d.comb += new_taken.eq(1 << due)
                    m.d.sync += [short.eq(0), copying.eq(new_taken), slot.eq(due), due.eq(due + 1)]
                    m.next = "LENGTH"
                with m.Elif(again.bit_select(turn, 1)):
                    m.d.comb += again_taken.eq(1 << turn)
                    m.d.sync += [short.eq(0), copying.eq(again_taken), slot.eq(turn)]
                    m.next = "LENGTH"
                with m.Else():
                    m.d.sync += turn.eq(turn + 1)
            with m.State("LENGTH"):
                m.d.comb += offset.eq(LENGTH_AT)
                m.next = "LENGTH-TAKE"
            with m.State("LENGTH-TAKE"):
                m.d.sync += length.eq(self.answer_data)
                m.next = "FETCH"
            with m.State("FETCH"):
                m.next = "TAKE"
            with m.State("TAKE"):
                m.d.sync += byte.eq(self.answer_data)
                with m.If(short):
                    m.d.sync += byte.eq(special.word_select(index[:1], 8))
                with m.If(in_crc):
                    m.d.sync += byte.eq(crc.crc.word_select(index[:2], 8))
                m.next = "ENCODE"
            with m.State("ENCODE"):
                m.d.comb += [write.en.eq(1), crc.valid.eq(~in_crc)]
                m.d.sync += [place.eq(place + 1), index.eq(index + 1)]
                with m.If(byte == 0):
                    m.d.sync += code_place.eq(place)
                m.next = "FETCH"
                with m.If(last):
                    m.d.sync += [index.eq(0), in_crc.eq(1)]
                    with m.If(in_crc):
                        m.d.sync += byte.eq(0)  # closes the last block as a zero would
                        m.next = "CLOSE"
            with m.State("CLOSE"):
                m.d.comb += write.en.eq(1)
                m.d.sync += copying.eq(0)
                m.next = "READ"
            with m.State("READ"):
                m.next = "LOAD"
            with m.State("LOAD"):
                m.d.sync += [self.o.payload.eq(Mux(out == place, 0, read.data)), self.o.valid.eq(1)]
                m.next = "OFFER"
            with m.State("OFFER"):
                with m.If(self.o.ready):
                    m.d.sync += [self.o.valid.eq(0), out.eq(out + 1)]
                    m.next = "READ"
                    with m.If(out == place):
                        m.next = "IDLE"

        with m.If(self.refuse):  # after the FSM: a new refusal is kept even when the old one is just taken
            m.d.sync += [refusing.eq(1), refusal.eq(Cat(self.refuse_sequence, self.refuse_status))]
        return m
