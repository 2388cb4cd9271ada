"""The host's way to a weight, while no step runs."""

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import memory_latency

from ...delay import delayed
from ..signatures.lanes import HostWeight
from ..signatures.port import WeightPort
from ..signatures.vectors import LaneWeight


class WeightAccess(wiring.Component):
    """Reads or writes one weight.

    A write holds the weight within its limits; with one port the lanes' registers take it a clock before the memory
    does. A word that is read goes the way of a label's weights: into the lanes' own memories, from which the scorer
    takes the one that is wanted.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "port": In(WeightPort()),
                "active": In(1),  #: a step runs
                "access": Out(HostWeight(config)),
                "one": Out(LaneWeight(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, port, access, one = self._config, self.port, self.access, self.one
        latency, bits, limit = memory_latency(config), config.weight_bits, config.weight_max
        quick = int(config.memory_ports == 2)  # for the fast clock of two ports, a register more
        read = delayed(m, port.read, latency + 3, reset=True)
        written = delayed(m, port.write, 3 + quick, reset=True)
        raw, limited = port.data[:bits].as_signed(), Signal(signed(bits))
        m.d.comb += [
            limited.eq(Mux(raw > limit, limit, Mux(raw < -limit, -limit, raw))),
            access.given.eq(delayed(m, limited, quick)[-1]),
            access.address.eq(port.word),
            access.host.eq(written[1]),
            access.write.eq(written[2]),
            access.lanes.eq(Mux(written[2], 1 << port.lane, 0)),
            access.keep.eq(read[latency]),
            one.host.eq(~self.active),
            one.lane.eq(port.lane),
            port.value.eq(one.weight),
            port.ack.eq(written[-1] | read[-1]),
        ]
        return m
