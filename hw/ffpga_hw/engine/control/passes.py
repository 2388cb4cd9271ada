"""How a step goes through the layers: once, from the first layer, which has the labels, to the last one."""

from amaranth import Array, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring

from ffpga_golden.timing import follows_list

from ...machine import Machine
from ..signatures.sizes import label_indices, total_bits
from ..signatures.slots import TotalSlots

#: Commands of a step.
PAIR, PHASE, INFER, ACTIVITIES = range(4)


class Passes(wiring.Component):
    """Where in the network a step is, and what of the sequencer's order depends on that.

    Parameters
    ----------
    members : dict
        Ports of the sequencer.
    """

    def __init__(self, members: dict[str, wiring.Member]) -> None:
        super().__init__(members)
        self._layer, self._phase = Signal(2, name="layer"), Signal(name="phase")
        labels = label_indices(self._config)
        self._label_a, self._label_b = Signal(labels, name="label_a"), Signal(labels, name="label_b")
        self._contrast, self._infer, self._negative, self._again = (
            Signal(name=n) for n in ("contrast", "infer", "negative_phase", "again")
        )
        self._first_layer, self._last_layer, self._labelled = (
            Signal(name=n) for n in ("first_layer", "last_layer", "labelled")
        )

    def _has_labels(self) -> Value:
        """The layer has label rows."""
        return self._first_layer

    def _named(self) -> Value:
        """Activities and totals are in the labels' slots."""
        return self._labelled

    def _scans(self) -> Value:
        """An inference scores every label here."""
        return self._infer

    def _own_inputs(self) -> Value:
        """Each phase of a pair has a walk of its own."""
        return ~self._labelled

    def _free(self) -> Value:
        """A walk need not wait for a list."""
        return self._first_layer

    def _follows(self) -> Value:
        """A walk that is not free may begin before its list is complete."""
        above = [follows_list(self._config, layer) for layer in range(1, self._config.depth)]
        return Const(all(above), 1) if len({*above}) < 2 else Array([Const(0, 1), *map(Const, above)])[self._layer]

    def _learns(self) -> Value:
        """The layer learns, if c is not 0."""
        return Const(1)

    def _final(self) -> Value:
        """No list is made of the layer."""
        return self._last_layer

    def _both(self) -> Value:
        """Lists are made of both phases."""
        return self._contrast

    def _ends(self) -> Value:
        """No layer comes after this one."""
        return self._last_layer

    def _deeper(self, most: Value) -> Value:
        """An inference goes on to the next layer; `most`: it takes more than one label to the top."""
        return ~self._last_layer & most

    def _sum_begins(self) -> Value:
        """An inference's sum is this layer's."""
        return self._first_layer

    def _next_layer(self, m: Module) -> None:
        m.d.sync += self._layer.eq(self._layer + 1)

    def _anew(self, m: Module) -> None:
        """From the first layer."""
        m.d.sync += self._layer.eq(0)

    def _selected(self, m: Module, machine: Machine) -> None:
        """A label is selected: on with it."""
        machine.go("DECIDE")

    def _leave(self, m: Module) -> None:
        """A candidate of an inference has been looked at."""
        self._anew(m)

    def _kept(self, slot_a: Value, slot_b: Value) -> tuple[Value, Value]:
        """Slots of the phases' activities, whose totals are in `slot_a` and `slot_b`."""
        return (self._label_a, self._label_b) if self._config.classes else (Const(0), Const(1))

    def _orders(self, m: Module, second_walk: Value) -> None:
        """What goes with the pulses to the units."""
        config, step = self._config, self.step
        walk, inputs, state, score, decision, vector = (
            self.walk, self.inputs, self.state, self.score, self.decision, self.vector,
        )  # fmt: skip
        layer, phase, label_a, label_b = self._layer, self._phase, self._label_a, self._label_b
        contrast, infer, negative = self._contrast, self._infer, self._negative
        slots = TotalSlots(config)
        begun = Signal()
        # Slots of totals: a label's, or one of the layer's parity and the phase.
        plain = Array([Const(config.classes + n, total_bits(config)) for n in range(4)])
        slot_a, slot_b = Signal(total_bits(config)), Signal(total_bits(config))
        kept_a, kept_b = self._kept(slot_a, slot_b)
        parity = 2 * layer[0]
        m.d.comb += [
            slot_a.eq(Mux(self._named(), label_a, plain[parity])),
            slot_b.eq(Mux(self._named(), label_b, plain[parity + 1])),
        ]
        m.d.sync += begun.eq(walk.start)  # registered, for the sake of the clock's frequency
        m.d.comb += [
            inputs.layer.eq(layer),
            inputs.phase.eq(phase),
            inputs.sample.eq(Mux(contrast, phase, negative & (step.command == PAIR))),
            inputs.every.eq(score.every & ~walk.update),
            inputs.label_a.eq(label_a),
            inputs.label_b.eq(label_b),
            state.update.eq(walk.update),
            state.begun.eq(begun),
            state.ended.eq(walk.done),
            state.single.eq(~contrast),
            state.set.eq(second_walk),
            score.restart.eq(begun),
            score.slot_a.eq(Mux(self._named(), label_a, plain[phase + parity])),
            score.kept.eq(Mux(phase, kept_b, kept_a)),
            score.slot_b.eq(label_b),
            score.labelled.eq(self._labelled),
            score.first_layer.eq(self._first_layer),
            vector.part.eq(step.negative),
            vector.layer.eq(layer),
            vector.slot_a.eq(kept_a),
            vector.slot_b.eq(kept_b),
            vector.sets.eq(Mux(contrast, Mux(self._own_inputs(), 2, 3), 1)),
            vector.normals.eq(Mux(infer, 1, Mux(self._final(), 0, Mux(self._both(), 2, 1)))),
            vector.negate.eq(decision.negate),
        ]
        # Totals: two phases are compared, or one with its threshold; an inference adds up its layers in the label's
        # slot, or in one of their own.
        threshold = slots.threshold(layer, self.settings.written.bit_select(layer, 1))
        m.d.comb += [
            decision.active.eq(state.active),
            decision.layer.eq(layer),
            decision.pair.eq(contrast),
            decision.negate.eq(self.settings.polarity ^ negative),
            decision.first.eq(self._sum_begins()),
            decision.slot_a.eq(slot_a),
            decision.slot_b.eq(Mux(contrast, slot_b, threshold)),
            decision.slot_sum.eq(label_a if config.classes else slots.sum),
        ]
        with m.If(infer):
            m.d.comb += decision.slot_b.eq(slot_a)
            with m.If(~self._sum_begins() | decision.among):  # in the end the sum is told
                m.d.comb += decision.slot_a.eq(decision.slot_sum)
