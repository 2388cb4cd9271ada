"""The engine: lanes, weight memory and the units around them, joined into one pipeline.

Stages of a word, in clocks from its issue: 1 entry of the list, 2 row and input, 4 weights, then the lane.
Forward the sum is there at 8; in an update at 7, saturated at 9, and the word returns to the memory 7 clocks after
its read was asked for: an odd number, so that reads on even clocks leave the memory's port free.
"""

from amaranth import Array, Cat, Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import COUNTERS, NetworkConfig
from ffpga_golden.arithmetic import LABEL_VALUE

from .decision import Decision, Selector
from .dither import Dither
from .lane import Lane, Saturate
from .registers import Counters, Registers
from .scorer import Scorer, neuron_bits, slot_bits
from .sequencer import INFER, PAIR, PHASE, Sequencer
from .vector import Vector
from .walker import Kind, Walker, layer_parameters
from .weight_memory import WeightMemory


def delayed(m: Module, signal: Signal, clocks: int, *, reset: bool = False) -> list[Signal]:
    """`signal` 0 to `clocks` clocks later."""
    out = [signal]
    for n in range(clocks):
        later = Signal(signal.shape(), name=f"{signal.name}_{n + 1}", reset_less=not reset)
        m.d.sync += later.eq(out[-1])
        out.append(later)
    return out


def row_bits(config: NetworkConfig) -> int:
    """Bits of a feature's index."""
    return max(1, (config.features - 1).bit_length())


