"""Local errors and lists of a recurrent network."""

from amaranth import Module, Signal, Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..vectors.vector import Vector
from .places import RecurrentPlaces
from .signatures import RecurrentVectorOrder


class RecurrentVector(Vector):
    """`Vector` that makes lists of odd and of even times in turn: walks take those of one kind meanwhile."""

    _places: RecurrentPlaces

    def _list_places(self, config: NetworkConfig) -> RecurrentPlaces:
        return RecurrentPlaces(config)

    def _order_signature(self, config: NetworkConfig) -> wiring.Signature:
        return RecurrentVectorOrder(config)

    def _slots(self, m: Module) -> tuple[Value, Value]:
        """Layers have slots of their own: those of the layer at the start."""
        slot_a, slot_b = (Signal.like(self.order.slot_a, name=f"slot_{phase}") for phase in "ab")
        with m.If(self.order.start):
            m.d.sync += [slot_a.eq(self.order.slot_a), slot_b.eq(self.order.slot_b)]
        return slot_a, slot_b

    def _made(self, m: Module, phase: Value, layer: Value) -> Value:
        odd = Signal()
        with m.If(self.order.start):
            m.d.sync += odd.eq(self.order.odd)
        return self._places.made_at(phase, layer, odd)
