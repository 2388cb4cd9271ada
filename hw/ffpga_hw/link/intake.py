"""What happens to a frame: executed, answered again, or refused. Sequence numbers and sessions live here."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.protocol import WINDOW, Opcode, Status

from .receiver import Token

#: Lengths saturate here: more than PAYLOAD_MAX, so too long.
LENGTH_MAX = 63


class Header(data.Struct):
    """What is kept of an accepted frame beside its payload."""

    opcode: 4  #: an Opcode, or 0 where the byte was none
    length: 6  #: bytes of payload, LENGTH_MAX for more
    verdict: Status  #: of a LOAD_SAMPLE payload
    slot: 1  #: sample slot of a LOAD_SAMPLE


class Intake(wiring.Component):
    """Judge of frames: every frame leads to an execution, an answer sent again, or a refusal.

    Up to WINDOW frames wait for their execution, frame s in slot s mod WINDOW. A frame whose slot is still taken
    holds the line back, and so does one that opens a new session, until everything before it has been answered.
    A frame's fate is known 2 clocks after its last token.
    """

    #: Frames.
    i: In(stream.Signature(Token))
    #: Session of the host, 0 for none.
    session: Out(32)
    #: Slots that hold a frame not yet executed.
    pending: Out(WINDOW)
    #: The slot's command was executed and its answer is stored: one pulse, one hot.
    executed: In(WINDOW)
    #: A new session opened with frame `sequence`: it is the next to execute.
    opened: Out(1)
    #: Sequence number of the frame at hand.
    sequence: Out(8)
    #: Nothing is being executed or sent.
    quiet: In(1)
    #: Send the stored answer of a slot again: a pulse, one hot.
    resend: Out(WINDOW)
    #: Refuse with [`expected`, `refuse_status`]: a pulse.
    refuse: Out(1)
    refuse_status: Out(Status)
    expected: Out(8)
    #: Write port of the payload memory: {offset, slot}.
    payload_write: Out(1)
    payload_address: Out(8)
    payload_data: Out(8)
    #: Write port of the header memory, by slot.
    header_write: Out(1)
    header_address: Out(2)
    header_data: Out(Header)
    #: To the sample writer.
    sample_begin: Out(1)
    sample_byte_valid: Out(1)
    sample_accept: Out(1)
    #: From the sample writer.
    sample_stall: In(1)
    sample_verdict: In(Status)
    sample_slot: In(1)

    def elaborate(self, platform):
        m = Module()
        token = self.i.payload
        code, opcode = Signal(8), Signal(4)  # as it came, and 0 where it is none
        length = Signal(6)
        newcomer = Signal(32)  # the session that the frame names
        opened = Signal()
        answered = Signal(WINDOW)
        take, slot_hot = Signal(), Signal(WINDOW)
        m.d.comb += take.eq(self.i.valid & self.i.ready)

        # Registered facts about the frame at hand; tokens are two clocks apart, so they are in time.
        distance = Signal(8)
        hold = Signal()  # the sample must wait for its bank
        nobody = Signal()  # the frame names session 0, which is none
        settled = Signal()  # everything before this frame was answered
        is_next, in_window, slot_pending, slot_answered, is_load, identifies, same = (Signal() for _ in range(7))
        m.d.sync += [
            distance.eq(self.expected - self.sequence),
            is_next.eq(distance == 0),
            in_window.eq((distance != 0) & (distance <= WINDOW)),
            slot_pending.eq((self.pending & slot_hot).any()),
            slot_answered.eq((answered & slot_hot).any()),
            opcode.eq(Mux(code > max(Opcode), 0, code)),
            is_load.eq(opcode == Opcode.LOAD_SAMPLE),
            identifies.eq((opcode == Opcode.IDENTIFY) & (length == 4)),
            hold.eq(is_load & is_next & self.sample_stall),
            settled.eq(self.quiet & (self.pending == 0)),
            nobody.eq(newcomer == 0),
            same.eq(newcomer == self.session),
        ]
        m.d.comb += slot_hot.eq(1 << self.sequence[:2])

        m.d.comb += [
            self.payload_write.eq(take & ~token.last & is_next),
            self.payload_address.eq(Cat(length, self.sequence[:2])),
            self.payload_data.eq(token.data),
            self.header_address.eq(self.sequence[:2]),
            self.header_data.opcode.eq(opcode),
            self.header_data.length.eq(length),
            self.header_data.verdict.eq(self.sample_verdict),
            self.header_data.slot.eq(self.sample_slot),
        ]
        m.d.sync += [self.refuse.eq(0), self.resend.eq(0), self.opened.eq(0)]
        accept = Signal(WINDOW)
        advance = Signal()  # `expected` becomes the number after this frame's
        m.d.sync += advance.eq(0)
        with m.If(advance):
            m.d.sync += self.expected.eq(self.sequence + 1)
        m.d.sync += self.pending.eq((self.pending & ~self.executed) | accept)
        m.d.sync += answered.eq((answered | self.executed) & ~accept)

        def refuse(status):
            m.d.sync += [self.refuse.eq(1), self.refuse_status.eq(status)]
            m.next = "SEQUENCE"

        def queue():
            m.d.comb += [self.header_write.eq(1), accept.eq(slot_hot)]
            m.d.sync += advance.eq(1)
            m.next = "SEQUENCE"

        with m.FSM(name="intake"):
            with m.State("SEQUENCE"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(take & token.last):
                    refuse(Status.BAD_CRC)
                with m.Elif(take):
                    m.d.sync += self.sequence.eq(token.data)
                    m.next = "OPCODE"
            with m.State("OPCODE"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(take & token.last):
                    refuse(Status.BAD_CRC)
                with m.Elif(take):
                    m.d.sync += [code.eq(token.data), length.eq(0)]
                    m.next = "DECODE"
            with m.State("DECODE"):
                m.next = "ADMIT"
            with m.State("ADMIT"):
                with m.If(~is_next | ~slot_pending):
                    m.d.comb += self.sample_begin.eq(1)
                    m.next = "PAYLOAD"
            with m.State("PAYLOAD"):
                m.d.comb += self.i.ready.eq(~hold)
                with m.If(take & token.last):
                    m.next = "JUDGE"
                    with m.If(token.bad):
                        refuse(Status.BAD_CRC)
                with m.Elif(take):
                    m.d.comb += self.sample_byte_valid.eq(is_load & is_next)
                    m.d.sync += newcomer.eq(Cat(newcomer[8:], token.data))
                    with m.If(length != LENGTH_MAX):
                        m.d.sync += length.eq(length + 1)
            with m.State("JUDGE"):
                with m.If(identifies & ~same):
                    m.next = "OPEN"
                with m.Elif(~opened):
                    refuse(Status.NO_SESSION)
                with m.Elif(is_next):
                    m.d.comb += self.sample_accept.eq(is_load & (self.sample_verdict == Status.OK))
                    queue()
                with m.Elif(in_window & (slot_pending | slot_answered)):
                    with m.If(~slot_pending):
                        m.d.sync += self.resend.eq(slot_hot)
                    m.next = "SEQUENCE"
                with m.Else():
                    refuse(Status.BAD_SEQUENCE)
            with m.State("OPEN"):
                with m.If(settled):
                    m.d.sync += [self.session.eq(newcomer), answered.eq(0)]
                    with m.If(~nobody):
                        m.d.sync += [opened.eq(1), self.opened.eq(1)]
                        queue()
                    with m.Else():
                        m.d.sync += opened.eq(0)
                        m.next = "CLOSE"
            with m.State("CLOSE"):
                m.d.sync += self.expected.eq(self.sequence)
                refuse(Status.NO_SESSION)
        return m
