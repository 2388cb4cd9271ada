"""When a command begins: one runs, one waits for it, for its sample and for room."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from ..engine.signatures.port import StepPort, sample_slots
from ..machine import Machine
from .register_map import Error, Operation
from .signatures import Command, Commands, WaitingSamples

#: Clocks between a command's end and the next one's beginning, as a power of two.
REST_BITS = 2


class Dispatcher(wiring.Component):
    """Dispatcher of commands.

    A command begins when the one before has ended, the samples that it takes are there, and there is room for its
    answer. It then takes its samples, bad ones too, and is started, or fails.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "commands": In(Commands(config)),  #: from the window
                "samples": Out(WaitingSamples(config)),  #: to the loader
                "room": In(1),  #: for the answer of the next command
                "step": Out(StepPort()),  #: to the engine
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        commands = self.commands
        waits, runs = Signal(Command), Signal(Command)
        wanted = Signal(sample_slots(self._config))  # samples that the command that waits takes
        spoilt, ready = Signal(), Signal()
        rest = Signal(REST_BITS)
        m.d.sync += self.step.start.eq(0)
        m.d.comb += [
            ready.eq(commands.pending & self.room & ~(wanted & ~self.samples.waiting).any()),
            self.step.command.eq(runs.operation),
            self.step.label.eq(runs.label),
            self.step.negative.eq(runs.negative),
        ]
        with m.If(commands.put):
            m.d.sync += [commands.pending.eq(1), waits.eq(commands.given), wanted.eq(commands.take)]
        needed = Mux(runs.operation == Operation.TRAIN_PAIR, self.samples.valid.all(), self.samples.valid[0])
        m.d.comb += commands.running.eq(1)
        with Machine(m, "dispatcher") as machine:
            with machine.state("IDLE"):
                m.d.comb += [commands.quiet.eq(~commands.pending), commands.running.eq(0)]
                with m.If(ready & ~commands.cancel):
                    m.d.comb += self.samples.commit.eq(wanted)
                    m.d.sync += [spoilt.eq((wanted & self.samples.bad).any()), runs.eq(waits), commands.pending.eq(0)]
                    machine.go("JUDGE")
            with machine.state("JUDGE"):
                m.d.sync += commands.why.eq(Mux(spoilt, Error.BAD_SAMPLE, Error.NO_SAMPLE))
                with m.If(spoilt | ~needed):
                    machine.go("FAIL")
                with m.Else():
                    m.d.sync += self.step.start.eq(1)
                    machine.go("RUN")
            with machine.state("FAIL"):
                m.d.comb += commands.failed.eq(1)
                with m.If(commands.heard):
                    machine.go("IDLE")
            with machine.state("RUN"):
                with m.If(self.step.done):
                    machine.go("REST")
            with machine.state("REST"):  # until the engine is idle, and the answer is kept
                m.d.sync += rest.eq(rest + 1)
                with m.If(rest.all()):
                    m.d.comb += commands.finished.eq(1)
                    machine.go("IDLE")
        with m.If(commands.cancel):
            m.d.sync += commands.pending.eq(0)
        return m
