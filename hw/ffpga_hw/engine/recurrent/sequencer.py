"""The order of a recurrent network's step: the bottom-up pass, then all layers at each time."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ...machine import Machine
from ..control.sequencer import Sequencer
from .signatures import RecurrentDecision, RecurrentInputs, RecurrentVectorOrder
from .time_steps import TimeSteps


class RecurrentSequencer(Sequencer):
    """`Sequencer` that goes through the layers once a time step; the last layer has the labels.

    Each further candidate of an inference begins at time 0 anew: the lists of that time are gone.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        super().__init__(config=config)
        self._time = TimeSteps()
        self._scanned = Signal(name="scanned")  # an inference has scored the labels

    def _inputs_signature(self, config: NetworkConfig) -> wiring.Signature:
        return RecurrentInputs(config)

    def _decision_signature(self, config: NetworkConfig) -> wiring.Signature:
        return RecurrentDecision(config)

    def _vector_signature(self, config: NetworkConfig) -> wiring.Signature:
        return RecurrentVectorOrder(config)

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.submodules.time = time = self._time
        inputs = self.inputs
        m.d.comb += [
            time.steps.eq(self.settings.time_steps),
            inputs.bottom_up.eq(time.bottom_up),
            inputs.odd.eq(time.odd_inputs),
            inputs.common.eq(time.first),
            # After time 0 each phase has a walk of its own over the top layer, with one label.
            inputs.label_a.eq(Mux(self._phase, self._label_b, self._label_a)),
            self.vector.odd.eq(time.odd),
            self.decision.quiet.eq(~time.last & ~self._infer),
        ]
        with m.If(~self.state.active):
            m.d.sync += self._scanned.eq(0)
        return m

    def _has_labels(self) -> Value:
        return self._last_layer

    def _named(self) -> Value:
        return self._last_layer & self._time.bottom_up

    def _kept(self, slot_a: Value, slot_b: Value) -> tuple[Value, Value]:
        return slot_a, slot_b

    def _scans(self) -> Value:
        return self._infer & ~self._scanned

    def _own_inputs(self) -> Value:
        return ~self._time.bottom_up

    def _free(self) -> Value:
        """In the last time step no lists are made."""
        return Mux(self._first_layer, self._time.bottom_up, self._time.last)

    def _learns(self) -> Value:
        return ~self._time.bottom_up

    def _final(self) -> Value:
        return self._time.last

    def _both(self) -> Value:
        """At time 0 the phases have lists of their own in the top layer only."""
        return self._contrast & (self._last_layer | ~self._time.bottom_up)

    def _ends(self) -> Value:
        return self._last_layer & self._time.last

    def _deeper(self, most: Value) -> Value:
        return ~self._ends() & (most | (self._time.bottom_up & ~self._last_layer))

    def _sum_begins(self) -> Value:
        """Time 0 is not part of the sum."""
        return self._time.bottom_up | (self._time.first & self._first_layer)

    def _next_layer(self, m: Module) -> None:
        m.d.sync += self._layer.eq(Mux(self._last_layer, 0, self._layer + 1))
        m.d.comb += self._time.step.eq(self._last_layer)

    def _anew(self, m: Module) -> None:
        super()._anew(m)
        m.d.comb += self._time.restart.eq(1)

    def _selected(self, m: Module, machine: Machine) -> None:
        super()._selected(m, machine)
        with m.If(self._scanned):
            machine.go("FORWARD")

    def _leave(self, m: Module) -> None:
        super()._leave(m)
        m.d.sync += self._scanned.eq(1)
