"""The core in a system: the bus and the engine."""

from amaranth import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig

from .bus import Bus
from .bus.ports import BUS_PORTS
from .engine import Engine
from .interface import join_engine


class BusCore(wiring.Component):
    """A whole learning chip behind AXI4-Stream, for samples and answers, and AXI4-Lite, for all the rest.

    Its ports are those of `bus.ports`; what there is at which address is in `bus.register_map`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        if not isinstance(config, NetworkConfig):
            raise TypeError(f"config must be a NetworkConfig, not {config!r}")
        self._config = config
        super().__init__(BUS_PORTS)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.bus = bus = Bus(config=self._config)
        m.submodules.engine = engine = Engine(config=self._config)
        for name, member in BUS_PORTS.items():
            source, sink = (self, bus) if member.flow == In else (bus, self)
            m.d.comb += Value.cast(getattr(sink, name)).eq(getattr(source, name))
        join_engine(m, self._config, bus, engine)
        return m
