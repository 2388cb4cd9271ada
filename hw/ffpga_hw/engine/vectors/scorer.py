"""From the lanes' pre-activations to activities and sums of squares, one neuron a clock."""

from amaranth import Cat, Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS, ACTIVITY_MAX
from ffpga_golden.timing import LEAST_PERIOD

from ...delay import delayed
from ..signatures.sizes import label_bits
from ..signatures.slots import TotalSlots
from ..signatures.vectors import ActivityWrite, GroupSums, LabelWeights, LaneWeight, ScoreOrder, TotalsPort
from ..signatures.walk import LayerSizes


class Scorer(wiring.Component):
    """Takes a group's accumulators at `capture` and, for each slot, adds the label's weights, makes activities y,
    and adds up their squares; while the walk goes on with the next group.

    The first neuron is read 1 clock after `begin`, a neuron a clock then, and its accumulator is taken 3 clocks later
    than that: so `capture` comes 3 clocks after `begin`. Where a group follows as early as it may, its `begin` comes
    with the last neuron's reading. Activities leave 5 clocks after their reading; the totals are in their memory when
    `order.done` comes.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "order": In(ScoreOrder(config)),
                "sizes": In(LayerSizes(config)),  #: of the layer that is walked
                "group": In(GroupSums(config)),
                "labels": Out(LabelWeights(config)),
                "one": In(LaneWeight(config)),
                "activity": Out(ActivityWrite(config)),
                "totals": In(TotalsPort(config)),
                "busy": Out(1),  #: the last group's sums and labels are still needed: no bias may be issued
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        lanes = config.lanes
        order, activity, port = self.order, self.activity, self.totals
        slots_of = TotalSlots(config)
        m.submodules.totals = totals = memory.Memory(
            shape=config.total_bits, depth=1 << slots_of.bits, init=slots_of.init
        )
        total_write, total_read = totals.write_port(), totals.read_port()

        bits = config.sum_bits
        copies = Signal(bits * lanes, reset_less=True)
        label_weight = Signal(signed(config.weight_bits), reset_less=True)
        run = Signal()
        ordinal = Signal.like(self.labels.label)
        lane = Signal(range(max(2, lanes)))
        group = Signal(range(max(config.groups) + 1))
        lane_last, slot_last, last = Signal(), Signal(), Signal()
        final_slot, final_group = Signal.like(ordinal), Signal.like(group)
        m.d.sync += [final_slot.eq(order.slots - 1), final_group.eq(self.sizes.groups - 1)]
        m.d.comb += [
            lane_last.eq(lane == lanes - 1),
            slot_last.eq(ordinal == final_slot),
            self.labels.label.eq(ordinal),
            self.labels.read.eq(lane == 0),
            last.eq(run & lane_last & slot_last),
        ]
        with m.If(order.restart):
            m.d.sync += group.eq(0)
        with m.Elif(last):
            m.d.sync += group.eq(group + 1)
        with m.If(self.group.begin):
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
        m.d.comb += end.eq(last & last_group)
        runs = delayed(m, run, 9, reset=True)
        lane_at = delayed(m, lane, 1)
        lane_lasts, first_groups = delayed(m, lane_last, 9), delayed(m, first_group, 9)
        repeat = Signal()  # the same neurons follow, for the next slot
        m.d.comb += repeat.eq(lane_last & ~slot_last)
        repeats = delayed(m, repeat, 5)
        ends = delayed(m, end, 10, reset=True)

        # Stages 0 to 2: the label's word and the accumulators pass lane by lane.
        taken = Mux(self.one.host, self.one.lane, lane_at[1])
        m.d.sync += label_weight.eq(self.labels.word.word_select(taken, 16))
        m.d.comb += self.one.weight.eq(label_weight)
        with m.If(self.group.capture):
            m.d.sync += copies.eq(self.group.sums)
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
            weight.eq(Mux(order.labelled, label_weight, 0)),
            half.eq(Mux(order.first_layer, 1 << s0 - 1, 1 << s1 - 1)),
            shifted.eq(Mux(order.first_layer, rounded >> s0, rounded >> s1)),
        ]
        m.d.sync += [
            label_part.eq((weight << 8) - weight + half),
            rounded.eq(copies[:bits].as_signed() + label_part),
            activity.y.eq(
                Mux(
                    rounded[-1],
                    0,
                    Mux(shifted[ACTIVITY_BITS:].any(), ACTIVITY_MAX, shifted[:ACTIVITY_BITS]),
                )
            ),
        ]
        # Slots are counted again where activities leave.
        made = Signal.like(ordinal)
        with m.If(order.restart):
            m.d.sync += made.eq(0)
        with m.Elif(runs[5] & lane_lasts[5]):
            m.d.sync += made.eq(Mux(repeats[5], made + 1, 0))
        m.d.comb += [
            activity.write.eq(runs[5]),
            activity.slot.eq(Mux(order.every, made, Mux(made == 0, order.slot_a, order.slot_b))),
        ]
        slots = delayed(m, activity.slot, 4)
        with m.If(order.restart):
            m.d.sync += activity.neuron.eq(0)
        with m.Elif(runs[5]):
            m.d.sync += activity.neuron.eq(activity.neuron + Mux(repeats[5], 1 - lanes, 1))
        # Stages 5 to 9: the square, the sum over the group's lanes, the total of the slot.
        # (2^8 h + l)^2 = 2^16 h^2 + 2^9 h l + l^2, l^2 from a table.
        m.submodules.squares = squares = memory.Memory(shape=16, depth=256, init=[n * n for n in range(256)])
        low_square = squares.read_port()
        low, high = activity.y[:8], activity.y[8:]
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
            total_read.addr.eq(Mux(runs[6], slots[1], port.slot)),
            total_write.addr.eq(Mux(port.store, port.store_slot, slots[4])),
            total_write.data.eq(Mux(port.store, port.data, total)),
            total_write.en.eq((runs[9] & lane_lasts[9]) | port.store),
            port.total.eq(total_read.data),
            order.done.eq(ends[10]),
        ]
        self._hold(m)
        return m

    def _hold(self, m: Module) -> None:
        """From a group's bias on `busy`, until the next one may be issued: after the clocks of the group's scoring."""
        config = self._config
        least = LEAST_PERIOD
        most = max(least, label_bits(config) * config.lanes)
        scored = Signal(range(most + 1))
        m.d.comb += scored.eq(self.order.slots * config.lanes)
        # Down to -1, whose sign is a register of its own.
        left, period = Signal(signed(most.bit_length() + 1), init=-1), Signal(range(most))
        m.d.sync += period.eq((Mux(scored < least, least, scored) if config.lanes < least else scored) - 2)
        m.d.comb += self.busy.eq(left >= 0)
        with m.If(self.group.bias):
            m.d.sync += left.eq(period)
        with m.Elif(self.busy):
            m.d.sync += left.eq(left - 1)
