"""The table of layers: where the words of each are, and how many."""

from amaranth import Array, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig

from ..signatures.walk import LayerSizes


class Layers(wiring.Component):
    """Looks up the sizes of the layer at hand; no clock between them.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__({"layer": In(2), "sizes": Out(LayerSizes(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        layers = range(config.depth)
        m.d.comb += [
            self.sizes.base.eq(Array([config.base(layer) for layer in layers])[self.layer]),
            self.sizes.rows.eq(Array([config.rows(layer) for layer in layers])[self.layer]),
            self.sizes.bias.eq(Array([config.bias_row(layer) for layer in layers])[self.layer]),
            self.sizes.groups.eq(Array(config.groups)[self.layer]),
        ]
        return m
