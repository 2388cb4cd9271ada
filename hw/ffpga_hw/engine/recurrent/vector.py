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

    def _made(self, m: Module, phase: Value, layer: Value) -> Value:
        odd = Signal()
        with m.If(self.order.start):
            m.d.sync += odd.eq(self.order.odd)
        return self._places.made_at(phase, layer, odd)
