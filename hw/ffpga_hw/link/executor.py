"""What a command does: in the order of the sequence numbers, one at a time, its answer into the answer memory."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import VERSION, WINDOW, Opcode, Status, pack_config
from ffpga_golden.registers import COUNTERS

from .checks import Checks
from .intake import Header
from .sender import LENGTH_AT
from .walk import WeightWalk

#: Payload bytes that are fetched before a command is judged, and the place of the first weight in WRITE_WEIGHTS.
ARGUMENTS, WEIGHTS_AT = 5, 3
#: Engine commands.
ENGINE = {Opcode.TRAIN_PAIR: 0, Opcode.TRAIN_PHASE: 1, Opcode.INFER: 2}


class Executor(wiring.Component):
    """Executor of commands.

    Waits for a frame in the slot of the next sequence number (and until that slot's former answer was copied by
    the sender), fetches five payload bytes, judges, acts, and stores [sequence, status, payload] in the answer
    slot with its length at offset 63. A training step starts about 15 clocks after its frame is at hand.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        slots = 1 if config.classes else 2
        super().__init__(
            {
                #: Slots with a frame to execute, and the pulse (one hot) that one is done.
                "pending": In(WINDOW),
                "executed": Out(WINDOW),
                #: A new session begins with frame `sequence`.
                "opened": In(1),
                "sequence": In(8),
                #: Session that IDENTIFY answers with.
                "session": In(32),
                #: No command is being executed.
                "idle": Out(1),
                #: Read ports of header and payload memory ({offset, slot}); data a clock after the address.
                "slot": Out(2),
                "header": In(Header),
                "payload_address": Out(8),
                "payload": In(8),
                #: Write port of the answer memory: {offset, slot}.
                "answer_write": Out(1),
                "answer_address": Out(8),
                "answer_data": Out(8),
                #: To the sender: send a slot's answer (pulse); slots that it still needs.
                "send": Out(WINDOW),
                "busy": In(WINDOW),
                #: A LOAD_SAMPLE for a slot takes effect (pulse).
                "commit": Out(1),
                "commit_slot": Out(1),
                "sample_valid": In(slots),
                #: The engine's side: see `Link`.
                "command_start": Out(1),
                "command": Out(2),
                "command_label": Out(8),
                "command_negative": Out(8),
                "command_done": In(1),
                "result_valid": In(1),
                "result_data": In(8),
                "register_address": Out(8),
                "register_write": Out(1),
                "register_data": Out(32),
                "register_value": In(32),
                "negative_policy": In(2),
                "weight_word": Out(16),
                "weight_lane": Out(8),
                "weight_write": Out(1),
                "weight_read": Out(1),
                "weight_data": Out(16),
                "weight_value": In(16),
                "weight_ack": In(1),
                "counter_index": Out(4),
                "counter_value": In(32),
            }
        )

    def elaborate(self, platform):
        m = Module()
        size = self.config.weight_bits // 8
        m.submodules.checks = checks = Checks(config=self.config)
        m.submodules.walk = walk = WeightWalk(config=self.config)
        following = Signal(8)  # sequence number of the next command
        number, target = Signal(8), Signal(2)  # of the command at hand: sequence number, answer slot
        header = Signal(Header)
        arguments = Signal(8 * ARGUMENTS)
        count = Signal(range(8))  # clocks or bytes in a state
        at = Signal(6)  # offset in the payload
        end = Signal(6)  # offset in the answer
        shift, left = Signal(32), Signal(3)  # bytes to answer, the first one lowest, and how many
        ready = Signal()
        is_op = {op: Signal(name=f"is_{op.name.lower()}") for op in Opcode}
        m.d.sync += [is_op[op].eq(header.opcode == op) for op in Opcode]
        m.d.sync += ready.eq((self.pending & ~self.busy & (1 << self.slot)).any())

        constants = bytes((VERSION,)) + pack_config(self.config)
        constant = Signal(8)
        spelled = Signal(range(len(constants) + 1))  # constants that IDENTIFY has answered
        with m.Switch(spelled):
            for place, value in enumerate(constants):
                with m.Case(place):
                    m.d.comb += constant.eq(value)

        m.d.comb += [
            self.slot.eq(following[:2]),
            self.payload_address.eq(Cat(at, self.slot)),
            checks.header.eq(header),
            checks.arguments.eq(arguments),
            checks.beyond.eq(walk.beyond),
            checks.sample_valid.eq(self.sample_valid),
            checks.negative_policy.eq(self.negative_policy),
            walk.arguments.eq(arguments),
            walk.count.eq(Mux(is_op[Opcode.READ_WEIGHTS], arguments[24:32], (header.length - WEIGHTS_AT)[:6] // size)),
            self.weight_word.eq(walk.word),
            self.weight_lane.eq(walk.lane),
            self.register_address.eq(arguments[:8]),
            self.register_data.eq(arguments[8:]),
            self.commit_slot.eq(header.slot),
        ]
        m.d.sync += [self.answer_write.eq(0), self.command_start.eq(0), self.commit.eq(0), self.register_write.eq(0)]
        m.d.sync += [self.weight_write.eq(0), self.weight_read.eq(0)]
        m.d.sync += [self.answer_address.eq(Cat(end, target)), self.answer_data.eq(shift[:8])]

        def append(data=None):  # None: the first byte of `shift`
            m.d.sync += [self.answer_write.eq(1), end.eq(end + 1)]
            if data is not None:
                m.d.sync += self.answer_data.eq(data)

        with m.FSM(name="executor"):
            with m.State("IDLE"):
                m.d.comb += self.idle.eq(~ready)
                m.d.sync += [count.eq(0), at.eq(0), end.eq(0)]
                with m.If(ready):
                    m.d.sync += [number.eq(following), target.eq(self.slot)]
                    m.next = "HEADER"
            with m.State("HEADER"):
                m.d.sync += header.eq(self.header)
                m.next = "ARGUMENTS"
            with m.State("ARGUMENTS"):  # the byte at `at` arrives a clock later
                m.d.sync += [at.eq(at + 1), count.eq(count + 1)]
                with m.If(count != 0):
                    m.d.sync += arguments.eq(Cat(arguments[8:], self.payload))
                with m.If(count == ARGUMENTS):
                    append(number)
                    m.next = "WALK"
            with m.State("WALK"):
                m.d.comb += walk.start.eq(1)
                m.next = "WALK-WAIT"
            with m.State("WALK-WAIT"):
                m.next = "WALKING"
            with m.State("WALKING"):  # weight commands: to the last weight, before anything is done
                m.d.sync += count.eq(0)
                with m.If(~(is_op[Opcode.READ_WEIGHTS] | is_op[Opcode.WRITE_WEIGHTS]) | walk.last):
                    m.next = "CHECK"
                with m.Else():
                    m.d.comb += walk.step.eq(1)
                    m.next = "WALK-WAIT"
            with m.State("CHECK"):
                m.d.sync += [count.eq(count + 1), at.eq(WEIGHTS_AT), spelled.eq(0), self.counter_index.eq(0)]
                with m.If(count == 3):
                    m.d.comb += walk.start.eq(1)
                    append(checks.status)
                    m.next = "FINISH"
                    with m.If(checks.status == Status.OK):
                        m.next = "ACT"
            with m.State("ACT"):
                m.d.sync += count.eq(0)
                m.next = "FINISH"
                with m.If(is_op[Opcode.IDENTIFY]):
                    m.d.sync += [shift.eq(self.session), left.eq(4)]
                    m.next = "APPEND"
                with m.If(is_op[Opcode.READ_REGISTER]):
                    m.d.sync += [shift.eq(self.register_value), left.eq(4)]
                    m.next = "APPEND"
                with m.If(is_op[Opcode.WRITE_REGISTER]):
                    m.d.sync += self.register_write.eq(1)
                with m.If(is_op[Opcode.READ_WEIGHTS]):
                    m.d.sync += self.weight_read.eq(1)
                    m.next = "WEIGHT"
                with m.If(is_op[Opcode.WRITE_WEIGHTS]):
                    m.next = "WEIGHT-BYTES"
                with m.If(is_op[Opcode.LOAD_SAMPLE]):
                    m.d.sync += self.commit.eq(1)
                with m.If(is_op[Opcode.COUNTERS]):
                    m.next = "COUNTER"
                for op, code in ENGINE.items():
                    with m.If(is_op[op]):
                        m.d.sync += [self.command_start.eq(1), self.command.eq(code)]
                        phase = op == Opcode.TRAIN_PHASE
                        m.d.sync += self.command_label.eq(arguments.word_select(1 if phase else 0, 8))
                        m.d.sync += self.command_negative.eq(arguments.word_select(0 if phase else 1, 8))
                        m.next = "ENGINE"
            with m.State("ENGINE"):
                with m.If(self.result_valid):
                    append(self.result_data)
                with m.If(self.command_done):
                    m.next = "FINISH"
            with m.State("COUNTER"):
                m.d.sync += [count.eq(count + 1), shift.eq(self.counter_value), left.eq(4)]
                with m.If(count == 3):
                    m.d.sync += self.counter_index.eq(self.counter_index + 1)
                    m.next = "APPEND"
            with m.State("APPEND"):
                append()
                m.d.sync += [shift.eq(shift[8:]), left.eq(left - 1), count.eq(0)]
                with m.If(left == 1):
                    m.next = "FINISH"
                    with m.If(is_op[Opcode.IDENTIFY] & (spelled != len(constants))):
                        m.next = "CONSTANT"
                    with m.If(is_op[Opcode.COUNTERS] & (self.counter_index != len(COUNTERS))):
                        m.next = "COUNTER"
                    with m.If(is_op[Opcode.READ_WEIGHTS] & ~walk.last):
                        m.d.comb += walk.step.eq(1)
                        m.d.sync += self.weight_read.eq(1)
                        m.next = "WEIGHT"
            with m.State("CONSTANT"):
                m.d.sync += [shift.eq(constant), left.eq(1), spelled.eq(spelled + 1)]
                m.next = "APPEND"
            with m.State("WEIGHT-BYTES"):
                m.d.sync += [at.eq(at + 1), count.eq(count + 1)]
                with m.If(count != 0):
                    m.d.sync += self.weight_data.eq(Cat(self.weight_data[8:], self.payload))
                    if size == 1:
                        m.d.sync += self.weight_data.eq(self.payload.as_signed())
                with m.If(count == size):
                    m.d.sync += [self.weight_write.eq(1), at.eq(at)]
                    m.next = "WEIGHT"
            with m.State("WEIGHT"):
                m.d.sync += [shift.eq(self.weight_value), left.eq(size), count.eq(0)]
                with m.If(self.weight_ack):
                    m.next = "APPEND"
                    with m.If(is_op[Opcode.WRITE_WEIGHTS]):
                        m.d.comb += walk.step.eq(1)
                        m.next = "WEIGHT-BYTES"
                        with m.If(walk.last):
                            m.next = "FINISH"
            with m.State("FINISH"):
                m.d.sync += [self.answer_write.eq(1), self.answer_data.eq(end)]
                m.d.sync += self.answer_address.eq(Cat(C(LENGTH_AT, len(end)), target))
                m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += [self.send.eq(1 << target), self.executed.eq(1 << target)]
                m.d.sync += following.eq(following + 1)
                m.next = "REST"
            with m.State("REST"):  # until `ready` is that of the next slot
                m.next = "IDLE"

        with m.If(self.opened):
            m.d.sync += following.eq(self.sequence)
        return m
