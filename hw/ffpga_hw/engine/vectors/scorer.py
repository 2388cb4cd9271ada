"""From the lanes' pre-activations to activities and sums of squares, some neurons a clock."""

from amaranth import Array, Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import LEAST_PERIOD, scored_together

from ...delay import delayed
from ..signatures.contenders import Contenders
from ..signatures.sizes import group_stride, label_bits
from ..signatures.slots import TotalSlots
from ..signatures.vectors import ActivityWrite, GroupSums, LabelWeights, LaneWeight, ScoreOrder, TotalsPort
from ..signatures.walk import LayerSizes
from .activation import Activation


class Scorer(wiring.Component):
    """Takes a group's accumulators at `capture` and, for each slot, adds the label's weights, makes activities y,
    and adds up their squares; while the walk goes on with the next group.

    Neurons side by side are taken together, see `ffpga_golden.timing.scored_together`. The first ones' label weights
    are read 1 clock after `begin`, and their accumulators are taken 3 clocks later than that: so `capture` comes 3
    clocks after `begin`. Where a group follows as early as it may, its `begin` comes with the reading for the last
    neurons. Activities leave 5 clocks after that; the totals are in their memory when `order.done` comes.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        self._together = scored_together(config)
        self._steps = config.lanes // self._together  # clocks of a slot
        self._added = self._together.bit_length() - 1  # stages in which squares are added up
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
        order, steps, added = self.order, self._steps, self._added
        run = Signal()
        ordinal = Signal.like(self.labels.label)
        step = Signal(range(max(2, steps)))
        group = Signal(range(max(self._config.groups) + 1))
        step_last, slot_last, last = Signal(), Signal(), Signal()
        final_slot, final_group = Signal.like(ordinal), Signal.like(group)
        m.d.sync += [final_slot.eq(order.slots - 1), final_group.eq(self.sizes.groups - 1)]
        m.d.comb += [
            step_last.eq(step == steps - 1),
            self.labels.label.eq(ordinal),
            self.labels.read.eq(step == 0),
            last.eq(run & step_last & slot_last),
        ]
        # It counts in a slot's last step: of more than one a register has it by then.
        m.d["sync" if steps > 1 else "comb"] += slot_last.eq(ordinal == final_slot)
        with m.If(order.restart):
            m.d.sync += group.eq(0)
        with m.Elif(last):
            m.d.sync += group.eq(group + 1)
        with m.If(self.group.begin):
            m.d.sync += [run.eq(1), ordinal.eq(0), step.eq(0)]
        with m.Elif(run):
            m.d.sync += step.eq(step + 1)
            with m.If(step_last):
                m.d.sync += [step.eq(0), ordinal.eq(ordinal + 1)]
                with m.If(slot_last):
                    m.d.sync += run.eq(0)

        # Stages: 0 the label's word is asked for, 1 it is there, 2 the weights, 3 the sums, 5 activities, 7 squares;
        # those of neurons side by side are added up a pair a stage; then the sum of a slot, its total, the memory.
        first_group, last_group = Signal(), Signal()
        m.d.comb += [first_group.eq(group == 0), last_group.eq(group == final_group)]
        end = Signal()
        m.d.comb += end.eq(last & last_group)
        runs = delayed(m, run, 9 + added, reset=True)
        step_lasts, first_groups = delayed(m, step_last, 9 + added), delayed(m, first_group, 8 + added)
        repeat = Signal()  # the same neurons follow, for the next slot
        m.d.comb += repeat.eq(step_last & ~slot_last)
        repeats = delayed(m, repeat, 5)
        ends = delayed(m, end, 10 + added, reset=True)
        m.d.comb += order.done.eq(ends[10 + added])

        squares = self._activations(m, delayed(m, step, 1)[1], runs[3])
        slot = self._places(m, runs, step_lasts, repeats)
        self._totals(m, squares, slot, runs, step_lasts, first_groups[8 + added])
        self._hold(m)
        return m

    def _activations(self, m: Module, step: Value, turn: Value) -> list[Signal]:
        """The labels' weights of a step and the sums, which turn, to activities; returns their squares."""
        config, together, one = self._config, self._together, self.one
        copies = Signal(config.sum_bits * config.lanes, reset_less=True)
        turned = config.sum_bits * together
        with m.If(self.group.capture):
            m.d.sync += copies.eq(self.group.sums)
        with m.Elif(turn):
            m.d.sync += copies.eq(Cat(copies[turned:], copies[:turned]))
        # While no step runs the host takes a weight.
        taken = Mux(one.host, one.lane[self._added :], step)
        weights, squares = [], []
        for n in range(together):
            m.submodules[f"activation{n}"] = activation = Activation(config=config, table=n == 0)
            weight = Signal(signed(config.weight_bits), name=f"weight{n}", reset_less=True)
            ours = Cat(self.labels.word.word_select(lane, 16) for lane in range(n, config.lanes, together))
            with m.If(self.order.labelled | one.host):
                m.d.sync += weight.eq(ours.word_select(taken, 16))
            with m.Else():
                m.d.sync += weight.eq(0)
            m.d.comb += [
                activation.weight.eq(weight),
                activation.first_layer.eq(self.order.first_layer),
                activation.sum.eq(copies.word_select(n, config.sum_bits)),
                self.activity.y.word_select(n, ACTIVITY_BITS).eq(activation.y),
            ]
            weights.append(weight)
            squares.append(activation.square)
        which = Signal(self._added)
        m.d.sync += which.eq(one.lane)
        m.d.comb += one.weight.eq(Array(weights)[which] if together > 1 else weights[0])
        return squares

    def _places(self, m: Module, runs: list[Signal], step_lasts: list[Signal], repeats: list[Signal]) -> list[Signal]:
        """Where activities go, counted again where they leave; returns the slot of their total, and what it was."""
        config, order, activity, steps = self._config, self.order, self.activity, self._steps
        # Slots are counted a clock before activities leave.
        made = Signal.like(self.labels.label)
        with m.If(order.restart):
            m.d.sync += made.eq(0)
        with m.Elif(runs[4] & step_lasts[4]):
            m.d.sync += made.eq(Mux(repeats[4], made + 1, 0))
        slot = Signal.like(order.slot_a)
        m.d.sync += [
            activity.slot.eq(Mux(order.every, made, Mux(made == 0, order.kept, order.slot_b))),
            slot.eq(Mux(order.every, made, Mux(made == 0, order.slot_a, order.slot_b))),
        ]
        if config.has_contenders:
            contenders = Contenders(m, config, order.slot_a, order.contender)
            with m.If(order.every & order.some):
                m.d.sync += [activity.slot.eq(contenders.label(made)), slot.eq(contenders.label(made))]
            with m.If(runs[4] & step_lasts[4]):
                contenders.step(made)
        m.d.comb += activity.write.eq(runs[5])
        if config.classes:
            m.d.comb += order.scored.eq(Mux(runs[5], 1 << slot, 0))
        between = 1 + (group_stride(config) - 1) * steps  # from a group's last place to the next one's first
        with m.If(order.restart):
            m.d.sync += activity.place.eq(0)
        with m.Elif(runs[5]):
            m.d.sync += activity.place.eq(activity.place + Mux(step_lasts[5], Mux(repeats[5], 1 - steps, between), 1))
        return slot

    def _totals(
        self,
        m: Module,
        squares: list[Signal],
        slot: Signal,
        runs: list[Signal],
        step_lasts: list[Signal],
        first_group: Value,
    ) -> None:
        """The sums of a slot's squares, and the memory of totals."""
        config, port, added = self._config, self.totals, self._added
        slots_of = TotalSlots(config)
        m.submodules.totals = totals = memory.Memory(
            shape=config.total_bits, depth=1 << slots_of.bits, init=slots_of.init
        )
        total_write, total_read = totals.write_port(), totals.read_port()
        asked, stored = self._slots(m, slot, step_lasts)
        while len(squares) > 1:
            pairs = [Signal(len(squares[0]) + 1, name=f"pair{n}", reset_less=True) for n in range(len(squares) // 2)]
            m.d.sync += [pair.eq(squares[2 * n] + squares[2 * n + 1]) for n, pair in enumerate(pairs)]
            squares = pairs
        group_sum = Signal(2 * ACTIVITY_BITS + (config.lanes - 1).bit_length(), reset_less=True)
        total = Signal(config.goodness_bits, reset_less=True)
        # A choice behind an adder is made in the adder's tables.
        m.d.sync += [
            group_sum.eq(_either(step_lasts[8 + added] | ~runs[8 + added], squares[0], group_sum + squares[0])),
            total.eq(_either(first_group, group_sum, total_read.data + group_sum)),
        ]
        m.d.comb += [
            total_read.addr.eq(Mux(runs[7 + added], asked, port.slot)),
            total_write.addr.eq(Mux(port.store, port.store_slot, stored)),
            total_write.data.eq(Mux(port.store, port.data, total)),
            total_write.en.eq((runs[9 + added] & step_lasts[9 + added]) | port.store),
            port.total.eq(total_read.data),
        ]

    def _slots(self, m: Module, slot: Signal, step_lasts: list[Signal]) -> tuple[Value, Value]:
        """`slot` where the last of its squares come: 2 clocks and their additions later, and 4 clocks and those later.

        A slot's steps are as many clocks; of 3 and more one register holds it for both.
        """
        steps, added = self._steps, self._added
        if steps < 3:
            slots = delayed(m, slot, 4 + added)
            return slots[2 + added], slots[4 + added]
        late = max(0, 4 + added - steps)
        held = Signal.like(slot, name="slot_held")
        delays = delayed(m, slot, late)
        with m.If(step_lasts[5 + late]):
            m.d.sync += held.eq(delays[late])
        return held, held

    def _hold(self, m: Module) -> None:
        """From a group's bias on `busy`, until the next one may be issued: after the clocks of the group's scoring."""
        least, steps = LEAST_PERIOD, self._steps
        most = max(least, label_bits(self._config) * steps)
        scored = Signal(range(most + 1))
        m.d.comb += scored.eq(self.order.slots * steps)
        # Down to -1, whose sign is a register of its own.
        left, period = Signal(signed(most.bit_length() + 1), init=-1), Signal(range(most))
        # The bias comes from a register, for the sake of the clock: the next one is 2 clocks later at least.
        bias = Signal()
        m.d.sync += bias.eq(self.group.bias)
        m.d.sync += period.eq((Mux(scored < least, least, scored) if steps < least else scored) - 3)
        m.d.comb += self.busy.eq(left >= 0)
        with m.If(bias):
            m.d.sync += left.eq(period)
        with m.Elif(self.busy):
            m.d.sync += left.eq(left - 1)


def _either(one: Value, short: Value, long: Value) -> Value:
    """`short` or else `long`, of gates.

    Of a choice between the upper bits and 0 synthesis makes a reset, and where only some flip-flops of a chain of
    carries have one an iCE40's chain is broken, which takes two cells and 4 ns.
    """
    return (short & one.replicate(len(short))) | (long & ~one.replicate(len(long)))
