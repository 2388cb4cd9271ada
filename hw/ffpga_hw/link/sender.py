"""Answers to bytes of the line: CRC, COBS encoder, and the order in which waiting answers go out."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.protocol import ANSWER_OVERHEAD, WINDOW, Status

from ..machine import Machine
from .crc import Crc
from .signatures import Answers, Refusals, Repeats
from .slots import ANSWER_READ, NUMBER_AT, RESERVE, RING_BITS, UNCHECKED, Answer


class Sender(wiring.Component):
    """Framer of answers.

    An answer is copied out of the ring into a frame buffer, encoded on the way: a zero writes its COBS code back to
    where the block began. Copying takes 12 clocks a byte, and only so long is the answer's place in use; then the
    frame goes out, a byte every other clock at most. Refusals come first, and the latest replaces one that still
    waits; then new answers in their order, then one that goes out again. An old one is found by its distance from the
    last one, back from answer to answer, 2 clocks each; where it is no longer in the ring, for which there must be room
    all the way, nothing goes out.
    """

    answers: In(Answers())  #: new answers, from the executor
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

        due = Signal(RING_BITS, init=-1)  # last byte before the new answers
        new = Signal()  # there are new answers; a clock late
        status = Signal(Status, reset_less=True)  # of the refusal
        at = Signal(RING_BITS, reset_less=True)  # place in the ring
        fresh = Signal(reset_less=True)  # the answer at hand is a new one
        back = Signal(range(WINDOW + 1), reset_less=True)  # answers to go back
        left = Signal(6, reset_less=True)  # bytes of the answer in the ring that were not yet copied
        copying, short = Signal(), Signal(reset_less=True)  # `short`: the frame at hand is a refusal
        guard, free = Signal(RING_BITS), Signal(RING_BITS)
        m.d.comb += [
            guard.eq(Mux(copying, at, due)),
            free.eq(guard + ~self.answers.last),  # less 1: where nothing waits the most that there can be
        ]
        m.d.sync += [new.eq(due != self.answers.last), self.answers.room.eq(free >= RESERVE)]

        place = Signal(7, reset_less=True)  # in the frame buffer
        inverse = Signal(7, reset_less=True)  # complement of the place of the open block's code
        code_at = NUMBER_AT + 64 - 1  # code of the first block
        begin, rewind, retreat = Signal(), Signal(), Signal()
        copied, sent = Signal(), Signal()  # a byte from the ring, a byte of the line
        bits = Signal(3)
        tail = Signal(5, reset_less=True)  # ones: 0 in the answer, 1 to 4 in the CRC, 5 at the end
        byte = Signal(8)
        over = Signal(reset_less=True)  # there is no byte of the answer any more
        plain, ok = Signal(reset_less=True), Signal(reset_less=True)  # the byte at hand is no `Answer`; one that is OK
        answer = Answer(self.answer.data)
        turning = Signal(8, reset_less=True)
        # A status that is OK has the size in its place, another one a mark above it.
        told = self.answer.data & Cat((plain | ~ok).replicate(3), plain.replicate(5))
        m.d.comb += [
            self.answer.addr.eq(at),
            byte.eq(Mux(short, Mux(place[0], status, self.refusal.sequence), told)),
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

        hop = Signal(RING_BITS)  # less 1
        m.d.comb += hop.eq(Cat(self.answer.data, C(-1, RING_BITS - 8)) & retreat.replicate(RING_BITS))

        with Machine(m, "sender") as machine:
            with machine.state("IDLE"):
                m.d.comb += self.idle.eq(~new & ~self.refusal.pending)
                m.d.comb += [begin.eq(1), rewind.eq(1)]
                m.d.sync += [short.eq(self.refusal.pending), fresh.eq(new), left.eq(ANSWER_OVERHEAD)]
                m.d.sync += [at.eq(Mux(new, due, self.answers.last)), back.eq(self.answers.number - self.repeat.number)]
                with m.If(self.refusal.pending):
                    machine.go("START")
                with m.Elif(new):
                    m.d.sync += copying.eq(1)
                    machine.go("START")
                with m.Elif(self.repeat.send):
                    m.d.comb += self.repeat.taken.eq(1)
                    m.d.sync += copying.eq(1)
                    machine.go("SEEK")
            with machine.state("SEEK"):
                machine.go("BACK")
                with m.If(back == 0):
                    machine.go("REACHED")
            with machine.state("BACK"):
                m.d.comb += retreat.eq(1)
                m.d.sync += back.eq(back - 1)
                machine.go("SEEK")
                with m.If(~self.answers.room):
                    m.d.sync += copying.eq(0)
                    machine.go("IDLE")
            with machine.state("REACHED"):
                machine.go("START")
                with m.If(~self.answers.room):
                    m.d.sync += copying.eq(0)
                    machine.go("IDLE")
            with machine.state("START"):
                m.d.comb += copied.eq(1)
                machine.go("FETCH")
            with machine.state("FETCH"):
                machine.go("LOOK")
            with machine.state("LOOK"):
                m.d.sync += over.eq(~place[-1] & (left == ANSWER_OVERHEAD))
                m.d.sync += [plain.eq(~place.all()), ok.eq(~answer.refused[1])]
                with m.If(place.all() & ~answer.refused[1] & ~short):
                    m.d.sync += left.eq(answer.value)
                machine.go("WRITE")
            with machine.state("WRITE"):
                with m.If(over & ~tail[0]):
                    m.d.sync += [tail.eq(1), copying.eq(0)]
                    with m.If(copying & fresh):
                        m.d.sync += due.eq(at)
                    with m.If(short):
                        m.d.sync += self.refusal.pending.eq(0)
                with m.Else():
                    m.d.comb += write.en.eq(1)
                    m.d.sync += turning.eq(byte)
                    with m.If(~place[-1]):
                        m.d.sync += left.eq(left - 1)
                    machine.go("CODE")
            with machine.state("CODE"):
                m.d.comb += [
                    write.addr.eq(~inverse),
                    write.data.eq((Cat(C(1, 1), place) + Cat(C(1, 1), inverse))[1:8]),
                    write.en.eq(turning == 0),
                ]
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
                    m.d.comb += copied.eq(1)
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
                    m.d.comb += sent.eq(1)
                    machine.go("READ")
                    with m.If(turning == 0):
                        machine.go("IDLE")

        with m.If(begin):
            m.d.sync += [tail.eq(0), inverse.eq(~code_at)]
        with m.If(copied | sent):
            m.d.sync += place.eq(place + 1)
        with m.If(copied | retreat):
            m.d.sync += at.eq((Cat(C(1, 1), at) + Cat(C(1, 1), hop))[1:])
        with m.If(rewind):
            m.d.sync += place.eq(code_at)
        m.d.comb += self.refusal.hold.eq(short & ~tail[0])
        with m.If(self.refusal.send):
            m.d.sync += [self.refusal.pending.eq(1), status.eq(self.refusal.status)]
        return m
