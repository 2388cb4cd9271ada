"""From the lanes' pre-activations to activities and sums of squares, one neuron a clock."""

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS, ACTIVITY_MAX
from ffpga_golden.registers import registers

from .delay import delayed


def slot_bits(config: NetworkConfig) -> int:
    """Bits of a slot: the labels of layer 0, then (layer parity, phase) of vectors without a label."""
    return (config.classes + 3).bit_length()


def neuron_bits(config: NetworkConfig) -> int:
    """Bits of a neuron's index."""
    return max(1, (max(config.layers) - 1).bit_length())


class TotalSlots:
    """The slots of the totals' memory.

    Below `upper` lie the slots of activities (see `slot_bits`) and, where there are no classes, `sum`: an inference's
    sum over the layers. From `upper` on the thresholds: the written ones at 4 and up, those after a reset at 0 and up.
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.bits = max(slot_bits(config), 3) + 1
        self.upper = 1 << self.bits - 1
        self.sum = config.classes + 4
        self.init = [0] * (2 * self.upper)
        for register in registers(config):
            if register.name.startswith("threshold"):
                self.init[self.upper + int(register.name.removeprefix("threshold"))] = register.reset

    def threshold(self, layer: Value, written: Value) -> Value:
        """Slot of a layer's threshold: the written one, or that after a reset."""
        return Cat(layer, written, Const(self.upper >> 3))


