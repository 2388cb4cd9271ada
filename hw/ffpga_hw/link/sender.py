"""Answers to bytes of the line: CRC, COBS encoder, and the order in which waiting answers go out."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.protocol import WINDOW, Status

from ..machine import Machine
from .crc import Crc
from .signatures import AnswerSlot, Refusals, Repeats
from .slots import ANSWER_READ, NUMBER_AT, UNCHECKED


class Sender(wiring.Component):
    """Framer of answers.

    An answer is copied out of the answer memory into a frame buffer, encoded on the way: a zero writes its COBS
    code back to where the block began. Copying takes 12 clocks a byte, and only so long is the answer slot in use;
    then the frame goes out, a byte every other clock at most. An answer ends after its status, unless that is OK,
    or before a word with `mark`. Refusals come first, and the latest replaces one that still waits; then new
    answers in the order of `slot.send`, then old ones.
    """

    slot: In(AnswerSlot())  #: new answers, from the executor
    skip: In(1)  #: the slot is moved on while nothing waits (pulse)
    repeat: In(Repeats())  #: old answers, from the intake
    refusal: In(Refusals())  #: from the intake
    answer: In(ANSWER_READ)  #: read port of the answer memory
    idle: Out(1)  #: nothing waits, is copied or goes out
    o: Out(stream.Signature(8))  #: bytes of the line

    def elaborate(self, platform):
        m = Module()
        m.submodules.crc = crc = Crc()
        m.submodules.frame = frame = memory.Memory(shape=8, depth=128, init=[], attrs=UNCHECKED)
        write, read = frame.write_port(), frame.read_port()

        waiting = Signal(WINDOW)  # as many ones as there are new answers
        due = Signal(range(WINDOW))  # slot of the first of them
        again = Signal(WINDOW)
        status = Signal(Status, reset_less=True)  # of the refusal
        taken = Signal()
        at = Signal(range(WINDOW), reset_less=True)  # slot at hand
        copying, short = Signal(), Signal(reset_less=True)  # `short`: the frame at hand is a refusal
        slot = self.slot.number
        m.d.comb += self.slot.busy.eq(waiting[-1] | again.bit_select(slot, 1) | (copying & (at == slot)))
        with m.If(self.slot.send ^ taken):
            m.d.sync += waiting.eq(Mux(taken, waiting[1:], Cat(C(1, 1), waiting)))
        with m.If(taken | self.skip):
            m.d.sync += due.eq(due + 1)

        place = Signal(7, reset_less=True)  # in the frame buffer; the low bits: in the answer slot
        inverse = Signal(7, reset_less=True)  # complement of the place of the open block's code
        code_at = NUMBER_AT + 64 - 1  # code of the first block
        begin, rewind, advance = Signal(), Signal(), Signal()
        bits = Signal(3)
        tail = Signal(5, reset_less=True)  # ones: 0 in the answer, 1 to 4 in the CRC, 5 at the end
        byte, zero = Signal(8), Signal(reset_less=True)
        over = Signal(reset_less=True)  # there is no byte of the answer any more
        turning = Signal(8, reset_less=True)
        m.d.comb += [
            self.answer.addr.eq(Cat(place[:6], at)),
            byte.eq(Mux(short, Mux(place[0], status, self.refusal.sequence), self.answer.data.byte)),
            crc.bit.eq(turning[0]),
            crc.start.eq(begin),
            crc.unload.eq(tail[0]),
            write.addr.eq(place),
            write.data.eq(byte),
            read.addr.eq(place),
            self.o.payload.eq(turning),
        ]
        with m.If(tail[0]):
            m.d.comb += byte.eq(~crc.state[:8])  # in the end 0, which closes the last block and ends the frame

        with Machine(m, "sender") as machine:
            with machine.state("IDLE"):
                m.d.comb += self.idle.eq(~waiting[0] & (again == 0) & ~self.refusal.pending)
                m.d.comb += [begin.eq(1), rewind.eq(1)]
                m.d.sync += short.eq(self.refusal.pending)
                with m.If(self.refusal.pending):
                    machine.go("START")
                with m.Elif(waiting[0]):
                    m.d.comb += taken.eq(1)
                    m.d.sync += [at.eq(due), copying.eq(1)]
                    machine.go("START")
                with m.Elif(again.bit_select(at, 1)):
                    m.d.sync += [again.bit_select(at, 1).eq(0), copying.eq(1)]
                    machine.go("START")
                with m.Else():
                    m.d.sync += at.eq(at + 1)
            with machine.state("START"):
                m.d.comb += advance.eq(1)
                machine.go("FETCH")
            with machine.state("FETCH"):
                machine.go("LOOK")
            with machine.state("LOOK"):
                m.d.sync += over.eq(self.answer.data.mark | ((place == 0) & ~zero))
                machine.go("WRITE")
            with machine.state("WRITE"):
                with m.If(over & ~tail[0]):
                    m.d.sync += [tail.eq(1), copying.eq(0)]
                    with m.If(short):
                        m.d.sync += self.refusal.pending.eq(0)
                with m.Else():
                    m.d.comb += write.en.eq(1)
                    m.d.sync += turning.eq(byte)
                    machine.go("CODE")
            with machine.state("CODE"):
                m.d.comb += [
                    write.addr.eq(~inverse),
                    write.data.eq((Cat(C(1, 1), place) + Cat(C(1, 1), inverse))[1:8]),
                    write.en.eq(turning == 0),
                ]
                m.d.sync += zero.eq(turning == 0)
                with m.If(turning == 0):
                    m.d.sync += inverse.eq(~place)
                machine.go("CRC")
                with m.If(tail[-1]):
                    m.d.comb += rewind.eq(1)
                    machine.go("READ")
            with machine.state("CRC"):
                m.d.comb += crc.step.eq(1)
                m.d.sync += [bits.eq(bits + 1), turning.eq(turning[1:])]
                with m.If(bits == 7):
                    m.d.comb += advance.eq(1)
                    m.d.sync += tail.eq(Cat(tail[0], tail))
                    machine.go("FETCH")
            with machine.state("READ"):
                machine.go("TURN")
            with machine.state("TURN"):
                m.d.sync += turning.eq(read.data)
                machine.go("OFFER")
            with machine.state("OFFER"):
                m.d.comb += self.o.valid.eq(1)
                with m.If(self.o.ready):
                    m.d.comb += advance.eq(1)
                    machine.go("READ")
                    with m.If(turning == 0):
                        machine.go("IDLE")

        with m.If(begin):
            m.d.sync += [tail.eq(0), inverse.eq(~code_at)]
        with m.If(advance):
            m.d.sync += place.eq(place + 1)
        with m.If(rewind):
            m.d.sync += place.eq(code_at)
        m.d.comb += self.refusal.hold.eq(short & ~tail[0])
        with m.If(self.refusal.send):
            m.d.sync += [self.refusal.pending.eq(1), status.eq(self.refusal.status)]
        with m.If(self.repeat.send):
            m.d.sync += again.bit_select(self.repeat.slot, 1).eq(1)
        return m
