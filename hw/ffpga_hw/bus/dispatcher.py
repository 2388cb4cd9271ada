"""When a command begins: one runs, one waits for it, for its sample and for room."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from ..interface import sample_slots
from ..machine import Machine
from .register_map import Error, Operation

#: Clocks between a command's end and the next one's beginning, as a power of two.
REST_BITS = 2


class Command(data.Struct):
    """A command, as the engine takes it."""

    operation: 2
    label: 8
    negative: 8


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
        slots = sample_slots(config)
        super().__init__(
            {
                #: A command whose values are good (pulse), while none waits; samples that it takes, a bit a slot.
                "put": In(1),
                "given": In(Command),
                "take": In(slots),
                #: Give up the one that waits (pulse).
                "cancel": In(1),
                "pending": Out(1),  #: one waits
                "running": Out(1),  #: one has begun, and has not ended
                "quiet": Out(1),  #: neither
                "finished": Out(1),  #: pulse
                #: A command failed, until `heard`.
                "failed": Out(1),
                "why": Out(Error),
                "heard": In(1),
                #: Of samples and answers.
                "waiting": In(slots),
                "bad": In(slots),
                "sample_valid": In(slots),
                "commit": Out(slots),
                "room": In(1),
                #: To and from the engine.
                "command_start": Out(1),
                "command": Out(2),
                "command_label": Out(8),
                "command_negative": Out(8),
                "command_done": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        waits, runs = Signal(Command), Signal(Command)
        wanted = Signal(sample_slots(self._config))  # samples that the command that waits takes
        spoilt, ready = Signal(), Signal()
        rest = Signal(REST_BITS)
        m.d.sync += self.command_start.eq(0)
        m.d.comb += [
            ready.eq(self.pending & self.room & ~(wanted & ~self.waiting).any()),
            self.command.eq(runs.operation),
            self.command_label.eq(runs.label),
            self.command_negative.eq(runs.negative),
        ]
        with m.If(self.put):
            m.d.sync += [self.pending.eq(1), waits.eq(self.given), wanted.eq(self.take)]
        needed = Mux(runs.operation == Operation.TRAIN_PAIR, self.sample_valid.all(), self.sample_valid[0])
        m.d.comb += self.running.eq(1)
        with Machine(m, "dispatcher") as machine:
            with machine.state("IDLE"):
                m.d.comb += [self.quiet.eq(~self.pending), self.running.eq(0)]
                with m.If(ready & ~self.cancel):
                    m.d.comb += self.commit.eq(wanted)
                    m.d.sync += [spoilt.eq((wanted & self.bad).any()), runs.eq(waits), self.pending.eq(0)]
                    machine.go("JUDGE")
            with machine.state("JUDGE"):
                m.d.sync += self.why.eq(Mux(spoilt, Error.BAD_SAMPLE, Error.NO_SAMPLE))
                with m.If(spoilt | ~needed):
                    machine.go("FAIL")
                with m.Else():
                    m.d.sync += self.command_start.eq(1)
                    machine.go("RUN")
            with machine.state("FAIL"):
                m.d.comb += self.failed.eq(1)
                with m.If(self.heard):
                    machine.go("IDLE")
            with machine.state("RUN"):
                with m.If(self.command_done):
                    machine.go("REST")
            with machine.state("REST"):  # until the engine is idle, and the answer is kept
                m.d.sync += rest.eq(rest + 1)
                with m.If(rest.all()):
                    m.d.comb += self.finished.eq(1)
                    machine.go("IDLE")
        with m.If(self.cancel):
            m.d.sync += self.pending.eq(0)
        return m
