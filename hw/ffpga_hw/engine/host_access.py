"""The host's way into the engine: registers, counters, tables of a black box."""

from amaranth import Cat, Module, Mux
from amaranth.lib import wiring

from ffpga_golden import COUNTERS

from .dither import Dither
from .goodness import Goodness
from .registers import Counters, Registers
from .sequencer import INFER, PAIR, PHASE, Sequencer
from .tables import Tables
from .vector import Vector
from .walker import Walker


def connect_registers(
    m: Module,
    engine: wiring.Component,
    registers: Registers,
    sequencer: Sequencer,
    dither: Dither,
    goodness: Goodness,
) -> None:
    """The host's way to the registers: small ones, the seed, thresholds in the totals' memory."""
    m.d.comb += [
        registers.address.eq(engine.port.register.address),
        registers.place.eq(engine.port.register.place),
        registers.write.eq(engine.port.register.write),
        registers.step.eq(engine.port.register.step),
        registers.data.eq(engine.port.register.data),
        engine.port.register.value.eq(registers.value),
        engine.port.register.negative_policy.eq(registers.negative_policy),
        dither.shift.eq(registers.seed_shift),
        dither.shift_in.eq(registers.seed_in),
        registers.seed.eq(dither.state[:8]),
        sequencer.written_thresholds.eq(registers.written),
        goodness.load.eq(engine.port.register.load),
        goodness.push.eq(registers.threshold_push),
        goodness.pushed.eq(engine.port.register.data),
        goodness.keep.eq(registers.threshold_keep),
        registers.threshold.eq(goodness.a[:8]),
        goodness.slot_a.eq(Mux(sequencer.active, sequencer.total_a, registers.threshold_slot)),
        goodness.slot_b.eq(sequencer.total_b),
        goodness.slot_sum.eq(Mux(sequencer.active, sequencer.total_sum, registers.store_slot)),
    ]


def connect_counters(
    m: Module, engine: wiring.Component, counters: Counters, sequencer: Sequencer, walker: Walker
) -> None:
    """What the counters count, and where the host reads them."""
    finished = {command: sequencer.done & (engine.port.step.command == command) for command in (PAIR, PHASE, INFER)}
    events = {
        "clocks": sequencer.running,
        "words_read": walker.issue & ~sequencer.walk_update,
        "words_updated": walker.issue & sequencer.walk_update,
        "pairs": finished[PAIR],
        "phases": finished[PHASE],
        "inferences": finished[INFER],
        "updates": sequencer.updated,
        "updates_skipped": sequencer.skipped,
        "link_errors": engine.port.link_error,
    }
    m.d.comb += [
        counters.count.eq(Cat(events[name] for name in COUNTERS)),
        counters.address.eq(engine.port.counter.address),
        counters.read.eq(engine.port.counter.read),
        engine.port.counter.valid.eq(counters.valid),
        engine.port.counter.value.eq(counters.value),
    ]


def connect_tables(m: Module, engine: wiring.Component, tables: Tables, sequencer: Sequencer, vector: Vector) -> None:
    """The black box: the host writes and reads its tables, the engine looks them up."""
    m.d.comb += [
        tables.address.eq(engine.port.table.address),
        tables.write.eq(engine.port.table.write),
        tables.data.eq(engine.port.table.data),
        tables.active.eq(sequencer.active),
        tables.index.eq(vector.table_index),
        tables.layer.eq(vector.list_layer),
        vector.table_value.eq(tables.value),
        engine.port.table.value.eq(tables.value),
        engine.port.table.ready.eq(tables.ready),
    ]
