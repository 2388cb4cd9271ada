"""The memory of activities: written by the scorer, read for local errors and lists."""

from amaranth import Cat, Module
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS

from ..signatures.sizes import neuron_bits, slot_bits
from ..signatures.vectors import ActivityRead, ActivityWrite


class Activities(wiring.Component):
    """Activities of all slots, see `slot_bits`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__({"write": In(ActivityWrite(config)), "read": In(ActivityRead(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        depth = 1 << slot_bits(self._config) + neuron_bits(self._config)
        m.submodules.words = words = memory.Memory(shape=ACTIVITY_BITS, depth=depth, init=[])
        write, read = words.write_port(), words.read_port()
        m.d.comb += [
            write.en.eq(self.write.write),
            write.addr.eq(Cat(self.write.neuron, self.write.slot)),
            write.data.eq(self.write.y),
            read.addr.eq(Cat(self.read.neuron, self.read.slot)),
            self.read.y.eq(read.data),
        ]
        return m
