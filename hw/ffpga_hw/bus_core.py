"""The core in a system: the bus and the engine."""

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from ffpga_golden import NetworkConfig

from .bus import Bus
from .bus.axi import OUTSIDE
from .engine import Engine


class BusCore(wiring.Component):
    """A whole learning chip behind AXI4-Stream, for samples and answers, and AXI4-Lite, for all the rest.

    Its ports are those of `bus.axi`; what there is at which address is in `bus.register_map`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        if not isinstance(config, NetworkConfig):
            raise TypeError(f"config must be a NetworkConfig, not {config!r}")
        self._config = config
        super().__init__(OUTSIDE)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.bus = bus = Bus(config=self._config)
        m.submodules.engine = engine = Engine(config=self._config)
        connect(m, flipped(self.s_axi), bus.s_axi)
        connect(m, flipped(self.s_axis), bus.s_axis)
        connect(m, bus.m_axis, flipped(self.m_axis))
        m.d.comb += self.irq.eq(bus.irq)
        connect(m, bus.engine, engine.port)
        return m
