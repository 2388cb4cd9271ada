"""A random wrong label, from a byte of the random generator."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig

from ..signatures.sizes import label_indices


class RandomLabel(wiring.Component):
    """``(label + 1 + (byte * (classes - 1) >> 8)) mod classes``, 3 clocks after `take`.

    Parameters
    ----------
    config : NetworkConfig
        With labels.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._classes, labels = config.classes, label_indices(config)
        super().__init__({"take": In(1), "byte": In(8), "label": In(labels), "wrong": Out(labels)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        classes = self._classes
        drawn, offset, total = Signal(8), Signal(range(classes)), Signal(range(2 * classes))
        with m.If(self.take):
            m.d.sync += drawn.eq(self.byte)
        m.d.sync += offset.eq((drawn * (classes - 1)) >> 8)
        m.d.comb += total.eq(self.label + offset + 1)
        m.d.sync += self.wrong.eq(Mux(total >= classes, total - classes, total))
        return m
