"""The registers: what an access does, in the clocks that it takes."""

from amaranth.hdl import C, Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig, registers
from ffpga_golden.protocol import fields_tag, pack_config

from ..engine.signatures.port import CounterPort, RegisterPort, TablePort, WeightPort
from ..link.walk import WeightWalk
from ..machine import Machine
from .checks import Checks
from .register_map import (
    COUNTERS_AT,
    IDENTITY,
    INDEX_BITS,
    MAP_VERSION,
    RUN_TIME_AT,
    Error,
    register_map,
)
from .signatures import Access, AnswerRegister, Commands, SampleRegister

#: Registers that are touched only while no command waits or runs, with those of run time and the counters.
QUIET = ("WEIGHT_ADDRESS", "WEIGHT", "TABLE_ADDRESS", "TABLE")


class Window(wiring.Component):
    """The register window of `register_map`.

    An access ends after 2 clocks; one to a run-time register after 6 to 10, to a counter after up to 80, to a weight
    after some 10. What is refused changes nothing but ERROR and the count of refusals.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "access": In(Access()),  #: from `Lite`
                "commands": Out(Commands(config)),  #: to the dispatcher
                "samples": Out(SampleRegister(config)),  #: to the loader
                "answers": Out(AnswerRegister()),  #: to the keeper of answers
                "irq": Out(1),  #: an enabled event has come
                "link_error": Out(1),  #: an access or a command was refused (pulse)
                # The engine's.
                "register": Out(RegisterPort()),
                "weight": Out(WeightPort()),
                "counter": Out(CounterPort()),
                **({"table": Out(TablePort())} if config.black_box else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, access, commands = self._config, self.access, self.commands
        data = access.data
        size = config.weight_bits
        table = {register.name: register for register in register_map(config)}
        m.submodules.checks = checks = Checks(config=config)
        m.submodules.walk = walk = WeightWalk(config=config)

        # After a reset a black box is made ready first, as if a command ran.
        tables = self.table.ready if config.black_box else C(1, 1)
        quiet, running = commands.quiet & tables, commands.running | ~tables

        # Where the access goes; known a clock after it came.
        further = [register.name.upper() for register in registers(config) if register.address >= 16]
        hit = {name: Signal(name=f"at_{name.lower()}") for name in table}
        run_time, counter, quietly = Signal(), Signal(), Signal()
        allowed = Signal()
        m.d.sync += [hit[name].eq(access.index == register.index) for name, register in table.items()]
        m.d.sync += [
            run_time.eq(self._among(RUN_TIME_AT, *further)),
            counter.eq(self._among(COUNTERS_AT)),
            quietly.eq(self._among(RUN_TIME_AT, COUNTERS_AT, *further, *QUIET)),
            allowed.eq(self._allowed()),
        ]

        code, enabled, pending = Signal(Error), Signal(2), Signal(2)
        reason = Signal(Error)
        refused = Signal()
        place = Signal(4)  # counts the bytes and clocks of an access
        entry = Signal(range(256 * (config.depth - 1) + 1) if config.black_box else 1)
        control_blocked = Signal()
        m.d.comb += [
            checks.data.eq(data),
            checks.negative_policy.eq(self.register.negative_policy),
            control_blocked.eq((data[2] != self.answers.chosen) & ~(quiet & ~self.answers.some)),
        ]

        # Why it is refused.
        busy = (
            (quietly & ~quiet)
            | (hit["COMMAND"] & commands.pending)
            | (hit["SAMPLE"] & ~self.samples.room)
            | (hit["ANSWER"] & ~self.answers.chosen)
            | (hit["CONTROL"] & access.write & control_blocked)
        )
        bad = [(hit["COMMAND"], checks.command), (hit["WEIGHT_ADDRESS"] & access.write, checks.place)]
        bad.append((hit["WEIGHT"], Mux(walk.beyond, Error.BAD_VALUE, Error.NONE)))
        if config.black_box:
            bad.append((hit["TABLE_ADDRESS"] & access.write, checks.table))
            bad.append((hit["TABLE"], Mux(entry == 256 * (config.depth - 1), Error.BAD_VALUE, Error.NONE)))
        wrong = [Mux(here, Value.cast(why), 0) for here, why in bad]
        with m.If(~allowed):
            m.d.comb += reason.eq(Error.BAD_ADDRESS)
        with m.Elif(access.write & access.partial):
            m.d.comb += reason.eq(Error.PARTIAL)
        with m.Elif(busy):
            m.d.comb += reason.eq(Error.BUSY)
        with m.Else():
            m.d.comb += reason.eq(_any(wrong))

        # What is read at once.
        words = self._words(running, code, enabled, pending, walk, entry)
        plain = _any([Mux(hit[name], Value.cast(word)[:32], 0) for name, word in words.items()])

        m.d.comb += [
            commands.given.operation.eq(data[:2]),
            commands.given.label.eq(data[8:16]),
            commands.given.negative.eq(data[16:24]),
            commands.take.eq(data[24:]),
            self.samples.data.eq(data),
            walk.byte.eq(data.word_select(place[:2], 8)),
            self.weight.word.eq(walk.word),
            self.weight.lane.eq(walk.lane),
            self.weight.data.eq(data[:size].as_signed()),
            self.register.address.eq(Cat(access.index[:4], access.index[5])),
            self.register.place.eq(place[:2]),
            self.register.data.eq(data.word_select(place[:2], 8)),
            self.counter.address.eq(Cat(place[2:], access.index[:4])),
            self.irq.eq((enabled & pending).any()),
        ]
        if config.black_box:
            m.d.comb += [self.table.address.eq(entry), self.table.data.eq(data)]

        with Machine(m, "window") as machine:
            with machine.state("IDLE"):
                m.d.sync += [place.eq(0), access.error.eq(0)]
                with m.If(access.request):
                    machine.go("JUDGE")
                with m.Else():
                    m.d.comb += commands.heard.eq(commands.failed)
            with machine.state("JUDGE"):
                m.d.sync += access.value.eq(plain)
                machine.go("END")
                with m.If(reason != Error.NONE):
                    m.d.comb += refused.eq(1)
                    m.d.sync += access.error.eq(1)
                with m.Elif(access.write):
                    self._write(m, hit, code, enabled, pending, entry)
                    with m.If(run_time):
                        machine.go("STORE")
                    with m.If(hit["WEIGHT_ADDRESS"]):
                        machine.go("PLACE")
                    with m.If(hit["WEIGHT"]):
                        m.d.comb += self.weight.write.eq(1)
                        machine.go("WEIGHT")
                with m.Else():
                    m.d.comb += self.answers.pop.eq(hit["ANSWER"] & self.answers.some)
                    with m.If(run_time):
                        machine.go("LOAD")
                    with m.If(counter):
                        machine.go("STOP")
                    with m.If(hit["WEIGHT"]):
                        m.d.comb += self.weight.read.eq(1)
                        machine.go("WEIGHT")
                if config.black_box:
                    with m.If(hit["TABLE"] & (reason == Error.NONE)):
                        m.d.sync += entry.eq(entry + 1)
            with machine.state("PLACE"):
                m.d.comb += walk.load.eq(1 << place[:2])
                m.d.sync += place.eq(place + 1)
                with m.If(place == 2):
                    machine.go("END")
            with machine.state("WEIGHT"):
                with m.If(self.weight.ack):
                    m.d.comb += walk.step.eq(1)
                    m.d.sync += access.value.eq(self.weight.value[:size].as_signed())
                    machine.go("END")
            with machine.state("STORE"):
                m.d.comb += self.register.write.eq(1)
                m.d.sync += place.eq(place + 1)
                with m.If(place == 3):
                    machine.go("END")
            with machine.state("LOAD"):  # until a threshold has come out of its memory
                m.d.comb += self.register.load.eq(1)
                m.d.sync += place.eq(place + 1)
                with m.If(place == 3):
                    m.d.sync += place.eq(0)
                    machine.go("BYTES")
            with machine.state("BYTES"):
                m.d.comb += self.register.step.eq(1)
                m.d.sync += [place.eq(place + 1), access.value.eq(Cat(access.value[8:], self.register.value))]
                with m.If(place == 3):
                    machine.go("END")
            with machine.state("STOP"):
                m.d.comb += self.counter.read.eq(1)
                with m.If(self.counter.valid):
                    machine.go("COUNT")
            with machine.state("COUNT"):  # a byte every four clocks
                m.d.comb += self.counter.read.eq(1)
                m.d.sync += place.eq(place + 1)
                with m.If(place[:2] == 3):
                    m.d.sync += access.value.eq(Cat(access.value[8:], self.counter.value))
                with m.If(place.all()):
                    machine.go("END")
            with machine.state("END"):
                m.d.comb += access.done.eq(1)
                machine.go("WAIT")
            with machine.state("WAIT"):  # `request` has gone
                m.d.comb += commands.heard.eq(commands.failed)
                machine.go("IDLE")

        # Errors and events.
        m.d.comb += self.link_error.eq(refused | commands.heard)
        with m.If(self.link_error):
            m.d.sync += pending[1].eq(1)
            with m.If(code == Error.NONE):
                m.d.sync += code.eq(Mux(refused, reason, commands.why))
        with m.If(commands.finished):
            m.d.sync += pending[0].eq(1)
        return m

    def _among(self, *places: int | str) -> Value:
        """Whether the access goes to a register of these names, or to one of the 16 words at an address."""
        found = []
        for place in places:
            if isinstance(place, int):
                found.append(self.access.index[4:] == place >> 6)
            else:
                found += [self.access.index == r.index for r in register_map(self._config) if r.name == place]
        return Cat(found).any()

    def _allowed(self) -> Value:
        """Whether the access is one that its register has."""
        table = register_map(self._config)
        read = sum(1 << register.index for register in table if register.readable)
        write = sum(1 << register.index for register in table if register.writable)
        size = 1 << INDEX_BITS
        return Mux(self.access.write, C(write, size), C(read, size)).bit_select(self.access.index, 1)

    def _words(
        self, running: Value, code: Signal, enabled: Signal, pending: Signal, walk: WeightWalk, entry: Signal
    ) -> dict[str, Value | int]:
        """Registers that are read at once."""
        fields = self._config.fields
        described = pack_config(self._config)[: -4 if fields else None].ljust(16, b"\0")
        sizes = [int.from_bytes(described[at : at + 4], "little") for at in range(0, 16, 4)]
        commands, samples, answers = self.commands, self.samples, self.answers
        state = Cat(running, commands.pending, answers.some, code != Error.NONE, samples.room, C(0, 3), samples.waiting)
        words: dict[str, Value | int] = {
            "IDENTITY": C(IDENTITY, 32),
            "VERSION": C(MAP_VERSION, 32),
            **{name: C(word, 32) for name, word in zip(("SIZES", "BUILD", "WIDTHS0", "WIDTHS1"), sizes, strict=True)},
            "STATUS": state,
            "ERROR": code,
            "CONTROL": Cat(C(0, 2), answers.chosen),
            "IRQ_ENABLE": enabled,
            "IRQ_PENDING": pending,
            "WEIGHT_ADDRESS": Cat(walk.word, walk.lane),
            "ANSWER": Mux(answers.some, Cat(answers.byte, C(1, 1)), 0),
        }
        if fields:
            words["FIELDS"] = C(fields_tag(fields), 32)
        if self._config.black_box:
            words |= {"TABLE_ADDRESS": entry, "TABLE": self.table.value}
        return words

    def _write(
        self, m: Module, hit: dict[str, Signal], code: Signal, enabled: Signal, pending: Signal, entry: Signal
    ) -> None:
        """Registers that are written at once."""
        data = self.access.data
        m.d.comb += [
            self.commands.put.eq(hit["COMMAND"]),
            self.samples.beat.eq(hit["SAMPLE"]),
            self.commands.cancel.eq(hit["CONTROL"] & data[0]),
            self.samples.discard.eq(hit["CONTROL"] & data[1]),
        ]
        with m.If(hit["CONTROL"]):
            m.d.sync += self.answers.chosen.eq(data[2])
        with m.If(hit["ERROR"]):
            m.d.sync += code.eq(Error.NONE)
        with m.If(hit["IRQ_ENABLE"]):
            m.d.sync += enabled.eq(data)
        with m.If(hit["IRQ_PENDING"]):
            m.d.sync += pending.eq(pending & ~data[:2])
        if self._config.black_box:
            m.d.comb += self.table.write.eq(hit["TABLE"])
            with m.If(hit["TABLE_ADDRESS"]):
                m.d.sync += entry.eq(data)


def _any(values: list[Value]) -> Value:
    """The one of them that is not 0."""
    found: Value = C(0)
    for value in values:
        found = found | value
    return found