class Engine(wiring.Component):
    """Everything but the link. Ports are the link's, seen from the other side (see `ffpga_hw.link.Link`).

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        slots = 1 if config.classes else 2
        bits = row_bits(config)
        super().__init__(
            {
                "list_write_enable": In(1),
                "list_write_address": In(bits + slots),  #: {index, bank, slot}
                "list_write_row": In(bits),
                "list_write_value": In(8),
                "sample_bank": In(slots),
                "sample_length": In(config.features.bit_length() * slots),
                "command_start": In(1),
                "command": In(2),
                "command_label": In(8),
                "command_negative": In(8),
                "command_done": Out(1),
                "result_valid": Out(1),
                "result_data": Out(8),
                "register_address": In(8),
                "register_write": In(1),
                "register_data": In(32),
                "register_value": Out(32),
                "negative_policy": Out(2),
                "weight_word": In(16),
                "weight_lane": In(8),
                "weight_write": In(1),
                "weight_read": In(1),
                "weight_data": In(16),
                "weight_value": Out(16),
                "weight_ack": Out(1),
                "counter_index": In(4),
                "counter_value": Out(32),
                "link_error": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        lanes, wbits = config.lanes, config.weight_bits
        m.submodules.registers = registers = Registers(config=config)
        m.submodules.counters = counters = Counters()
        m.submodules.sequencer = sequencer = Sequencer(config=config)
        m.submodules.walker = walker = Walker(config=config)
        m.submodules.weights = weights = WeightMemory(config=config)
        m.submodules.dither = dither = Dither(config=config)
        m.submodules.scorer = scorer = Scorer(config=config)
        m.submodules.vector = vector = Vector(config=config)
        m.submodules.decision = decision = Decision(config=config)
        m.submodules.selector = selector = Selector(config=config)
        self._connect_control(m, registers, counters, sequencer, walker, dither, scorer, vector, decision, selector)

        # Lists: the samples, and the inputs of the layers above by (layer parity, phase).
        bits, neuron = row_bits(config), neuron_bits(config)
        slot_count = 1 if config.classes else 2
        m.submodules.samples = samples = memory.Memory(shape=bits + 8, depth=1 << bits + slot_count, init=[])
        sample_write, sample_read = samples.write_port(), samples.read_port()
        m.submodules.lists = lists = memory.Memory(shape=neuron + 8, depth=4 << neuron, init=[])
        list_write, list_read = lists.write_port(), lists.read_port()
        first_layer = Signal()
        sample_slot = sequencer.sample_slot if slot_count == 2 else 0
        length_bits = config.features.bit_length()
        m.d.comb += [
            first_layer.eq(sequencer.layer == 0),
            sample_write.en.eq(self.list_write_enable),
            sample_write.addr.eq(self.list_write_address),
            sample_write.data.eq(Cat(self.list_write_row, self.list_write_value)),
            list_write.en.eq(vector.list_write),
            list_write.addr.eq(Cat(vector.list_pointer, vector.list_phase, ~vector.list_layer[0])),
            list_write.data.eq(Cat(vector.list_row, vector.list_value)),
            sample_read.addr.eq(
                Cat(
                    walker.pointer[:bits] if bits <= 10 else walker.pointer,
                    self.sample_bank.bit_select(sample_slot, 1) if slot_count == 2 else self.sample_bank,
                    *([sample_slot] if slot_count == 2 else []),
                )
            ),
            list_read.addr.eq(Cat(walker.pointer[:neuron], sequencer.phase, sequencer.layer[0])),
            walker.length.eq(
                Mux(
                    first_layer,
                    self.sample_length.word_select(sample_slot, length_bits),
                    vector.lengths.word_select(Cat(sequencer.phase, sequencer.layer[0]), neuron + 1),
                )
            ),
        ]

        # Stages 0 to 2: from the issue to the row, the input, the word's address.
        issue = delayed(m, walker.issue, 9, reset=True)
        kind = delayed(m, walker.kind, 4)
        label = delayed(m, walker.label, 4)
        first = delayed(m, walker.first, 2)
        base = delayed(m, walker.group_base, 2)
        group = delayed(m, walker.group, 2)
        turn = delayed(m, walker.turn, 3)
        update = sequencer.walk_update
        row, value = Signal(11, reset_less=True), Signal(8, reset_less=True)
        label_row, bias_row = Signal(11), Signal(11)
        bias_rows = Array([p["bias"] for p in layer_parameters(config)])
        m.d.comb += [
            label_row.eq(
                config.features
                + Mux(
                    sequencer.every & ~update,
                    label[1],
                    Mux(label[1] == 0, sequencer.label_a, sequencer.label_b),
                )
            ),
            bias_row.eq(bias_rows[sequencer.layer]),
        ]
        with m.If(kind[1] == Kind.LIST):
            m.d.sync += row.eq(Mux(first_layer, sample_read.data[:bits], list_read.data[:neuron]))
            m.d.sync += value.eq(Mux(first_layer, sample_read.data[bits:], list_read.data[neuron:]))
        with m.Else():
            m.d.sync += row.eq(Mux(kind[1] == Kind.BIAS, bias_row, label_row))
            m.d.sync += value.eq(LABEL_VALUE)
        address = Signal.like(weights.read_address)
        m.d.comb += address.eq(base[2] + row)
        addresses = delayed(m, address, 7)

        # The lanes' own memory: words of labels (forward), sets of local errors (update).
        group_bits = max(1, (max(config.groups) - 1).bit_length())
        scratch_bits = max(group_bits + 2, 5)
        label_word = Signal(16 * lanes)
        scratch_address = Signal(scratch_bits)
        label_set = Signal(2)
        m.d.comb += label_set.eq(Mux(sequencer.single, 0, label[2] + 1))
        with m.If(update):
            m.d.comb += scratch_address.eq(
                Cat(group[2][:group_bits], Mux(kind[2] == Kind.LABEL, label_set, sequencer.update_set))
            )
        with m.Else():
            m.d.comb += scratch_address.eq(scorer.label)
        label_write = Signal()
        m.d.comb += [
            label_write.eq(issue[4] & (kind[4] == Kind.LABEL) & ~update),
            scorer.label_word.eq(label_word),
        ]

        # Stages 3 and up: the lanes.
        rate = registers.learning_rate
        high = Signal()
        m.d.comb += high.eq(rate[4] if wbits == 8 else 0)
        shifted = Signal(signed(16), reset_less=True)
        m.d.sync += shifted.eq(value << (rate[:3] ^ 7))
        plain_value = delayed(m, value, 2)
        capture = Signal()
        is_bias = Signal()
        m.d.comb += is_bias.eq(walker.issue & (walker.kind == Kind.BIAS) & ~update)
        captures = delayed(m, is_bias, 8, reset=True)
        product = Signal()
        m.d.comb += product.eq(walker.issue & (walker.kind != Kind.LABEL))
        products = delayed(m, product, 7, reset=True)
        m.d.comb += [capture.eq(captures[8]), scorer.capture.eq(capture)]
        word = Signal(lanes * wbits)
        write_enable = Signal(lanes)
        for n in range(lanes):
            m.submodules[f"lane{n}"] = lane = Lane()
            m.submodules[f"saturate{n}"] = saturate = Saturate(config=config)
            m.submodules[f"scratch{n}"] = scratch = memory.Memory(shape=16, depth=1 << scratch_bits, init=[])
            scratch_write, scratch_read = scratch.write_port(), scratch.read_port()
            weight = weights.read_data[n * wbits : (n + 1) * wbits].as_signed()
            noise = dither.words[32 * n : 32 * n + 32]
            plain = registers.rounding
            wide = Signal(signed(32), name=f"c{n}")
            low_15 = Mux(plain, 1 << 14, noise[:15])
            low_23 = Mux(plain, 1 << 22, noise[:23])
            m.d.comb += [
                wide.eq(Mux(high, Cat(low_23, weight[:8], weight[7]), Cat(low_15, weight, weight[-1].replicate(17)))),
                lane.a.eq(Mux(update, scratch_read.data.as_signed(), weight)),
                lane.b.eq(Mux(update, shifted, plain_value[2])),
                lane.c.eq(wide),
                lane.enable.eq(Mux(update, issue[6], products[7])),
                lane.load.eq(update),
                lane.clear.eq(capture | (walker.start & ~update)),
                scorer.sums[32 * n : 32 * n + 32].eq(lane.sum),
                saturate.sum.eq(lane.sum),
                saturate.high.eq(high),
                word[n * wbits : (n + 1) * wbits].eq(saturate.weight),
                scratch_read.addr.eq(scratch_address),
                label_word[16 * n : 16 * n + 16].eq(scratch_read.data),
                scratch_write.en.eq(vector.g_write[n] | label_write),
                scratch_write.addr.eq(Mux(label_write, label[4], Cat(vector.g_group[:group_bits], vector.g_set))),
                scratch_write.data.eq(Mux(label_write, weight, vector.g)),
            ]

        # The weight memory: the walk, or one weight for the host.
        host_write = Signal(lanes)
        host = delayed(m, self.weight_write, 2, reset=True)
        host_read = delayed(m, self.weight_read, 3, reset=True)
        write_back = Signal()
        raw, given = Signal(signed(wbits)), Signal(signed(wbits))
        limit = config.weight_max
        m.d.comb += [
            raw.eq(self.weight_data),
            given.eq(Mux(raw > limit, limit, Mux(raw < -limit, -limit, raw))),
        ]
        m.d.comb += [
            write_back.eq(issue[9] & update),
            write_enable.eq(write_back.replicate(lanes)),
            host_write.eq(Mux(self.weight_write, 1 << self.weight_lane, 0)),
            weights.read_address.eq(Mux(sequencer.running, address, self.weight_word)),
            weights.write_enable.eq(write_enable | host_write),
            weights.write_address.eq(Mux(write_back, addresses[7], self.weight_word)),
            weights.write_data.eq(Mux(write_back, word, given.replicate(lanes))),
        ]
        picked = Signal(signed(wbits), reset_less=True)
        m.d.sync += picked.eq(weights.read_data.word_select(self.weight_lane, wbits))
        m.d.comb += [self.weight_value.eq(picked), self.weight_ack.eq(host[2] | host_read[3])]

        # The dither steps with the row, 2 clocks ahead of its weights.
        m.d.comb += [
            dither.step.eq(issue[2] & update),
            dither.first.eq(first[2]),
            dither.turn.eq(turn[2]),
            dither.commit.eq(walker.done & update),
        ]

        # Activities: written by the scorer, read for local errors and lists.
        m.submodules.activities = activities = memory.Memory(shape=12, depth=1 << slot_bits(config) + neuron, init=[])
        y_write, y_read = activities.write_port(), activities.read_port()
        m.d.comb += [
            y_write.en.eq(scorer.y_write),
            y_write.addr.eq(Cat(scorer.y_neuron, scorer.y_slot)),
            y_write.data.eq(scorer.y),
            y_read.addr.eq(Cat(vector.y_neuron, vector.y_slot)),
            vector.y.eq(y_read.data),
        ]
        return m

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
        decision: Decision,
        selector: Selector,
    ) -> None:
        """Sequencer, registers and counters with the units that they steer."""
        config = self._config
        parameters = layer_parameters(config)
        by_layer = {key: Array([p[key] for p in parameters])[sequencer.layer] for key in ("base", "rows", "groups")}
        thresholds = Array([getattr(registers, f"threshold{n}") for n in range(config.depth)])
        temperatures = Array([getattr(registers, f"temperature{n}") for n in range(config.depth)])
        m.d.comb += [
            registers.address.eq(self.register_address),
            registers.write.eq(self.register_write),
            registers.data.eq(self.register_data),
            self.register_value.eq(registers.value),
            self.negative_policy.eq(registers.negative_policy),
            registers.seed.eq(dither.state),
            dither.seed.eq(self.register_data),
            dither.seed_write.eq(registers.seed_write),
            dither.draw.eq(sequencer.draw),
        ]
        m.d.comb += [
            sequencer.start.eq(self.command_start),
            sequencer.command.eq(self.command),
            sequencer.label.eq(self.command_label),
            sequencer.negative.eq(self.command_negative),
            self.command_done.eq(sequencer.done),
            self.result_valid.eq(sequencer.result_valid),
            self.result_data.eq(sequencer.result),
            sequencer.threshold_objective.eq(registers.objective),
            sequencer.minus.eq(registers.polarity),
            sequencer.policy.eq(registers.negative_policy),
            sequencer.shortlist.eq(registers.shortlist),
            sequencer.random.eq(dither.state[24:]),
            sequencer.walk_done.eq(walker.done),
            sequencer.scored.eq(scorer.done),
            sequencer.total.eq(scorer.total),
            sequencer.selected.eq(selector.label),
            sequencer.select_done.eq(selector.done),
            sequencer.select_slot.eq(selector.slot),
            sequencer.decide_done.eq(decision.done),
            sequencer.c.eq(decision.c),
            sequencer.vector_idle.eq(vector.idle),
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
        m.d.comb += [
            scorer.slots.eq(sequencer.slots),
            scorer.every.eq(sequencer.every),
            scorer.slot_a.eq(Mux(sequencer.labelled, sequencer.label_a, sequencer.score_slot)),
            scorer.slot_b.eq(sequencer.label_b),
            scorer.labelled.eq(sequencer.labelled),
            scorer.first_layer.eq(sequencer.layer == 0),
            scorer.groups.eq(by_layer["groups"]),
            scorer.restart.eq(sequencer.walk_start),
            scorer.total_slot.eq(sequencer.total_slot),
        ]
        m.d.comb += [
            selector.start.eq(sequencer.select_start),
            selector.excluded.eq(sequencer.excluded),
            selector.lowest.eq(registers.polarity),
            selector.total.eq(scorer.total),
            decision.start.eq(sequencer.decide_start),
            decision.a.eq(sequencer.total_a),
            decision.b.eq(Mux(sequencer.single, thresholds[sequencer.layer], sequencer.total_b)),
            decision.negate.eq(sequencer.negate_margin),
            decision.k.eq(temperatures[sequencer.layer]),
            decision.gate.eq(registers.update_gate),
        ]
        m.d.comb += [
            vector.start.eq(sequencer.vector_start),
            vector.errors.eq(sequencer.vector_errors),
            vector.sets.eq(sequencer.vector_sets),
            vector.normals.eq(sequencer.vector_normals),
            vector.layer.eq(sequencer.layer),
            vector.negate.eq(sequencer.vector_negate),
            vector.c.eq(decision.c),
            vector.slot_a.eq(sequencer.slot_a),
            vector.slot_b.eq(sequencer.slot_b),
            vector.total_a.eq(sequencer.total_a),
            vector.total_b.eq(sequencer.total_b),
        ]
        finished = {command: sequencer.done & (self.command == command) for command in (PAIR, PHASE, INFER)}
        events = {
            "clocks": sequencer.running,
            "words_read": walker.issue & ~sequencer.walk_update,
            "words_updated": walker.issue & sequencer.walk_update,
            "pairs": finished[PAIR],
            "phases": finished[PHASE],
            "inferences": finished[INFER],
            "updates": sequencer.updated,
            "updates_skipped": sequencer.skipped,
            "link_errors": self.link_error,
        }
        m.d.comb += [
            counters.count.eq(Cat(events[name] for name in COUNTERS)),
            counters.index.eq(self.counter_index),
            self.counter_value.eq(counters.value),
        ]
