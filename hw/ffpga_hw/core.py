"""The core: the link and the engine."""

from amaranth import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect

from ffpga_golden import NetworkConfig

from .engine import Engine
from .link import Link


class Core(wiring.Component):
    """A whole learning chip behind two byte streams (`ffpga_golden.protocol`).

    Parameters
    ----------
    config : NetworkConfig
    """

    i: In(stream.Signature(8))  #: bytes from the host
    o: Out(stream.Signature(8))  #: bytes to the host
    beat: Out(1)  #: changes with every 128 commands: a chip at work blinks a few times a second, an idle one does not

    def __init__(self, *, config: NetworkConfig) -> None:
        if not isinstance(config, NetworkConfig):
            raise TypeError(f"config must be a NetworkConfig, not {config!r}")
        self._config = config
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.link = link = Link(config=self._config)
        m.submodules.engine = engine = Engine(config=self._config)
        connect(m, wiring.flipped(self.i), link.i)
        connect(m, link.o, wiring.flipped(self.o))
        m.d.comb += self.beat.eq(link.beat)
        connect(m, link.engine, engine.port)
        return m