class Scorer(wiring.Component):
    """Takes a group's accumulators at `capture` and, for each slot, adds the label's weights, makes activities y,
    and adds up their squares; while the walk goes on with the next group.

    The first neuron is read 1 clock after `capture`; slots * lanes clocks later the accumulators' copies are free.
    Activities leave 5 clocks after their reading; the totals are in their memory when `done` comes.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        slot, total_slot = slot_bits(config), TotalSlots(config).bits
        labels = range(max(2, config.classes))
        super().__init__(
            {
                "sums": In(config.sum_bits * config.lanes),  #: pre-activations without the label
                "capture": In(1),  #: take `sums`
                "slots": In(range(max(2, config.classes) + 1)),  #: vectors to make: labels, or 1
                "every": In(1),  #: slot = label ordinal; else `slot_a`, then `slot_b`
                "slot_a": In(slot),
                "slot_b": In(slot),
                "labelled": In(1),  #: add the label's weights
                "first_layer": In(1),  #: layer 0: its inputs are in 1/256
                "groups": In(range(max(config.groups) + 1)),  #: groups of the layer
                "restart": In(1),  #: a walk begins
                "label": Out(labels),  #: label word wanted, 1 clock ahead of
                "label_word": In(16 * config.lanes),  #: its weights, s16 a lane
                "host": In(1),  #: take the one of `host_lane`
                "host_lane": In(range(max(2, config.lanes))),
                "label_weight": Out(signed(config.weight_bits)),  #: the one that was taken
                "last": Out(1),  #: the last neuron of a group is being read
                "done": Out(1),  #: all totals are there
                "y_write": Out(1),
                "y_slot": Out(slot),
                "y_neuron": Out(neuron_bits(config)),
                "y": Out(ACTIVITY_BITS),  #: activity, value / 64
                # The totals' memory while no walk runs: see `TotalSlots`.
                "total_slot": In(total_slot),  #: slot to read
                "total": Out(config.total_bits),  #: its content, 1 clock later
                "total_write": In(1),
                "total_write_slot": In(total_slot),
                "total_write_data": In(config.total_bits),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        lanes = config.lanes
        slots_of = TotalSlots(config)
        m.submodules.totals = totals = memory.Memory(
            shape=config.total_bits, depth=1 << slots_of.bits, init=slots_of.init
        )
        total_write, total_read = totals.write_port(), totals.read_port()

        bits = config.sum_bits
        copies = Signal(bits * lanes, reset_less=True)
        label_weight = Signal(signed(config.weight_bits), reset_less=True)
        run = Signal()
        ordinal = Signal.like(self.label)
        lane = Signal(range(max(2, lanes)))
        group = Signal(range(max(config.groups) + 1))
        lane_last, slot_last = Signal(), Signal()
        final_slot, final_group = Signal.like(ordinal), Signal.like(group)
        m.d.sync += [final_slot.eq(self.slots - 1), final_group.eq(self.groups - 1)]
        m.d.comb += [
            lane_last.eq(lane == lanes - 1),
            slot_last.eq(ordinal == final_slot),
            self.label.eq(ordinal),
            self.last.eq(run & lane_last & slot_last),
        ]
        ended = Signal()  # long before the next group's `capture`
        m.d.sync += ended.eq(self.last)
        with m.If(self.restart):
            m.d.sync += group.eq(0)
        with m.Elif(ended):
            m.d.sync += group.eq(group + 1)
        with m.If(self.capture):
            m.d.sync += [run.eq(1), ordinal.eq(0), lane.eq(0)]
        with m.Elif(run):
            m.d.sync += lane.eq(lane + 1)
            with m.If(lane_last):
                m.d.sync += [lane.eq(0), ordinal.eq(ordinal + 1)]
                with m.If(slot_last):
                    m.d.sync += run.eq(0)

        first_group, last_group = Signal(), Signal()
        m.d.comb += [first_group.eq(group == 0), last_group.eq(group == final_group)]
        end = Signal()
        m.d.comb += end.eq(self.last & last_group)
        runs = delayed(m, run, 9, reset=True)
        lane_at = delayed(m, lane, 1)
        lane_lasts, first_groups = delayed(m, lane_last, 9), delayed(m, first_group, 9)
        repeat = Signal()  # the same neurons follow, for the next slot
        m.d.comb += repeat.eq(lane_last & ~slot_last)
        repeats = delayed(m, repeat, 5)
        ends = delayed(m, end, 10, reset=True)

        # Stages 0 to 2: the label's word and the accumulators pass lane by lane.
        m.d.sync += label_weight.eq(self.label_word.word_select(Mux(self.host, self.host_lane, lane_at[1]), 16))
        m.d.comb += self.label_weight.eq(label_weight)
        with m.If(self.capture):
            m.d.sync += copies.eq(self.sums)
        with m.Elif(runs[3]):
            m.d.sync += copies.eq(Cat(copies[bits:], copies[:bits]))
        # Stage 2 to 5: z + 255 w + half, then the activity.
        s0, s1 = config.activity_shift[0], config.activity_shift[0] - 3
        weight = Signal(signed(config.weight_bits))
        half = Signal(range((1 << s0 - 1) + 1))
        label_part = Signal(signed(config.weight_bits + 9), reset_less=True)
        rounded = Signal(signed(bits + 2), reset_less=True)
        shifted = Signal(signed(bits + 2 - s1))
        m.d.comb += [
            weight.eq(Mux(self.labelled, label_weight, 0)),
            half.eq(Mux(self.first_layer, 1 << s0 - 1, 1 << s1 - 1)),
            shifted.eq(Mux(self.first_layer, rounded >> s0, rounded >> s1)),
        ]
        m.d.sync += [
            label_part.eq((weight << 8) - weight + half),
            rounded.eq(copies[:bits].as_signed() + label_part),
            self.y.eq(
                Mux(
                    rounded[-1],
                    0,
                    Mux(shifted[ACTIVITY_BITS:].any(), ACTIVITY_MAX, shifted[:ACTIVITY_BITS]),
                )
            ),
        ]
        # Slots are counted again where activities leave.
        made = Signal.like(ordinal)
        with m.If(self.restart):
            m.d.sync += made.eq(0)
        with m.Elif(runs[5] & lane_lasts[5]):
            m.d.sync += made.eq(Mux(repeats[5], made + 1, 0))
        m.d.comb += [
            self.y_write.eq(runs[5]),
            self.y_slot.eq(Mux(self.every, made, Mux(made == 0, self.slot_a, self.slot_b))),
        ]
        slots = delayed(m, self.y_slot, 4)
        with m.If(self.restart):
            m.d.sync += self.y_neuron.eq(0)
        with m.Elif(runs[5]):
            m.d.sync += self.y_neuron.eq(self.y_neuron + Mux(repeats[5], 1 - lanes, 1))
        # Stages 5 to 9: the square, the sum over the group's lanes, the total of the slot.
        # (2^8 h + l)^2 = 2^16 h^2 + 2^9 h l + l^2, l^2 from a table.
        m.submodules.squares = squares = memory.Memory(shape=16, depth=256, init=[n * n for n in range(256)])
        low_square = squares.read_port()
        low, high = self.y[:8], self.y[8:]
        mixed, high_square = Signal(ACTIVITY_BITS, reset_less=True), Signal(8, reset_less=True)
        square = Signal(2 * ACTIVITY_BITS, reset_less=True)
        m.d.comb += low_square.addr.eq(low)
        group_sum = Signal(2 * ACTIVITY_BITS + 6, reset_less=True)
        before, total = (Signal(config.goodness_bits, reset_less=True) for _ in range(2))
        m.d.sync += [
            mixed.eq(low * high),
            high_square.eq(high * high),
            square.eq(Cat(low_square.data, high_square) + (mixed << 9)),
            group_sum.eq(Mux(lane_lasts[8] | ~runs[8], 0, group_sum) + square),
            before.eq(Mux(first_groups[7], 0, total_read.data)),
            total.eq(before + group_sum),
        ]
        m.d.comb += [
            total_read.addr.eq(Mux(runs[6], slots[1], self.total_slot)),
            total_write.addr.eq(Mux(self.total_write, self.total_write_slot, slots[4])),
            total_write.data.eq(Mux(self.total_write, self.total_write_data, total)),
            total_write.en.eq((runs[9] & lane_lasts[9]) | self.total_write),
            self.total.eq(total_read.data),
            self.done.eq(ends[10]),
        ]
        return m
