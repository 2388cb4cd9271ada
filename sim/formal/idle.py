"""The engine always comes back to idle: every command, every setting, every outcome of the arithmetic."""

from amaranth.hdl import Cat, Signal, Value
from amaranth.lib.wiring import Out

from ffpga_golden import NetworkConfig
from ffpga_hw.engine import engine as engine_module
from ffpga_hw.engine.engine import Engine
from ffpga_hw.engine.sequencer import Sequencer
from ffpga_hw.engine.walker import Walker

from .bench import Bench, anything, unknown
from .broken import Broken
from .memory import Platform
from .proof import Proof

#: One feature, one neuron: every unit and every state, few clocks.
SMALLEST = NetworkConfig(features=1, classes=2, layers=(1,), lanes=1)


def comes_back(b: Bench, config: NetworkConfig, clocks: int, commands: tuple[int, ...]) -> None:
    """From a reset with anything in registers and memories: one command, and after some clocks the engine is idle.

    Settings are any, but stay; goodness, activities, weights and random numbers are any in every clock.
    """
    m, engine = b.m, Engine(config=config)
    with anything(engine_module, "Registers", "Counters", "LaneArray", "Dither"):
        inside = b.inside(engine, Platform())
    age = b.age(clocks + 4)
    names = ("weight_read", "weight_write", "register_write", "register_step", "register_load")
    command, label, negative = b.fixed(2, "command"), b.fixed(8, "label"), b.fixed(8, "negative")
    length = b.fixed(len(Value.cast(engine.sample_length)), "length")
    b.drive(
        engine, command_start=age == 3, command=command, command_label=label, command_negative=negative,
        sample_length=length, **dict.fromkeys(names, 0),
    )  # fmt: skip
    b.given(Cat(command == one for one in commands).any())
    b.given((label < config.classes) & (negative < config.classes) & (length <= config.features))
    for _, member, port in inside.registers.signature.flatten(inside.registers):
        if member.flow == Out:
            b.given((age < 2) | (Value.cast(port) == b.before(port)))
    b.given(inside.registers.shortlist >= 1)
    ended = Signal()
    m.d.sync += ended.eq(ended | engine.command_done)
    rests = ~inside.sequencer.active & ~inside.walker.running & inside.vector.idle
    b.claim((age < clocks + 4) | (ended & rests))
    b.witness(ended & rests & (command == commands[0]))


def proofs() -> list[Proof]:
    """Each command on its own."""
    return [
        Proof(
            name=f"idle: {name}",
            claim=f"{name} ends, and the engine is idle, within {clocks} clocks",
            of="engine, 1-1 network, 2 classes, all settings, any goodness, activity, weight and random number",
            bench=lambda b, clocks=clocks, commands=commands: comes_back(b, SMALLEST, clocks, commands),  # type: ignore
            method="bounded",
            depth=clocks + 8,
            search=clocks + 8,
            rewritten=Broken(
                Engine, "goodness.total.eq(scorer.total)", "goodness.total.eq(unknown(m, len(scorer.total)))",
                {"unknown": unknown}),
            broken=[
                Broken(Walker, "last_label.eq(self.label == label_before)", "last_label.eq(0)"),
                Broken(Sequencer, "with m.If(self.vector_idle):", "with m.If(self.vector_idle & ~self.changes):"),
            ],
        )
        for name, clocks, commands in (("a phase", 120, (1,)), ("an inference", 140, (2,)), ("a pair", 240, (0,)))
    ]  # fmt: skip
