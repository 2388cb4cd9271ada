"""What happens to a frame: executed, answered again, or refused. Sequence numbers and sessions live here."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.protocol import HELD, WINDOW, Opcode, Status

from ..machine import Machine
from .compare import below
from .receiver import Token
from .signatures import Frames, Refusals, Repeats, SampleBytes
from .slots import OVERHEAD, PAYLOAD_WRITE


class Intake(wiring.Component):
    """Judge of frames: every frame leads to an execution, an answer sent again, or a refusal.

    Up to HELD frames wait for their execution, frame s in slot s mod HELD. A frame whose slot is still taken
    holds the line back, and so does the next one after a refusal that the sender could not yet take, and one whose
    answer is to go out again, until it does; an IDENTIFY
    does so until everything before it was executed, and one that opens a new session until everything was answered.
    The frame's slot may be written as long as its fate is open if it is to come next or an IDENTIFY. A frame's fate
    is known 2 clocks after its last token.

    Parameters
    ----------
    few_bits : bool
        Whether there is LOAD_BITS, too.
    """

    def __init__(self, *, few_bits: bool = False):
        self.few_bits = few_bits
        super().__init__(
            {
                "i": In(stream.Signature(Token)),  #: frames
                "payload": In(PAYLOAD_WRITE),  #: write port of the payload memory
                #: To the sample writer: a clock after a byte was taken, while it is still at hand.
                "sample": Out(SampleBytes(few_bits=few_bits)),
                "frames": Out(Frames()),  #: to the executor
                "repeat": Out(Repeats()),  #: to the sender
                "refusal": Out(Refusals()),  #: to the sender
                "skip": Out(1),  #: `frames.number` is moved on while nothing is pending or sent (pulse)
                "quiet": In(1),  #: nothing is being executed or sent
            }
        )

    def elaborate(self, platform):
        m = Module()
        token = self.i.payload
        inverse = Signal(8, reset_less=True)  # complement of the frame's sequence number
        length = Signal(7, reset_less=True)
        loads, identifies = Signal(reset_less=True), Signal(reset_less=True)  # the opcode loads a sample, is IDENTIFY
        session = Signal(32, reset_less=True)  # ring: the byte to compare next is lowest
        opened = Signal()
        same, nobody = Signal(reset_less=True), Signal(reset_less=True)  # as the session; 0, which is none
        kept = Signal(
            range(WINDOW + 1), reset_less=True
        )  # frames that the running session has seen accepted, WINDOW at most
        pending = Signal(HELD)  # as many ones as there are frames that were accepted and are not yet executed
        expected = Signal(8)  # number of the frame to come
        accept, take, step, write = Signal(), Signal(), Signal(), Signal()
        enters = Signal(attrs={"keep": 1})  # a byte does; for the sake of the clock's frequency
        slot = ~inverse[:2]

        distance = Signal(8, reset_less=True)  # of the frame behind the one expected; a clock late
        is_next = Signal(reset_less=True)
        short, in_session = Signal(), Signal()
        known, waits = Signal(reset_less=True), Signal(reset_less=True)  # its answer is, or will be
        loading, held = Signal(reset_less=True), Signal(reset_less=True)  # a sample comes in; it must wait
        opens = Signal(reset_less=True)  # the session does not run
        compare = Signal(reset_less=True)  # the token at hand is a byte of the session
        first = Signal(reset_less=True)  # no byte of payload yet
        m.d.sync += [  # three clocks after the sequence number at most
            is_next.eq((expected ^ inverse).all()),
            distance.eq((Cat(C(1, 1), expected) + Cat(C(1, 1), inverse))[1:]),
            known.eq(~distance[len(kept) :].any() & (distance[: len(kept)] <= kept)),  # if it is not the next one
            waits.eq(below(distance, HELD + 1) & pending.bit_select((distance - 1)[:2], 1)),
            loading.eq(loads & is_next),
            held.eq(loading & self.sample.stall),
            self.sample.first.eq(first),
            compare.eq(step & identifies & in_session),
            self.sample.valid.eq(0),
            opens.eq(identifies & (length == OVERHEAD + 4) & ~Mux(opened, same, nobody)),
        ]
        m.d.comb += [
            short.eq(below(length, OVERHEAD)),
            in_session.eq((length != 0) & short),
            take.eq(self.i.valid & self.i.ready),
            self.repeat.number.eq(~inverse),
            self.payload.en.eq(Cat((write & ~length[6] & (is_next | identifies)) | accept, accept)),
            self.payload.addr.eq(Cat(length[:6] | accept.replicate(6), slot)),
            self.payload.data.eq(Cat(token.data, length, self.sample.bad)),
            self.sample.byte.eq(token.data),
            self.sample.zero.eq(token.zero),
            self.sample.gap.eq(length[0]),
            self.frames.pending.eq(pending[0]),
            self.refusal.sequence.eq(expected),
        ]
        with m.If(step):
            m.d.sync += [length.eq(length[:6] + 1), length[6].eq(length[6] | length[:6].all())]
        with m.If(compare | self.frames.session_load):
            following = Mux(self.frames.session_load, self.frames.session_byte, session[:8])
            m.d.sync += session.eq(Cat(session[8:], following))
            m.d.sync += [same.eq(same & (session[:8] == token.data)), nobody.eq(nobody & token.zero)]

        with m.If(accept | self.skip):
            m.d.sync += expected.eq(expected + 1)
        with m.If(self.frames.executed | self.skip):
            m.d.sync += self.frames.number.eq(self.frames.number + 1)
        with m.If(accept & ~kept.all()):
            m.d.sync += kept.eq(kept + 1)
        with m.If(accept ^ self.frames.executed):
            m.d.sync += pending.eq(Mux(accept, Cat(C(1, 1), pending), pending[1:]))

        with Machine(m, "intake") as machine:
            with machine.state("SEQUENCE"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += [inverse.eq(~token.data), length.eq(0), identifies.eq(0)]
                m.d.sync += self.refusal.status.eq(Status.BAD_CRC)
                with m.If(self.i.valid):
                    machine.go("OPCODE")
                    with m.If(token.last):
                        machine.go("REFUSE")
            with machine.state("OPCODE"):
                m.d.comb += self.i.ready.eq(token.last)
                is_load = token.data == Opcode.LOAD_SAMPLE
                if self.few_bits:
                    is_load |= token.data == Opcode.LOAD_BITS
                    m.d.sync += self.sample.few.eq((token.data & Opcode.LOAD_BITS & ~Opcode.LOAD_SAMPLE).any())
                m.d.sync += [loads.eq(is_load), identifies.eq(token.data == Opcode.IDENTIFY)]
                with m.If(self.i.valid):
                    machine.go("ADMIT")
                    with m.If(token.last):
                        machine.go("REFUSE")
            with machine.state("ADMIT"):
                m.d.sync += [same.eq(1), nobody.eq(1), first.eq(1)]
                with m.If(Mux(identifies, ~pending[0], ~(is_next & pending[-1]))):
                    machine.go("ENTER")
            with machine.state("ENTER"):
                m.d.comb += [self.i.ready.eq(1), step.eq(1), write.eq(1)]
                machine.go("PAYLOAD")
            with machine.state("PAYLOAD"):
                m.d.comb += self.i.ready.eq(~held)
                with m.If(take & token.last):
                    machine.go("WEIGH")
                    with m.If(token.bad | short):
                        machine.go("REFUSE")
                m.d.comb += enters.eq(self.i.valid & ~token.last & ~held)
                with m.If(enters):
                    m.d.comb += [step.eq(1), write.eq(1)]
                    m.d.sync += [self.sample.valid.eq(loading), first.eq(0)]
            with machine.state("WEIGH"):  # until `opens` is right
                machine.go("JUDGE")
            with machine.state("JUDGE"):
                m.d.sync += self.refusal.status.eq(Mux(opened, Status.BAD_SEQUENCE, Status.NO_SESSION))
                with m.If(opens):
                    machine.go("OPEN")
                with m.Elif(~opened):
                    machine.go("REFUSE")
                with m.Elif(is_next):
                    with m.If(~self.refusal.pending):
                        even = ~length[0] | self.sample.few if self.few_bits else ~length[0]
                        m.d.comb += [accept.eq(1), self.sample.accept.eq(loads & even & ~self.sample.bad)]
                        machine.go("SEQUENCE")
                with m.Elif(known):
                    m.d.comb += self.repeat.send.eq(~waits)
                    with m.If(waits | self.repeat.taken):
                        machine.go("SEQUENCE")
                with m.Else():
                    machine.go("REFUSE")
            with machine.state("OPEN"):
                m.d.sync += [opened.eq(~nobody), same.eq(1), kept.eq(0)]
                with m.If(self.quiet & ~pending[0]):
                    m.d.comb += self.skip.eq(~is_next)
                    machine.go("OPENING")
                    with m.If(is_next):
                        machine.go("WEIGH")
            with machine.state("OPENING"):  # `is_next` comes a clock late
                machine.go("OPEN")
            with machine.state("REFUSE"):
                with m.If(short):
                    m.d.comb += step.eq(1)  # turns the ring once around
                with m.Elif(~self.refusal.hold):
                    m.d.comb += self.refusal.send.eq(1)
                    machine.go("SEQUENCE")
        return m
