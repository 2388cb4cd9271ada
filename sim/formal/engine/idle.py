"""The engine always comes back to idle: every command, every setting, every outcome of the arithmetic."""

from amaranth.hdl import Signal, Value
from amaranth.lib.wiring import Out

from ffpga_golden import NetworkConfig, Objective
from ffpga_hw.engine import engine as engine_module
from ffpga_hw.engine.control.sequencer import INFER, PAIR, PHASE, Sequencer
from ffpga_hw.engine.engine import Engine
from ffpga_hw.engine.vectors.scorer import Scorer
from formal.prover.bench import Bench, anything, unknown
from formal.prover.broken import Broken
from formal.prover.proof import Proof

from .memory import Platform

#: Layers of one neuron all have the same rows: yosys finds a constant in the register that holds them, and then cannot
#: bring it together with what the register begins with, which is unset later anyway.
CONSTANT = "setattr -unset init w:sizes__rows*"


def smallest(layers: int) -> NetworkConfig:
    """One feature, layers of one neuron: every unit and every state, few clocks."""
    return NetworkConfig(features=1, classes=2, layers=(1,) * layers, lanes=1)


def comes_back(b: Bench, config: NetworkConfig, clocks: int, command: int, objective: int) -> None:
    """From a reset with anything in registers and memories: one command, and after some clocks the engine is idle.

    Settings are any, but stay; goodness, activities, weights and random numbers are any in every clock.
    """
    m, engine = b.m, Engine(config=config)
    with anything(engine_module, "Registers", "Counters", "LaneArray", "Dither", "Activities"):
        inside = b.inside(engine, Platform())
    age = b.age(clocks + 4)
    names = ("port_weight_read", "port_weight_write", "port_register_write", "port_register_step", "port_register_load")
    label, negative = b.fixed(8, "label"), b.fixed(8, "negative")
    length = b.fixed(len(Value.cast(engine.port.sample.length)), "length")
    b.drive(
        engine, port_step_start=age == 3, port_step_command=command, port_step_label=label,
        port_step_negative=negative, port_sample_length=length, **dict.fromkeys(names, 0),
    )  # fmt: skip
    b.given((label < config.classes) & (negative < config.classes) & (length <= config.features))
    for _, member, port in inside.registers.signature.flatten(inside.registers):
        if member.flow == Out:
            b.given((age < 2) | (Value.cast(port) == b.before(port)))
    b.given(~inside.vector.activity.more)  # one neuron is scored at a time
    settings = inside.registers.settings
    b.given((settings.shortlist >= 1) & (settings.objective == objective))
    ended = Signal()
    m.d.sync += ended.eq(ended | engine.port.step.done)
    rests = ~inside.sequencer.state.active & ~inside.walker.running & inside.vector.idle
    b.claim((age < clocks + 4) | (ended & rests))
    b.witness(ended & rests)


def proofs() -> list[Proof]:
    """Each command on its own, with each objective where that matters."""
    untold = {"unknown": unknown}
    goodness = Broken(Scorer, "port.total.eq(total_read.data)", "port.total.eq(unknown(m, len(port.total)))", untold)
    found = []
    for name, layers, clocks, command, objective in (
        ("a pair, contrast", 1, 130, PAIR, Objective.CONTRAST),
        ("a pair, threshold", 1, 180, PAIR, Objective.THRESHOLD),
        ("a phase", 2, 190, PHASE, Objective.THRESHOLD),
        ("an inference", 2, 240, INFER, Objective.THRESHOLD),
    ):
        config = smallest(layers)

        def bench(b: Bench, config=config, clocks=clocks, command=command, objective=objective) -> None:
            comes_back(b, config, clocks, command, objective)

        found.append(
            Proof(
                name=f"idle: {name}",
                claim=f"{name} ends, and the engine is idle, within {clocks} clocks",
                of=f"engine, {'-'.join('1' * (layers + 1))} network, 2 classes, all settings, "
                "any goodness, activity, weight and random number",
                bench=bench,
                method="bounded",
                depth=clocks + 8,
                search=clocks + 8,
                seconds=400,
                rewritten=goodness,
                extra=CONSTANT,
                broken=[
                    Broken(Sequencer, "with m.If(score.done):", "with m.If(score.done & settings.objective):")
                    if objective == Objective.CONTRAST
                    else Broken(Sequencer, "with m.If(score.done):", "with m.If(score.done & (layer != 0)):"),
                ],
            )
        )
    return found
