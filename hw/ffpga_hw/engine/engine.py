"""The engine: lanes, weight memory and the units around them, joined into one pipeline.

Stages of a word, in clocks from its issue: 1 entry of the list, 2 row and input, 4 weights, then the lane.
Forward the sum is there at 8; in an update at 7, saturated at 9, and the word returns to the memory 7 clocks after
its read was asked for: an odd number, so that reads on even clocks leave the memory's port free. A memory with two
ports is for a fast clock: block RAM has registers at its output, and all stages from the second on come later.
"""

from amaranth import Array, Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import fetch_latency, memory_latency

from .array import LaneArray, group_bits, paired
from .delay import DelayMemory, delayed
from .dither import Dither
from .fetch import Fetch, made_place
from .goodness import Goodness
from .host_access import connect_counters, connect_registers, connect_tables
from .port import EnginePort
from .primitives import primitives
from .registers import Counters, Registers
from .scorer import Scorer, neuron_bits, slot_bits
from .sequencer import Sequencer
from .tables import Tables
from .vector import Vector
from .walker import Kind, Walker, layer_parameters


class Engine(wiring.Component):
    """Everything but the link. Its port is that of `port.py`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__({"port": In(EnginePort(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        m.submodules.registers = registers = Registers(config=config)
        m.submodules.counters = counters = Counters()
        m.submodules.sequencer = sequencer = Sequencer(config=config)
        m.submodules.walker = walker = Walker(config=config)
        m.submodules.fetch = fetch = Fetch(config=config)
        m.submodules.weights = weights = primitives(platform).weight_memory(config)
        m.submodules.array = array = LaneArray(config=config)
        m.submodules.dither = dither = Dither(config=config)
        m.submodules.scorer = scorer = Scorer(config=config)
        m.submodules.vector = vector = Vector(config=config)
        m.submodules.goodness = goodness = Goodness(config=config)
        self._connect_control(m, registers, counters, sequencer, walker, dither, scorer, vector, goodness)
        connect_registers(m, self, registers, sequencer, dither, goodness)
        self._connect_fetch(m, sequencer, walker, fetch, vector)
        self._connect_lanes(m, registers, sequencer, walker, fetch, array, dither, scorer, vector, weights)

        if config.black_box:
            m.submodules.tables = tables = Tables(config=config)
            connect_tables(m, self, tables, sequencer, vector)

        # Activities: written by the scorer, read for local errors and lists.
        m.submodules.activities = activities = memory.Memory(
            shape=ACTIVITY_BITS, depth=1 << slot_bits(config) + neuron_bits(config), init=[]
        )
        y_write, y_read = activities.write_port(), activities.read_port()
        m.d.comb += [
            y_write.en.eq(scorer.y_write),
            y_write.addr.eq(Cat(scorer.y_neuron, scorer.y_slot)),
            y_write.data.eq(scorer.y),
            y_read.addr.eq(Cat(vector.y_neuron, vector.y_slot)),
            vector.y.eq(y_read.data),
        ]
        return m

    def _connect_fetch(self, m: Module, sequencer: Sequencer, walker: Walker, fetch: Fetch, vector: Vector) -> None:
        """Samples and lists on their way into the walk."""
        config = self._config
        odd, label_a = Const(0), sequencer.label_a
        if config.recurrent:
            odd = vector.list_odd
            # After time 0 each phase has a walk of its own over the top layer, with one label.
            label_a = Mux(sequencer.phase, sequencer.label_b, sequencer.label_a)
            m.d.comb += [
                fetch.bottom_up.eq(sequencer.bottom_up),
                fetch.odd.eq(sequencer.odd_inputs),
                fetch.common.eq(sequencer.common),
                walker.length_above.eq(fetch.length_above),
                vector.odd.eq(sequencer.odd),
            ]
        made = made_place(config, vector.list_phase, vector.list_layer, odd)
        m.d.comb += [
            fetch.sample_write.eq(self.port.sample.write),
            fetch.sample_address.eq(self.port.sample.address),
            fetch.sample_row.eq(self.port.sample.row),
            fetch.sample_value.eq(self.port.sample.value),
            fetch.sample_bank.eq(self.port.sample.bank),
            fetch.sample_length.eq(self.port.sample.length.as_value()),
            fetch.sample_slot.eq(sequencer.sample_slot),
            fetch.list_write.eq(vector.list_write),
            fetch.list_address.eq(Cat(vector.list_pointer, made)),
            fetch.list_row.eq(vector.list_row),
            fetch.list_value.eq(vector.list_value),
            fetch.lengths.eq(vector.lengths),
            fetch.layer.eq(sequencer.layer),
            fetch.phase.eq(sequencer.phase),
            fetch.label_a.eq(label_a),
            fetch.label_b.eq(sequencer.label_b),
            fetch.every.eq(sequencer.every & ~sequencer.walk_update),
            fetch.kind.eq(walker.kind),
            fetch.pointer.eq(walker.pointer),
            fetch.label.eq(walker.label),
            fetch.group_base.eq(walker.group_base),
            walker.length.eq(fetch.length),
        ]

    def _connect_lanes(
        self,
        m: Module,
        registers: Registers,
        sequencer: Sequencer,
        walker: Walker,
        fetch: Fetch,
        array: LaneArray,
        dither: Dither,
        scorer: Scorer,
        vector: Vector,
        weights: wiring.Component,
    ) -> None:
        """The pipeline from the issue of a word to its sum, or back to the memory."""
        config = self._config
        lanes, wbits, groups = config.lanes, config.weight_bits, group_bits(config)
        latency = memory_latency(config)
        later = latency - 2
        late = fetch_latency(config) - 2 + later
        quick = int(late > 0)  # with a fast clock, what holds for long comes from a register of its own
        update = delayed(m, sequencer.walk_update, quick)[quick]

        def stages(signal: Signal, last: int, *, reset: bool = False) -> list[Signal]:
            """`signal` at each stage up to `last`, which from stage 2 on are as late as the weights."""
            return delayed(m, signal, last + late, reset=reset)[late:]

        issue = stages(walker.issue, 9, reset=True)
        kind, label = stages(walker.kind, 4), stages(walker.label, 4)
        first, group, turn = stages(walker.first, 3), stages(walker.group, 2), stages(walker.turn, 3)
        m.submodules.addresses = addresses = DelayMemory(width=len(fetch.address), clocks=7 + later)
        m.d.comb += addresses.i.eq(fetch.address)
        product, last = Signal(), Signal()
        m.d.comb += product.eq(issue[4] & (kind[4] != Kind.LABEL))
        m.d.comb += last.eq(issue[4] & (kind[4] == Kind.BIAS) & ~update)
        begun = Signal()  # a forward walk
        m.d.sync += begun.eq(scorer.restart & ~sequencer.walk_update)
        products, captures = delayed(m, product, 3, reset=True), delayed(m, last, 4, reset=True)

        read = delayed(m, self.port.weight.read, latency + 3, reset=True)

        # Stage 2: the local errors of the word's row; in a forward walk the label that the scorer wants.
        # (Where lanes share a memory, the odd ones' errors are fetched at stage 1.)
        label_sets = [Mux(sequencer.single, 0, ordinal + 1)[:2] for ordinal in label]
        if config.recurrent:  # a walk's list and its label have the same local errors
            label_sets = [sequencer.update_set] * len(kind)
        sets = [Mux(k == Kind.LABEL, s, sequencer.update_set) for k, s in zip(kind, label_sets, strict=True)]
        fetched = [Cat(group[n][:groups], sets[n]) for n in (1, 2)]
        m.d.comb += [
            array.scratch_read.eq(Mux(update, Mux(array.odd, *fetched), scorer.label)),
            array.update.eq(update),
            array.odd.eq(issue[1] if paired(config) else 0),
            array.keep.eq(update & ~issue[2]),
            array.rate.eq(registers.learning_rate),
            array.plain.eq(registers.rounding),
            array.value.eq(delayed(m, fetch.value, later)[later]),
            array.weights.eq(weights.read_data),
            array.noise.eq(dither.words),
            array.load.eq(issue[5] & update),
            array.add.eq(Mux(update, issue[6], products[3])),
            array.clear.eq(captures[4] | begun),
            # A word that the host reads passes as a label's, too.
            array.label_write.eq((issue[4] & (kind[4] == Kind.LABEL) & ~update) | read[latency]),
            array.label.eq(Mux(sequencer.active, label[4], scorer.label)),
            scorer.host.eq(~sequencer.active),
            scorer.host_lane.eq(self.port.weight.lane),
            array.g_write.eq(vector.g_write),
            array.g_address.eq(Cat(vector.g_group[:groups], vector.g_set)),
            array.g.eq(vector.g),
            scorer.capture.eq(captures[4]),
            scorer.sums.eq(array.sums),
            scorer.label_word.eq(array.scratch),
            # The dither steps with the row, a clock ahead of its weights.
            dither.step.eq(issue[3] & update & ~registers.rounding),
            dither.first.eq(first[3]),
            dither.turn.eq(turn[3]),
            dither.commit.eq(walker.done & update & ~registers.rounding),
        ]

        # The weight memory: the walk, or one weight for the host. With one port, words come every other clock, and
        # a lane's register holds its new weight until the memory takes it; the host's goes there too.
        written = delayed(m, self.port.weight.write, 3 + quick, reset=True)
        write_back = Signal()
        raw, limited = self.port.weight.data[:wbits].as_signed(), Signal(signed(wbits))
        given = delayed(m, limited, quick)[quick]
        limit = config.weight_max
        m.d.comb += [
            write_back.eq(issue[9] & update),
            limited.eq(Mux(raw > limit, limit, Mux(raw < -limit, -limit, raw))),
            weights.read_address.eq(Mux(sequencer.running, fetch.address, self.port.weight.word)),
            weights.write_enable.eq(write_back.replicate(lanes) | Mux(written[2], 1 << self.port.weight.lane, 0)),
            weights.write_address.eq(Mux(write_back, addresses.o, self.port.weight.word)),
            self.port.weight.value.eq(scorer.label_weight),
            self.port.weight.ack.eq(written[-1] | read[-1]),
        ]
        if config.memory_ports == 1:
            m.d.comb += [
                array.host.eq(written[1]),
                array.given.eq(given),
                array.take.eq(issue[8] | written[2]),
                weights.write_data.eq(array.word),
            ]
        else:
            m.d.comb += [
                array.take.eq(1),
                weights.write_data.eq(Mux(write_back, array.word, given.replicate(lanes))),
            ]

    def _connect_control(
        self,
        m: Module,
        registers: Registers,
        counters: Counters,
        sequencer: Sequencer,
        walker: Walker,
        dither: Dither,
        scorer: Scorer,
        vector: Vector,
        goodness: Goodness,
    ) -> None:
        """Sequencer, registers and counters with the units that they steer."""
        config = self._config
        parameters = layer_parameters(config)
        by_layer = {key: Array([p[key] for p in parameters])[sequencer.layer] for key in ("base", "rows", "groups")}
        temperatures = Array([getattr(registers, f"temperature{n}") for n in range(config.depth)])
        m.d.comb += [
            sequencer.start.eq(self.port.step.start),
            sequencer.command.eq(self.port.step.command),
            sequencer.label.eq(self.port.step.label),
            sequencer.negative.eq(self.port.step.negative),
            dither.draw.eq(sequencer.draw),
            sequencer.threshold_objective.eq(registers.objective),
            sequencer.minus.eq(registers.polarity),
            sequencer.policy.eq(registers.negative_policy),
            sequencer.shortlist.eq(registers.shortlist),
            sequencer.random.eq(dither.random),
            sequencer.walk_done.eq(walker.done),
            sequencer.scored.eq(scorer.done),
            sequencer.selected.eq(goodness.label),
            sequencer.total_done.eq(goodness.done),
            sequencer.changes.eq(goodness.changes),
            sequencer.listed.eq(vector.listed),
        ]
        busy = Signal()
        with m.If(walker.issue & (walker.kind == Kind.BIAS) & ~sequencer.walk_update):
            m.d.sync += busy.eq(1)
        with m.Elif(scorer.last):
            m.d.sync += busy.eq(0)
        m.d.comb += [
            walker.start.eq(sequencer.walk_start),
            walker.update.eq(sequencer.walk_update),
            walker.base.eq(by_layer["base"]),
            walker.rows.eq(by_layer["rows"]),
            walker.groups.eq(by_layer["groups"]),
            walker.labels.eq(sequencer.walk_labels),
            walker.busy.eq(busy),
            walker.ready.eq(vector.ready),
        ]
        named, sum_first, told_goodness = sequencer.labelled, sequencer.layer == 0, goodness.result_valid
        if config.recurrent:
            named, sum_first = sequencer.named, sequencer.sum_first
            told_goodness = goodness.result_valid & ~sequencer.quiet
            m.d.comb += sequencer.time_steps.eq(registers.time_steps)
        m.d.comb += [
            scorer.slots.eq(sequencer.slots),
            scorer.every.eq(sequencer.every),
            scorer.slot_a.eq(Mux(named, sequencer.label_a, sequencer.score_slot)),
            scorer.slot_b.eq(sequencer.label_b),
            scorer.labelled.eq(sequencer.labelled),
            scorer.first_layer.eq(sequencer.layer == 0),
            scorer.groups.eq(by_layer["groups"]),
        ]
        m.d.comb += [
            goodness.select.eq(sequencer.select_start),
            goodness.decide.eq(sequencer.decide_start),
            goodness.sum.eq(sequencer.sum_start),
            goodness.tell.eq(sequencer.tell_start),
            goodness.swap.eq(vector.second),
            goodness.first.eq(sum_first),
            goodness.excluded.eq(sequencer.excluded),
            goodness.among.eq(sequencer.among),
            goodness.lowest.eq(registers.polarity),
            goodness.pair.eq(~sequencer.single),
            goodness.negate.eq(sequencer.negate),
            goodness.k.eq(temperatures[sequencer.layer]),
            goodness.gate.eq(registers.update_gate),
            goodness.total.eq(scorer.total),
            scorer.total_slot.eq(goodness.slot),
            scorer.total_write.eq(goodness.store),
            scorer.total_write_slot.eq(goodness.store_slot),
            scorer.total_write_data.eq(goodness.b),
        ]
        m.d.comb += [
            vector.start.eq(sequencer.vector_start),
            vector.errors.eq(sequencer.vector_errors),
            vector.sets.eq(sequencer.vector_sets),
            vector.normals.eq(sequencer.vector_normals),
            vector.read.eq(sequencer.vector_read),
            vector.layer.eq(sequencer.layer),
            vector.negate.eq(sequencer.negate),
            vector.c.eq(goodness.c),
            vector.slot_a.eq(sequencer.slot_a),
            vector.slot_b.eq(sequencer.slot_b),
            vector.total.eq(goodness.a),
        ]
        told = vector.told & (vector.told_part == self.port.step.negative)
        m.d.sync += [  # registered, for the sake of the clock's frequency
            self.port.step.done.eq(sequencer.done),
            self.port.result.valid.eq(sequencer.result_valid | told_goodness | told),
            self.port.result.data.eq(
                Mux(told, vector.told_value, Mux(sequencer.result_valid, sequencer.result, goodness.result))
            ),
            scorer.restart.eq(sequencer.walk_start),
            sequencer.vector_idle.eq(vector.idle & ~sequencer.vector_start),
        ]
        connect_counters(m, self, counters, sequencer, walker)
