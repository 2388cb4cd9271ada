"""The core's link: byte streams on one side, the engine's commands, registers, weights and samples on the other."""

from amaranth.hdl import Cat, Module
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out, connect

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import WINDOW

from ..interface import command_ports, engine_ports, flipped, sample_ports
from .executor import IDENTITY_AT, Executor, identity
from .intake import Intake
from .receiver import Receiver
from .samples import Samples
from .sender import UNCHECKED, Sender


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
        super().__init__(
            {
                #: Bytes from the host; one takes 10 clocks.
                "i": In(stream.Signature(8)),
                #: Bytes to the host.
                "o": Out(stream.Signature(8)),
                #: The highest bit of the next command's number.
                "beat": Out(1),
                **flipped(engine_ports(config)),
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
            self.beat.eq(intake.number[-1]),
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
        m.d.sync += intake.quiet.eq(executor.idle & sender.idle)  # late, but then nothing pends
        for name in sample_ports(self.config):
            m.d.comb += getattr(self, name).eq(getattr(samples, name))
        for name, member in command_ports(self.config).items():
            source, sink = (executor, self) if member.flow == In else (self, executor)
            m.d.comb += getattr(sink, name).eq(getattr(source, name))
        return m
