"""The core's link: byte streams on one side, the engine's commands, registers, weights and samples on the other."""

from amaranth.hdl import Cat, Module, unsigned
from amaranth.lib import data, memory, stream, wiring
from amaranth.lib.wiring import In, Out, connect
from amaranth.utils import ceil_log2

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import WINDOW

from .executor import IDENTITY_AT, Executor, identity
from .intake import Intake
from .receiver import Receiver
from .samples import Samples
from .sender import UNCHECKED, Sender

#: Engine-side ports that the executor drives or reads itself.
ENGINE_PORTS = (
    "command_start",
    "command",
    "command_label",
    "command_negative",
    "command_done",
    "result_valid",
    "result_data",
    "register_address",
    "register_place",
    "register_write",
    "register_data",
    "register_load",
    "register_step",
    "register_value",
    "negative_policy",
    "weight_word",
    "weight_lane",
    "weight_write",
    "weight_read",
    "weight_data",
    "weight_value",
    "weight_ack",
    "counter_address",
    "counter_read",
    "counter_valid",
    "counter_value",
)


class Link(wiring.Component):
    """The device end of `ffpga_golden.protocol`.

    Commands are executed in the order of their sequence numbers, each exactly once, one at a time; while the engine
    works on one, the next frames come in and a sample is written to the bank that the engine does not use.
    Registers, weights and counters are touched only while the engine is idle.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.

    Raises
    ------
    TypeError
        `config` is no NetworkConfig.
    """

    def __init__(self, *, config: NetworkConfig):
        if not isinstance(config, NetworkConfig):
            raise TypeError(f"config must be a NetworkConfig, not {config!r}")
        self.config = config
        slots = 1 if config.classes else 2
        bits = max(1, ceil_log2(config.features))
        super().__init__(
            {
                #: Bytes from the host; one takes 10 clocks.
                "i": In(stream.Signature(8)),
                #: Bytes to the host.
                "o": Out(stream.Signature(8)),
                #: Write port of the sample list: {index, bank, slot (unlabelled only)}, index lowest; row and value.
                "list_write_enable": Out(1),
                "list_write_address": Out(bits + slots),
                "list_write_row": Out(bits),
                "list_write_value": Out(8),
                #: Per slot: bank that holds the current sample, its number of entries, and whether there is one.
                "sample_bank": Out(slots),
                "sample_length": Out(data.ArrayLayout(unsigned(config.features.bit_length()), slots)),
                "sample_valid": Out(slots),
                #: Start a command (pulse): 0 pair, 1 phase, 2 infer. The command and its labels stay until it is done.
                "command_start": Out(1),
                "command": Out(2),
                #: Label of the sample.
                "command_label": Out(8),
                #: Pair: the host's negative label. Phase: 1 for the negative phase.
                "command_negative": Out(8),
                #: The engine has finished (pulse), at the earliest with or after its last result byte.
                "command_done": In(1),
                #: Bytes of the answer, taken between start and done, at most 58, never held back.
                "result_valid": In(1),
                "result_data": In(8),
                #: Registers: four bytes in four clocks, the lowest first; `place` counts them, `write` or `step`
                #: comes with each. `load` goes before those that are read.
                "register_address": Out(4),
                "register_place": Out(2),
                "register_write": Out(1),
                "register_data": Out(8),
                "register_load": Out(1),
                "register_step": Out(1),
                "register_value": In(8),
                #: Value of register negative_policy.
                "negative_policy": In(2),
                #: One weight: read or write pulse; address and data stay until `weight_ack` (pulse): written, or
                #: `weight_value` valid. 8-bit weights in the low byte, sign-extended when written.
                "weight_word": Out(16),
                "weight_lane": Out(8),
                "weight_write": Out(1),
                "weight_read": Out(1),
                "weight_data": Out(16),
                "weight_value": In(16),
                "weight_ack": In(1),
                #: Counters, in the order of `registers.COUNTERS`: from `valid` on, which `read` brings about and
                #: holds, they do not change; the byte of an address {counter, byte} comes a clock after it.
                "counter_address": Out(6),
                "counter_read": Out(1),
                "counter_valid": In(1),
                "counter_value": In(8),
                #: A frame was refused (pulse).
                "link_error": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = Receiver()
        m.submodules.intake = intake = Intake()
        m.submodules.samples = samples = Samples(config=self.config)
        m.submodules.executor = executor = Executor(config=self.config)
        m.submodules.sender = sender = Sender()
        # The high bytes of the words before the header are never written: they hold what IDENTIFY answers.
        constants = [0] * IDENTITY_AT + identity(self.config)
        constants = [byte << 8 for byte in constants + [0] * (64 - len(constants))] * WINDOW
        m.submodules.payloads = payloads = memory.Memory(shape=16, depth=64 * WINDOW, init=constants, attrs=UNCHECKED)
        m.submodules.answers = answers = memory.Memory(shape=9, depth=64 * WINDOW, init=[], attrs=UNCHECKED)

        connect(m, wiring.flipped(self.i), receiver.i)
        connect(m, receiver.o, intake.i)
        connect(m, sender.o, wiring.flipped(self.o))

        write, read = payloads.write_port(granularity=8), payloads.read_port()
        m.d.comb += [
            write.en.eq(Cat(intake.payload_write, intake.header_write)),
            write.addr.eq(intake.payload_address),
            write.data.eq(intake.payload_data),
            read.addr.eq(executor.payload_address),
            executor.payload.eq(read.data),
        ]
        write, read = answers.write_port(), answers.read_port()
        m.d.comb += [
            write.en.eq(executor.answer_write),
            write.addr.eq(executor.answer_address),
            write.data.eq(Cat(executor.answer_data, executor.answer_mark)),
            read.addr.eq(sender.answer_address),
            Cat(sender.answer_data, sender.answer_mark).eq(read.data),
        ]

        m.d.comb += [
            intake.executed.eq(executor.executed),
            intake.session_load.eq(executor.session_load),
            intake.session_byte.eq(executor.session_byte),
            intake.quiet.eq(executor.idle & sender.idle),
            intake.refuse_hold.eq(sender.refuse_hold),
            intake.refusing.eq(sender.refusing),
            intake.sample_stall.eq(samples.stall),
            intake.sample_bad.eq(samples.bad),
            samples.byte_valid.eq(intake.sample_byte_valid),
            samples.byte.eq(receiver.o.payload.data),
            samples.zero.eq(receiver.o.payload.zero),
            samples.first.eq(intake.sample_first),
            samples.gap.eq(intake.sample_gap),
            samples.accept.eq(intake.sample_accept),
            samples.commit.eq(executor.commit),
            executor.pending.eq(intake.pending[0]),
            executor.number.eq(intake.number),
            executor.busy.eq(sender.busy),
            executor.sample_valid.eq(samples.sample_valid),
            sender.slot.eq(intake.number),
            sender.send.eq(executor.executed),
            sender.skip.eq(intake.skip),
            sender.resend.eq(intake.resend),
            sender.resend_slot.eq(intake.resend_slot),
            sender.refuse.eq(intake.refuse),
            sender.refuse_sequence.eq(intake.expected),
            sender.refuse_status.eq(intake.refuse_status),
            self.link_error.eq(intake.refuse),
        ]
        for name in ("enable", "address", "row", "value"):
            m.d.comb += getattr(self, f"list_write_{name}").eq(getattr(samples, f"write_{name}"))
        for name in ("bank", "length", "valid"):
            m.d.comb += getattr(self, f"sample_{name}").eq(getattr(samples, f"sample_{name}"))
        for name in ENGINE_PORTS:
            mine, theirs = getattr(self, name), getattr(executor, name)
            inward = self.signature.members[name].flow == In
            m.d.comb += theirs.eq(mine) if inward else mine.eq(theirs)
        return m
