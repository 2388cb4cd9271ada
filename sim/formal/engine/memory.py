"""The weight memory as the engine drives it: one port, one purpose a clock; what is changed returns where it was."""

from typing import Any

from amaranth.hdl import Cat, Value

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import fetch_latency, memory_latency
from ffpga_hw.engine import engine as engine_module
from ffpga_hw.engine.control.walker import Walker
from ffpga_hw.engine.engine import Engine
from ffpga_hw.engine.lanes.pipeline import Pipeline
from ffpga_hw.engine.lanes.primitives import Portable
from formal.prover.bench import Anything, Bench, anything, one_hot
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small

#: Units that may do anything; what is asked of them is assumed.
FREE = ("Registers", "Counters", "Sequencer", "LaneArray", "Dither", "Scorer", "Vector", "Goodness")


class FreeMemory(Portable):
    """A weight memory that says anything."""

    def weight_memory(self, config: NetworkConfig) -> Anything:
        return Anything(super().weight_memory(config))


class Platform:
    """Builds the engine around that memory."""

    primitives = FreeMemory()


def returns(b: Bench, config: NetworkConfig) -> None:
    """The real walker, fetch and pipeline between units that may do anything."""
    engine = Engine(config=config)
    with anything(engine_module, *FREE):
        inside = b.inside(engine, Platform())
    read, write = b.free(1, "weight_read"), b.free(1, "weight_write")
    b.drive(engine, port_weight_read=read, port_weight_write=write)
    walker, sequencer, weights = inside.walker, inside.sequencer, inside.weights
    order, sizes, state, work = sequencer.walk, walker.sizes, sequencer.state, inside.array.work
    walk = b.inside(walker)
    address = inside.fetch.fetched.address
    update, running = order.update, walker.running
    late = fetch_latency(config)
    back = 7 + memory_latency(config) - 2  # clocks from a word's address to its return
    history = [walker.word.issue]
    for _ in range(late + back):
        history.append(b.before(history[-1]))
    asked = history[late]
    pipe = Cat(history[1:])

    # The sequencer: parameters hold during a walk, the next one starts after it; forward words have passed before
    # it, since they are scored first. `idle.py` sees all of them at work.
    b.given((state.update == update) & (state.begun == b.before(order.start)) & (state.ended == order.done))
    b.given(~(order.start & (running | (pipe.any() & ~update))))
    length = walker.lengths.list
    held = Cat(sizes.base, sizes.rows, sizes.groups, order.labels, length, update)
    b.given(~running | (held == b.before(held)))
    b.given(~(update & ~b.before(update)) | ~(pipe.any() | running))
    b.given(~running | state.running)
    b.given((sizes.groups >= 1) & (sizes.groups <= max(config.groups)) & (length <= config.features))
    b.given(order.labels <= config.classes)
    b.given(~inside.scorer.busy | ~update)
    b.given(~(order.open & update & running))  # an update's lists are complete
    # The executor: one access at a time, none beside a command.
    host = read | write
    hosts = [b.before(host, n) for n in range(1, 9)]
    b.given(~host | ~(state.running | Cat(hosts).any() | (pipe.any() & update)))
    b.given(~Cat(hosts).any() | ~(state.running | update))
    b.given(~(read & write))

    writes = weights.write_enable.any()
    if config.memory_ports == 1:
        b.claim(~writes | ~(asked | read))
    returning = history[late + back] & update
    b.claim(~returning | (weights.write_enable.all() & (weights.write_address == b.before(address, back))))
    b.claim(~writes | returning | b.before(write, 2))
    # What the lanes are promised.
    loaded = b.before(work.load)
    b.claim(~loaded | work.add)
    b.claim(~(work.clear & (work.add | work.load)))
    if config.memory_ports == 1:
        b.claim(~(work.load & work.add))
    _invariants(b, config, walk, history, update, running)
    b.witness(returning & asked if config.memory_ports == 2 else returning & history[late + 1])
    b.witness(b.before(write, 2) & writes)


def _invariants(
    b: Bench, config: NetworkConfig, walk: Any, history: list[Value], update: Value, running: Value
) -> None:
    """How far words have come in each state of the walker; claimed too, they lead the prover."""
    state = walk.machine._bits
    b.claim(one_hot(Cat(*state.values())))
    b.claim(state["FLUSH"] | state["IDLE"] | (walk.wait == 0))
    b.claim(~state["FLUSH"] | ~update | (walk.order.done == (walk.wait == walk.flush - 1)))
    b.claim(state["FLUSH"] | ~walk.order.done)
    b.claim(~state["FLUSH"] | (walk.wait < walk.flush))
    if config.memory_ports == 1:
        b.claim(~walk.go | walk.beat)
    for n, issued in list(enumerate(history))[1:]:
        if config.memory_ports == 1:
            b.claim(~(issued & update) | (walk.beat == (n + 1) % 2))
        b.claim(~(issued & update) | running & ~state["ENTER"])
        b.claim(~(state["FLUSH"] & issued & update) | (walk.wait < n))


def proofs() -> list[Proof]:
    """Both kinds of memory."""
    return [
        Proof(
            name=f"memory: {ports} port{'s' * (ports > 1)}",
            claim=("the memory never reads and writes in one clock; " if ports == 1 else "")
            + "every word that is changed returns to its address; the lanes are driven as they ask for",
            of=f"engine's walker and pipeline, {ports}-port memory, 3-4-4 network, any other units",
            bench=lambda b, ports=ports: returns(b, small(memory_ports=ports)),
            method="induction",
            depth=10 if ports == 1 else 14,
            search=30,
            broken=[
                Broken(Pipeline, "RETURN - ROW + weights_late", "RETURN - ROW + weights_late + 1"),
                Broken(Walker, "order.done.eq(update & (wait == flush - 2))", "order.done.eq(update)"),
                *([Broken(Walker, "due = enter | ~beat | ~update", "due = enter | ~enter")] if ports == 1 else []),
            ],
        )
        for ports in (1, 2)
    ]
