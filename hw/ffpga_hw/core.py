"""The core: the link and the engine."""

from amaranth import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect

from ffpga_golden import NetworkConfig

from .engine import Engine
from .link.link import ENGINE_PORTS, Link


class Core(wiring.Component):
    """A whole learning chip behind two byte streams (`ffpga_golden.protocol`).

    Parameters
    ----------
    config : NetworkConfig
    """

    i: In(stream.Signature(8))  #: bytes from the host
    o: Out(stream.Signature(8))  #: bytes to the host

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
        samples = "list_write_enable list_write_address list_write_row list_write_value sample_bank link_error"
        for name in (*ENGINE_PORTS, *samples.split()):
            ours, theirs = getattr(link, name), getattr(engine, name)
            if link.signature.members[name].flow == Out:
                m.d.comb += theirs.eq(ours)
            else:
                m.d.comb += ours.eq(theirs)
        m.d.comb += engine.sample_length.eq(link.sample_length.as_value())
        return m
