"""The vector unit where a layer above the first has receptive fields: it tells of the inputs that are 0, too."""

from amaranth import Module, Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..signatures.places import ListPlaces
from ..vectors.vector import Vector
from .signatures import TileListPort


class TileVector(Vector):
    """`Vector` with every input that it makes."""

    def _list_signature(self, config: NetworkConfig, places: ListPlaces) -> wiring.Signature:
        return TileListPort(config, places)

    def _more_list(self, m: Module, made: Value, layer: Value) -> None:
        m.d.comb += [self.list.made.eq(made), self.list.layer.eq(layer + 1)]
