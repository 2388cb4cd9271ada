"""Vectors of activities turned into local errors and into the next layer's inputs, through one multiplier."""

from amaranth import Array, C, Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.arithmetic import NORM_GUARD, NORM_INDEX_BITS, ROUND_ERROR, norm_offset, norm_table
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.protocol import PART
from ffpga_golden.timing import activity_latency, scored_together, skips_zeros

from ...delay import delayed
from ...machine import Machine
from ..signatures.lanes import LocalErrors
from ..signatures.places import ListPlaces
from ..signatures.sizes import group_counts, group_stride, neuron_bits
from ..signatures.vectors import ActivityRead, AnswerByte, Decided, TableLookup, VectorOrder
from ..signatures.walk import ListPort
from .multiply import Multiplier

#: Sets of local errors in the lanes' memory: what a walk's list and its label rows take.
SET_FIRST, SET_SECOND, SET_THIRD = 0, 1, 2


class Vector(wiring.Component):
    """After a decision: local errors (if `errors`), then the normalised list of phase a, then that of phase b.

    Local errors of a pair on one input come as sets 0 (list: c (y_a - y_b)), 1 (label a: c y_a), 2 (label b: -c y_b);
    of a pair on two inputs as sets 0 (c y_a) and 1 (-c y_b); of one phase as set 0 (c y_a).

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        self._places = self._list_places(config)
        super().__init__(
            {
                "order": In(self._order_signature(config)),
                "decided": In(Decided(config)),
                "activity": Out(ActivityRead(config)),
                "errors": Out(LocalErrors(config)),
                "ready": Out(group_counts(config)),  #: groups whose local errors are written
                "list": Out(self._list_signature(config, self._places)),
                "answer": Out(AnswerByte()),  #: a list that is told
                **({"table": Out(TableLookup())} if config.black_box else {}),
                "idle": Out(1),
            }
        )

    def _list_places(self, config: NetworkConfig) -> ListPlaces:
        return ListPlaces(config)

    def _order_signature(self, config: NetworkConfig) -> wiring.Signature:
        return VectorOrder(config)

    def _list_signature(self, config: NetworkConfig, places: ListPlaces) -> wiring.Signature:
        return ListPort(config, places)

    def _more_list(self, m: Module, made: Value, layer: Value) -> None:
        """What else is told of a list: an input of the layer above `layer` is `made`."""

    def _made(self, m: Module, phase: Value, layer: Value) -> Value:
        """Place of the list that is made."""
        return self._places.made_of(phase, layer)

    def _slots(self, m: Module) -> tuple[Value, Value]:
        """Slots of the phases' activities."""
        return self.order.slot_a, self.order.slot_b

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        order, entry, local = self.order, self.list, self.errors
        lanes, bits = config.lanes, neuron_bits(config)
        layer, held = Signal(2), self.activity.more
        sets, normal_count = Signal(2), Signal(2)
        slot_a, slot_b = self._slots(m)
        negate, read_out = Signal(), Signal()
        begin, errors_wanted = Signal(), Signal()
        m.d.sync += [begin.eq(order.start), order.idle.eq(self.idle & ~order.start)]
        with m.If(order.start):
            m.d.sync += [
                errors_wanted.eq(order.errors),
                order.begun.eq(0),
                order.listed.eq(0),
                layer.eq(order.layer),
                sets.eq(order.sets),
                normal_count.eq(order.normals),
                negate.eq(order.negate),
                read_out.eq(order.read),
            ]
        stride = group_stride(config)
        # Neurons that were scored together share the upper bits of their place.
        together = scored_together(config)
        lowest, steps = together.bit_length() - 1, lanes // together
        place, sparse = Signal.like(self.activity.place, reset_less=True), Signal()
        among, upper = place[:lowest], place[lowest:]
        lasts = Array([(groups - 1) * stride * steps + steps - 1 for groups in config.groups])

        # The normaliser's factor: leading bits of the sum of squares, found 2 bits a clock.
        even = config.goodness_bits + config.goodness_bits % 2
        f = Signal(even, reset_less=True)
        q, least = Signal(range(even // 2 + 1)), Signal(reset_less=True)  # and whether it is 0
        shift = Signal(5)
        rows = []
        for width in config.layers:
            rows += norm_table(width).tolist()
        m.submodules.table = table = memory.Memory(shape=8, depth=len(rows), init=rows)
        port = table.read_port()
        m.d.comb += port.addr.eq(Cat(f[even - NORM_INDEX_BITS :], layer))

        phase, normal, draining = Signal(), Signal(), Signal()
        wait, drained = Signal(4), Signal()  # clocks of a drain; all of it is over
        box = int(config.black_box)
        late = activity_latency(config) - 1
        drain = 7 + late + box
        sub = Signal(2, reset_less=True)
        sub_ends = Signal(reset_less=True)  # it is the last one of local errors
        read, making = Signal(), Signal()
        neuron_last, sub_last, upper_next = Signal(), Signal(), Signal()
        second = Signal()  # the next clock's activity is that of phase b
        offsets = Array([norm_offset(width) for width in config.layers])
        m.d.comb += [
            upper_next.eq(sparse | among.all() if lowest else 1),
            neuron_last.eq((upper == lasts[layer]) & upper_next),
            sub_last.eq(normal | sub_ends),
            sparse.eq(normal & ~read_out if skips_zeros(config) else 0),
            self.activity.ask.eq(read),
            self.activity.place.eq(place),
            self.activity.sparse.eq(sparse),
        ]
        ahead = Signal()  # after the drain there is a list
        m.d.sync += drained.eq(draining & (wait == drain - 1) & ~held)
        m.d.sync += ahead.eq(Mux(normal, normal_count[1] & ~phase, normal_count != 0))
        m.d.sync += self.decided.second.eq(draining & (wait == 0) & ~held & normal & ~phase & normal_count[1])

        listing, leading = Signal(), Signal()  # a list begins; its sum's first bits were 0
        with m.If(listing | leading):
            m.d.sync += f.eq(Mux(leading, f << 2, self.decided.total[: config.goodness_bits]))

        def next_list(after: int, wanted: Value) -> None:
            with m.If(wanted):
                m.d.comb += listing.eq(1)
                m.d.sync += [phase.eq(after), normal.eq(1), q.eq(even // 2 - 1), least.eq(0)]
                machine.go("LEADING")
            with m.Else():
                machine.go("IDLE")

        m.d.sync += self.activity.slot.eq(Mux(second, slot_b, slot_a))
        further = 1 if stride == 1 else Mux(upper % steps == steps - 1, 1 + (stride - 1) * steps, 1)
        with m.If(read):  # a list has no subs, and only a list is ever held
            m.d.sync += [sub.eq(sub + 1), sub_ends.eq(Mux(sub_last, sets == 1, sub + 2 == sets))]
            with m.If(sub_last):
                m.d.sync += [sub.eq(0), among.eq(among + ~sparse)]
        resting = Signal()  # nothing is read: cleared by gates, since a reset would come before the enable
        steps_on = Signal(attrs={"keep": 1})  # but for `held`, which comes late in its clock: it has to pass one table
        m.d.comb += steps_on.eq(read & sub_last & upper_next)
        with m.If(resting | (steps_on & ~held)):
            m.d.sync += upper.eq((upper + further)[: len(upper)] & ~resting.replicate(len(upper)))
        with Machine(m, "vector") as machine:
            with machine.state("IDLE"):
                m.d.comb += self.idle.eq(~begin)
                m.d.comb += resting.eq(1)
                m.d.sync += [among.eq(0), sub.eq(0), sub_ends.eq(sets == 1), wait.eq(0)]
                with m.If(begin):
                    m.d.sync += normal.eq(0)
                    with m.If(errors_wanted):
                        machine.go("ERRORS")
                    with m.Else():
                        next_list(0, normal_count != 0)
            with machine.state("ERRORS"):
                m.d.comb += [read.eq(1), second.eq((sub == 0) & sets[1])]
                with m.If(neuron_last & sub_last):
                    machine.go("DRAIN")
            with machine.state("DRAIN"):
                m.d.comb += [draining.eq(1), making.eq(normal), resting.eq(1)]
                m.d.sync += [among.eq(0), sub.eq(0)]
                with m.If(~held):
                    m.d.sync += wait.eq(wait + 1)
                with m.If(drained):
                    m.d.sync += wait.eq(0)
                    with m.If(~normal):
                        next_list(0, ahead)
                    with m.Else():
                        m.d.sync += order.listed.bit_select(phase, 1).eq(1)
                        with m.If(phase):
                            machine.go("IDLE")
                        with m.Else():
                            next_list(1, ahead)
            with machine.state("LEADING"):
                m.d.comb += [second.eq(phase), making.eq(1)]
                m.d.sync += order.begun.bit_select(phase, 1).eq(1)
                with m.If((f[-2:] != 0) | least):
                    m.d.sync += shift.eq(q + offsets[layer])
                    machine.go("NORMALISE")
                with m.Else():
                    m.d.comb += leading.eq(1)
                    m.d.sync += [q.eq(q - 1), least.eq(q == 1)]
            with machine.state("NORMALISE"):
                m.d.comb += [read.eq(1), second.eq(phase), making.eq(1)]
                with m.If(neuron_last & ~held):
                    machine.go("DRAIN")

        # The pipeline: 1 activity, 2 operand, 3 and 4 product, 5 local error or coarse shift, 6 shifted, 7 input,
        # 8 what a black box makes of it; where activities are late all of them are.
        # The ends of the pipeline count what comes out themselves: neurons, lanes, groups and sets leave in order.
        error, listed = Signal(), Signal()
        m.d.comb += [error.eq(read & ~normal), listed.eq(self.activity.there & normal)]
        errors = delayed(m, error, 5 + late, reset=True)[late:]
        made = delayed(m, listed, 6 + box, reset=True)[-1]
        banks, lasts_of = (delayed(m, signal, 6 + box)[-1] for signal in (self.activity.bank, self.activity.last))
        subs = delayed(m, sub, late)[late]

        # The operand is y or -y; the third one is the sum of the two before it. Of a list it is y, which comes late in
        # its clock, and passes no adder.
        operand, before = (Signal(signed(ACTIVITY_BITS + 1), name=n, reset_less=True) for n in ("operand", "before"))
        factor = Signal(8, reset_less=True)
        both, minus = Signal(), Signal()
        m.d.sync += [both.eq(~normal & subs[1]), minus.eq(~normal & ~subs[1] & (subs[0] ^ negate))]
        flipped = Cat(self.activity.plain, 0) ^ minus.replicate(ACTIVITY_BITS + 1)
        augend, addend = Mux(both, operand, 0), Mux(both, before, Mux(normal, 0, flipped).as_signed())
        changed = (Cat(C(1, 1), augend) + Cat(minus, addend))[1:]
        m.d.sync += [
            operand.eq(changed[: len(operand)] | Mux(normal, self.activity.y, 0)),
            before.eq(operand),
            factor.eq(Mux(normal, port.data, self.decided.c)),
        ]
        m.submodules.multiplier = multiplier = Multiplier(bits=ACTIVITY_BITS + 1)
        product = multiplier.product
        m.d.comb += [multiplier.a.eq(operand), multiplier.factor.eq(factor)]
        m.d.sync += [
            local.g.eq((product + (1 << ROUND_ERROR - 1)) >> ROUND_ERROR),
        ]
        end_sub, end_lane, end_group = Signal(2), Signal(range(max(2, lanes))), Signal(range(max(config.groups) + 1))
        m.d.comb += [
            local.write.eq(Mux(errors[5], 1 << end_lane, 0)),
            local.set.eq(Mux(sets == 3, Mux(end_sub == 2, SET_FIRST, end_sub + 1), end_sub)),
            local.group.eq(end_group),
            self.ready.eq(end_group),
        ]
        with m.If(errors[5]):
            m.d.sync += end_sub.eq(end_sub + 1)
            with m.If(end_sub + 1 == sets):
                m.d.sync += [end_sub.eq(0), end_lane.eq(end_lane + 1)]
                with m.If(end_lane == lanes - 1):
                    m.d.sync += [end_lane.eq(0), end_group.eq(end_group + 1)]

        # The input is (2^guard y m + half) >> E: one bit more is shifted out and decides the rounding. First by whole
        # bytes, then by 4, 2 and 1; each time a bit that is left above says that the input is 255.
        raised = Signal(24)
        coarse, beyond = Signal(16, reset_less=True), Signal(reset_less=True)
        rounded, above = Signal(9, reset_less=True), Signal(reset_less=True)
        value, end_upper = Signal(8, reset_less=True), Signal(bits - lowest)
        row = Cat(banks, end_upper)
        m.d.comb += raised.eq(product[:20] << NORM_GUARD + 1)
        with m.Switch(shift[3:]):
            for n in range(3):
                with m.Case(n):
                    m.d.sync += [coarse.eq(raised[8 * n :]), beyond.eq(raised[8 * n + 16 :].any())]
            with m.Default():
                m.d.sync += [coarse.eq(0), beyond.eq(0)]
        by_4, by_2, by_1 = Signal(12), Signal(10), Signal(9)
        m.d.comb += [
            by_4.eq(Mux(shift[2], coarse[4:], coarse[:12])),
            by_2.eq(Mux(shift[1], by_4[2:], by_4[:10])),
            by_1.eq(Mux(shift[0], by_2[1:], by_2[:9])),
        ]
        left = (~shift[2] & coarse[12:].any()) | (~shift[1] & by_4[10:].any()) | (~shift[0] & by_2[9])
        m.d.sync += [rounded.eq(by_1), above.eq(beyond | left)]
        halved = Signal(9)
        m.d.comb += halved.eq((rounded + 1) >> 1)
        some = Signal(reset_less=True)  # the input is not 0
        m.d.sync += [value.eq(Mux(above | halved[8], 255, halved)), some.eq(above | rounded.any())]
        pointer = Signal(bits + 1)
        x: Value = value
        present: Value = some
        if config.black_box:
            x = self.table.value
            present = x != 0
            m.d.comb += [self.table.index.eq(value), self.table.layer.eq(layer)]
        m.d.comb += [
            self.answer.valid.eq(made & read_out & (row >> (PART - 1).bit_length() == order.part)),
            self.answer.data.eq(delayed(m, value, box)[box]),
            entry.write.eq(made & present & ~read_out),
            entry.place.eq(self._made(m, phase, layer)),
            entry.pointer.eq(pointer),
            entry.row.eq(row),
            entry.value.eq(x),
        ]
        self._more_list(m, made & ~read_out, layer)
        with m.If(made & lasts_of):
            m.d.sync += end_upper.eq(end_upper + 1)
        with m.If(entry.write):
            m.d.sync += pointer.eq(pointer + 1)
        with m.If(drained & normal):
            m.d.sync += [pointer.eq(0), end_upper.eq(0)]
        with m.If(making & ~read_out):  # a walk may follow
            m.d.sync += entry.lengths.word_select(entry.place, bits + 1).eq(pointer + entry.write)
        with m.If(order.start):
            m.d.sync += [end_sub.eq(0), end_lane.eq(0), end_group.eq(0)]
        return m
