"""The memory of activities: written by the scorer, read for local errors and lists."""

from amaranth import Array, Cat, Module, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import activity_latency, scored_together

from ...delay import delayed
from ..signatures.sizes import neuron_bits, slot_bits
from ..signatures.vectors import ActivityRead, ActivityWrite


class Activities(wiring.Component):
    """Activities of all slots, see `slot_bits`; in as many banks as are written together, neuron by neuron.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__({"write": In(ActivityWrite(config)), "read": In(ActivityRead(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        together = scored_together(config)
        lowest = together.bit_length() - 1  # bits of a neuron's index that are its bank
        depth = 1 << slot_bits(config) + neuron_bits(config) - lowest
        banks = []
        for n in range(together):
            m.submodules[f"words{n}"] = words = memory.Memory(shape=ACTIVITY_BITS, depth=depth, init=[])
            write, read = words.write_port(), words.read_port()
            m.d.comb += [
                write.en.eq(self.write.write),
                write.addr.eq(Cat(self.write.place, self.write.slot)),
                write.data.eq(self.write.y[n * ACTIVITY_BITS : (n + 1) * ACTIVITY_BITS]),
                read.addr.eq(Cat(self.read.neuron[lowest:], self.read.slot)),
            ]
            banks.append(read.data)
        bank, y = Signal(lowest), Signal(ACTIVITY_BITS)
        m.d.sync += bank.eq(self.read.neuron[:lowest])
        m.d.comb += [
            y.eq(Array(banks)[bank] if lowest else banks[0]),
            self.read.y.eq(delayed(m, y, activity_latency(config) - 1)[-1]),
        ]
        return m
