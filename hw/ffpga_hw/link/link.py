"""The core's link: byte streams on one side, the engine's commands, registers, weights and samples on the other."""

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ffpga_golden.config import NetworkConfig

from ..engine.signatures.port import EnginePort
from .executor import Executor
from .intake import Intake
from .receiver import Receiver
from .samples import Samples
from .sender import Sender
from .slots import answer_memory, payload_memory


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
                "i": In(stream.Signature(8)),  #: bytes from the host; one takes 10 clocks
                "o": Out(stream.Signature(8)),  #: bytes to the host
                "beat": Out(1),  #: the highest bit of the next command's number
                "engine": Out(EnginePort(config)),  #: to the engine
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = Receiver()
        m.submodules.intake = intake = Intake(few_bits=self.config.few_bits)
        m.submodules.samples = samples = Samples(config=self.config)
        m.submodules.executor = executor = Executor(config=self.config)
        m.submodules.sender = sender = Sender()
        m.submodules.payloads = payloads = payload_memory(self.config)
        m.submodules.answers = answers = answer_memory()

        # From the line to the line.
        connect(m, flipped(self.i), receiver.i)
        connect(m, receiver.o, intake.i)
        connect(m, intake.payload, payloads.write_port(granularity=8))
        connect(m, intake.sample, samples.i)
        connect(m, intake.frames, executor.frames)
        connect(m, payloads.read_port(), executor.payload)
        connect(m, executor.samples, samples.loaded)
        connect(m, executor.answer, answers.write_port())
        connect(m, executor.answers, sender.answers)
        connect(m, intake.repeat, sender.repeat)
        connect(m, intake.refusal, sender.refusal)
        connect(m, answers.read_port(), sender.answer)
        connect(m, sender.o, flipped(self.o))
        m.d.comb += self.beat.eq(intake.frames.number[-1])
        m.d.sync += intake.quiet.eq(executor.idle & sender.idle)  # late, but then nothing pends

        # The engine's side.
        connect(m, samples.sample, flipped(self.engine.sample))
        connect(m, executor.step, flipped(self.engine.step))
        connect(m, executor.result, flipped(self.engine.result))
        connect(m, executor.register, flipped(self.engine.register))
        connect(m, executor.weight, flipped(self.engine.weight))
        connect(m, executor.counter, flipped(self.engine.counter))
        if self.config.black_box:
            connect(m, executor.table, flipped(self.engine.table))
        m.d.sync += self.engine.link_error.eq(intake.refusal.send)
        return m
