"""Groups as early as they may follow each other: each is scored whole, from its own sums and labels' weights."""

from functools import reduce
from operator import or_

from amaranth.hdl import Array, Mux, Signal

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import scored_together
from ffpga_hw.engine.lanes.pipeline import BEGIN, SUM, WEIGHTS
from ffpga_hw.engine.vectors.scorer import Scorer
from formal.prover.bench import Bench
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small


def scores_its_own(b: Bench, config: NetworkConfig) -> None:
    """Biases whenever the scorer is not busy, label words behind each, at the stages of the pipeline.

    Groups are told apart by a bit that changes from one to the next: it goes with the labels' words into the lanes'
    memories, and with the sums into the scorer.
    """
    m, dut = b.m, Scorer(config=config)
    inside = b.inside(dut)
    together = scored_together(config)
    added, steps = together.bit_length() - 1, config.lanes // together
    slots, bias = b.fixed(len(dut.order.slots), "slots"), b.free(1, "bias")
    begin, capture = b.before(bias, BEGIN), b.before(bias, SUM)
    slot_a, slot_b = (b.fixed(len(dut.order.slot_a), name) for name in ("slot_a", "slot_b"))
    every, some, contender = b.fixed(1, "every"), b.fixed(1, "some"), b.fixed(len(dut.order.contender), "contender")
    age = b.age(4)
    b.drive(
        dut, order_slots=slots, order_restart=age < 2, order_every=every, order_slot_a=slot_a, order_slot_b=slot_b,
        order_some=some, order_contender=contender, group_bias=bias, group_begin=begin, group_capture=capture,
        totals_store=0, one_host=0,
    )  # fmt: skip

    # The walker: label words follow their bias, and then the next group.
    walked, label = Signal(), Signal(range(config.classes + 1))
    b.given((slots >= 1) & (slots <= config.classes) & (every | (slots <= 2)) & (slot_a != slot_b))
    # The true label and those that contend, from a first one on: each once.
    b.given(~some | (every & (slot_a < config.classes) & (contender < config.classes) & (contender != slot_a)))
    b.given(~bias | ((age == 4) & ~dut.busy & ~walked))
    group = Signal()
    m.d.sync += group.eq(group ^ bias)
    with m.If(bias):
        m.d.sync += [walked.eq(1), label.eq(0)]
    with m.Elif(walked):
        m.d.sync += [label.eq(label + 1), walked.eq(label + 1 != slots)]
    writes, written, whose = (b.before(one, WEIGHTS) for one in (walked, label, group))
    words = Array(Signal(name=f"word{n}") for n in range(config.classes))
    with m.If(writes):
        m.d.sync += words[written].eq(whose)

    # The scorer's group, and the one whose sums it has, in whose order.
    scored, held, turned = Signal(), Signal(), Signal(range(steps + 1))
    m.d.sync += scored.eq(scored ^ begin)
    runs, lasts = inside.runs, inside.step_lasts
    with m.If(capture):
        m.d.sync += [held.eq(scored), turned.eq(0)]
    with m.Elif(runs[3]):
        m.d.sync += turned.eq(Mux(turned == steps - 1, 0, turned + 1))
    wanted = dut.labels.label
    reads = inside.run & dut.labels.read
    b.claim(~begin | ~inside.run | inside.last)
    b.claim(~reads | ~(writes & (written == wanted)))
    b.claim(~reads | (words[wanted] == scored))
    b.claim(~runs[3] | ((turned == b.before(inside.step, 3)) & (held == b.before(scored, 3))))
    # A total that is read has been written.
    slots_of = [b.before(inside.slot, clocks) for clocks in range(5 + added)]
    on_its_way = reduce(
        or_,
        (
            runs[stage + added] & lasts[stage + added] & (slots_of[stage - 5 + added] == slots_of[2 + added])
            for stage in (8, 9)
        ),
    )
    b.claim(~(runs[7 + added] & lasts[7 + added] & on_its_way))
    b.witness(begin & inside.last & (slots == config.classes))
    b.witness(dut.order.done)


def proofs() -> list[Proof]:
    """One neuron a clock, where a total may be read as soon as it was written; two, where words wait to be written."""
    read = Broken(Scorer, "self.labels.read.eq(step == 0)", "self.labels.read.eq(1)")
    return [
        Proof(
            name=f"scoring: {lanes} lanes",
            claim="every group is scored from its own sums and labels' weights, which are never read where they are "
            "written; a total is read after it was written",
            of=f"Scorer, {lanes} lanes, 3 classes, groups as early as they may come or later",
            bench=lambda b, lanes=lanes: scores_its_own(b, small(lanes=lanes, layers=(2 * lanes,) * 2, classes=3)),
            search=60,
            broken=[Broken(Scorer, "else scored) - 3", "else scored) - 4"), *own],
        )
        for lanes, own in ((2, []), (8, [read]))
    ]
