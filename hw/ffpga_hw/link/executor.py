"""What a command does: in the order of the sequence numbers, one at a time, its answer into the answer memory."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import ANSWER_OVERHEAD, PART, PAYLOAD_MAX, Opcode, Status
from ffpga_golden.registers import COUNTERS

from ..engine.signatures.port import CounterPort, RegisterPort, ResultPort, StepPort, TablePort, WeightPort
from ..machine import Machine
from .checks import Checks, opcodes
from .compare import below
from .signatures import Answers, Frames, LoadedSamples
from .slots import ANSWER_WRITE, HEADER_AT, NUMBER_AT, OVERHEAD, PAYLOAD_READ, RING_BITS, Answer, Header, identity
from .walk import WeightWalk


class Executor(wiring.Component):
    """Executor of commands.

    Waits for a frame (and until the ring has room for the longest answer), fetches opcode and arguments, judges, acts,
    and stores the answer: its payload, its size behind that, sequence number and status before it.
    WRITE_WEIGHTS goes through its weights twice, first only to judge. A training step starts about 10 clocks after
    its frame is at hand.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        super().__init__(
            {
                "frames": In(Frames()),  #: from the intake
                "payload": In(PAYLOAD_READ),  #: read port of the payload memory
                "samples": Out(LoadedSamples(config)),  #: to the sample writer
                "answer": In(ANSWER_WRITE),  #: write port of the answer memory
                "answers": Out(Answers()),  #: to the sender
                "idle": Out(1),  #: no command is being executed
                # The engine's.
                "step": Out(StepPort()),
                "result": Out(ResultPort()),
                "register": Out(RegisterPort()),
                "weight": Out(WeightPort()),
                "counter": Out(CounterPort()),
                **({"table": Out(TablePort())} if config.black_box else {}),
            }
        )

    def elaborate(self, platform):
        m = Module()
        size = self.config.weight_bits // 8
        m.submodules.checks = checks = Checks(config=self.config)
        m.submodules.walk = walk = WeightWalk(config=self.config)
        few_bits, codes = self.config.few_bits, opcodes(self.config)
        opcode = Signal(max(codes), reset_less=True)  # a bit each, from the first one on
        length = Signal(7, reset_less=True)  # place after the payload
        sample_bad = Signal(reset_less=True)
        data = Signal(16, reset_less=True)  # the last bytes, in at the top
        at = Signal(6, reset_less=True)  # offset in the payload slot
        end = Signal(6)  # offset in the answer, from its payload on
        base = Signal(RING_BITS, init=-1)  # place before the answer at hand
        taken, made = Signal(6), Signal(6, reset_less=True)  # bytes of the answer in the ring
        trial = Signal(reset_less=True)  # weights are not yet written
        again, forth = Signal(), Signal()  # to the header; to the next byte
        register, place = Signal(5, reset_less=True), Signal(2)  # and a byte of it: all four are written, or read
        shift = Signal()
        argument = Signal(2)  # the first one is at hand, the second
        m.d.sync += checks.byte_valid.eq(argument)
        byte = self.payload.data.byte
        box, unlabelled = self.config.black_box, not self.config.classes
        present = {op: True for op in Opcode}
        present |= {Opcode.ACTIVITIES: unlabelled, Opcode.WRITE_TABLE: box, Opcode.READ_TABLE: box}
        known = Cat((byte == op) & present[op] for op in codes)
        is_op = {op: opcode[op - 1] for op in codes}
        loads = is_op[Opcode.LOAD_SAMPLE]
        if few_bits:
            loads |= is_op[Opcode.LOAD_BITS]
        reads, writes = is_op[Opcode.READ_WEIGHTS], is_op[Opcode.WRITE_WEIGHTS]
        walks = reads | writes
        phase, activities = is_op[Opcode.TRAIN_PHASE], is_op[Opcode.ACTIVITIES]
        tables = is_op[Opcode.READ_TABLE] | is_op[Opcode.WRITE_TABLE]

        header = Header(self.payload.data.header)
        last = Signal(reset_less=True)  # there are no more weights
        wrong = Signal(reset_less=True)  # there is no such weight; READ_WEIGHTS wants none, or too many
        judging = Signal(reset_less=True)  # WRITE_WEIGHTS does not write yet
        count = data[8:]  # of READ_WEIGHTS
        m.d.sync += [
            last.eq(Mux(reads, end == count * size, at == length)),
            wrong.eq((reads & ((count == 0) | ~below(count, PAYLOAD_MAX // size + 1))) | (walk.beyond & ~last)),
            judging.eq(writes & trial),
        ]
        m.d.comb += [
            self.payload.addr.eq(Cat(at, self.frames.number[:2])),
            self.frames.session_byte.eq(byte),
            self.answers.number.eq(self.frames.number),
            self.answers.last.eq(base),
            taken.eq(end + ANSWER_OVERHEAD),  # also the place at hand: number and status come out as 1 and 2
            checks.opcode.eq(Cat(C(0, 1), opcode)),
            checks.length.eq(length),
            checks.sample_bad.eq(sample_bad),
            checks.byte.eq(data[8:]),
            checks.before.eq(data[:8]),
            checks.sample_valid.eq(self.samples.valid),
            checks.negative_policy.eq(self.register.negative_policy),
            walk.byte.eq(byte),
            self.step.command.eq(Cat(phase | activities, is_op[Opcode.INFER] | activities)),
            self.weight.word.eq(walk.word),
            self.weight.lane.eq(walk.lane),
            self.register.address.eq(register),
            self.register.place.eq(place),
            self.register.data.eq(byte),
            self.counter.address.eq(end),
        ]
        first, second = data[: checks.label_bits], data[8 : 8 + checks.label_bits]
        m.d.comb += self.step.label.eq(Mux(phase, second, first))
        m.d.comb += self.step.negative.eq(Mux(phase, data[0], second))
        m.d.comb += self.weight.data.eq(byte.as_signed() if size == 1 else Cat(data[8:], byte))

        # The answer leaves by registers.
        store, answer = Signal(), Signal(8)
        m.d.comb += answer.eq(byte)
        m.d.sync += [
            self.answer.en.eq(store),
            self.answer.data.eq(answer),
            self.answer.addr.eq(base + taken),
            self.step.start.eq(0),
        ]

        def append(value=None):
            m.d.comb += store.eq(1)
            m.d.sync += end.eq(end + 1)
            if value is not None:
                m.d.comb += answer.eq(value)

        def step():
            m.d.comb += walk.step.eq(1)
            m.d.comb += forth.eq(writes)
            machine.go("STEP")

        ready = self.frames.pending & self.answers.room
        if box:
            ready &= self.table.ready
        with Machine(m, "executor") as machine:
            with machine.state("IDLE"):
                m.d.comb += [self.idle.eq(1), checks.start.eq(1), again.eq(1)]
                m.d.sync += trial.eq(1)
                with m.If(ready):
                    machine.go("FETCH")
            # In each of these the byte before the one at `at` is at hand.
            with machine.state("FETCH"):
                m.d.comb += forth.eq(1)
                machine.go("HEADER")
            with machine.state("HEADER"):
                m.d.comb += forth.eq(1)
                m.d.sync += [length.eq(header.length - (OVERHEAD - 1)), sample_bad.eq(header.bad)]
                machine.go("OPCODE")
            with machine.state("OPCODE"):
                m.d.comb += forth.eq(1)
                m.d.sync += opcode.eq(known)
                machine.go("FIRST")
            with machine.state("FIRST"):
                m.d.comb += [shift.eq(1), walk.load.eq(1), argument.eq(1)]
                m.d.sync += register.eq(byte)
                machine.go("CHECK")
                with m.If(walks | phase | is_op[Opcode.TRAIN_PAIR] | activities | tables):
                    m.d.comb += forth.eq(1)
                    machine.go("SECOND")
            with machine.state("SECOND"):
                m.d.comb += [shift.eq(1), walk.load.eq(2), argument.eq(2)]
                machine.go("CHECK")
                with m.If(walks):
                    m.d.comb += forth.eq(1)
                    machine.go("THIRD")
            with machine.state("THIRD"):
                m.d.comb += walk.load.eq(4)
                machine.go("CHECK")
            with machine.state("CHECK"):  # three clocks from the last byte to the status
                m.d.comb += shift.eq(reads)
                machine.go("RULE")
            with machine.state("RULE"):
                machine.go("JUDGE")
            with machine.state("JUDGE"):
                machine.go("ACT")
            with machine.state("ACT"):
                m.d.comb += [forth.eq(~walks), again.eq(is_op[Opcode.IDENTIFY])]
                machine.go("FINISH")
                with m.If(checks.status == Status.OK):
                    m.d.comb += self.samples.commit.eq(loads)
                    steps = is_op[Opcode.TRAIN_PAIR] | phase | is_op[Opcode.INFER] | activities
                    m.d.sync += self.step.start.eq(steps)
                    with m.If(walks):
                        machine.go("WALK")
                    with m.If(is_op[Opcode.IDENTIFY] | is_op[Opcode.READ_REGISTER] | is_op[Opcode.COUNTERS]):
                        machine.go("VALUE")
                    with m.If(is_op[Opcode.WRITE_REGISTER]):
                        machine.go("STORE")
                    with m.If(steps):
                        machine.go("ENGINE")
                    if box:
                        with m.If(tables):
                            machine.go("TABLE")
            with machine.state("ENGINE"):
                with m.If(self.result.valid):
                    append(self.result.data)
                with m.If(self.step.done):
                    machine.go("FINISH")
            if box:
                entry = Signal(range(PART))
                write = is_op[Opcode.WRITE_TABLE]
                m.d.comb += [
                    self.table.address.eq(Cat(entry, data[8 : 16 - len(entry)], data[:2])),
                    self.table.data.eq(byte),
                ]
                with machine.state("TABLE"):
                    m.d.comb += [self.table.write.eq(write), forth.eq(1)]
                    machine.go("TABLE-VALUE")
                    with m.If(write):
                        m.d.sync += entry.eq(entry + 1)
                        machine.go("TABLE")
                        with m.If(entry == PART - 1):
                            machine.go("FINISH")
                with machine.state("TABLE-VALUE"):
                    append(self.table.value)
                    m.d.sync += entry.eq(entry + 1)
                    machine.go("TABLE")
                    with m.If(entry == PART - 1):
                        machine.go("FINISH")
            with machine.state("STORE"):
                m.d.comb += [self.register.write.eq(1), forth.eq(1)]
                m.d.sync += place.eq(place + 1)
                with m.If(place.all()):
                    machine.go("FINISH")
            with machine.state("VALUE"):  # IDENTIFY: until the session is at hand; COUNTERS: three scans at most
                m.d.comb += [forth.eq(1), self.counter.read.eq(is_op[Opcode.COUNTERS])]
                m.d.comb += self.register.load.eq(is_op[Opcode.READ_REGISTER])
                with m.If(is_op[Opcode.COUNTERS]):
                    with m.If(self.counter.valid):
                        machine.go("COUNTER")
                with m.Elif(at[:2] == 1):
                    machine.go("BYTES")
            with machine.state("COUNTER"):
                m.d.comb += self.counter.read.eq(1)
                machine.go("BYTES")
            with machine.state("BYTES"):  # `at` is 2 to 5, or 6 to 9
                m.d.comb += [forth.eq(1), self.counter.read.eq(is_op[Opcode.COUNTERS])]
                m.d.comb += self.frames.session_load.eq(is_op[Opcode.IDENTIFY])
                m.d.comb += self.register.step.eq(is_op[Opcode.READ_REGISTER])
                append()
                m.d.sync += place.eq(place + 1)  # of whatever are bytes: they are a multiple of four
                with m.If(is_op[Opcode.COUNTERS]):
                    m.d.comb += answer.eq(self.counter.value)
                with m.Elif(is_op[Opcode.READ_REGISTER]):
                    m.d.comb += answer.eq(self.register.value)
                with m.If(is_op[Opcode.COUNTERS] & (end != 4 * len(COUNTERS) - 1)):
                    machine.go("VALUE")
                with m.Elif((end[:2] == 3) | is_op[Opcode.COUNTERS]):
                    machine.go("FINISH")
                    with m.If(is_op[Opcode.IDENTIFY]):
                        machine.go("CONSTANT")
            with machine.state("CONSTANT"):
                m.d.comb += forth.eq(1)
                append(self.payload.data.header)
                with m.If(end == 4 + len(identity(self.config)) - 1):
                    machine.go("FINISH")
            with machine.state("SETTLE"):  # `last` comes a clock late, `wrong` two
                machine.go("SETTLED")
            with machine.state("SETTLED"):
                machine.go("WALK")
            with machine.state("WALK"):
                with m.If(wrong):
                    m.d.comb += checks.beyond.eq(1)
                    m.d.sync += end.eq(0)
                    machine.go("FINISH")
                with m.Elif(last):
                    machine.go("FINISH")
                    with m.If(judging):
                        m.d.comb += again.eq(1)
                        m.d.sync += trial.eq(0)
                        machine.go("FETCH")
                with m.Elif(judging):
                    step()
                with m.Else():
                    m.d.comb += [self.weight.read.eq(reads), self.weight.write.eq(writes & (size == 1))]
                    machine.go("WEIGHT")
                    if size == 2:
                        with m.If(writes):
                            m.d.comb += forth.eq(1)
                            m.d.comb += shift.eq(1)
                            machine.go("SECOND-BYTE")
            if size == 2:
                with machine.state("SECOND-BYTE"):
                    machine.go("WRITE")
                with machine.state("WRITE"):
                    m.d.comb += self.weight.write.eq(1)
                    machine.go("WEIGHT")
            with machine.state("WEIGHT"):
                with m.If(self.weight.ack):
                    step()
                    with m.If(reads):
                        append(self.weight.value[:8])
            with machine.state("STEP"):
                machine.go("SETTLE")
                if size == 2:
                    with m.If(reads):
                        append(self.weight.value[8:])
                    m.d.comb += forth.eq(writes & trial)
            with machine.state("FINISH"):
                m.d.comb += [store.eq(1), answer.eq(Cat(~taken, C(3, 2)))]
                m.d.sync += [made.eq(taken), end.eq(NUMBER_AT)]
                machine.go("NUMBER")
            with machine.state("NUMBER"):
                append(self.frames.number)
                machine.go("STATUS")
            with machine.state("STATUS"):
                told = Signal(Answer)
                append(told.as_value())
                m.d.comb += [told.value.eq(Mux(told.refused[1], checks.status, made)), self.frames.executed.eq(1)]
                m.d.comb += told.refused[1].eq(checks.status != Status.OK)
                m.d.sync += base.eq(base + made)
                machine.go("DONE")
            with machine.state("DONE"):  # the sender's `room` is that of one clock ago
                machine.go("IDLE")

        with m.If(shift):
            m.d.sync += data.eq(Cat(data[8:], byte))
        with m.If(forth):
            m.d.sync += at.eq(at + 1)
        with m.If(again):
            m.d.sync += at.eq(HEADER_AT)
        return m
