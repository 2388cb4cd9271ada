"""The memory of activities: written by the scorer, read for local errors and lists."""

from amaranth import Array, Cat, Module, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import activity_latency, scored_together

from ...delay import delayed
from ..signatures.sizes import activity_slots, group_stride, neuron_bits, slot_bits
from ..signatures.vectors import ActivityRead, ActivityWrite


class Activities(wiring.Component):
    """Activities of all slots, see `activity_slots`; in as many banks as are written together, neuron by neuron.

    A bank has the places of each slot, or, where that takes fewer words, those of a group's slots after each other:
    see `group_stride`.

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
        steps = config.lanes // together
        if group_stride(config) == 1:
            depth = 1 << slot_bits(config) + neuron_bits(config) - lowest
        else:
            depth = activity_slots(config) * max(config.groups) * steps

        def address(place: Value, slot: Value) -> Value:
            if group_stride(config) == 1:
                return Cat(place, slot)
            step = steps.bit_length() - 1
            return Cat(place[:step], (place[step:] + slot)[: len(place) - step])

        banks = []
        for n in range(together):
            m.submodules[f"words{n}"] = words = memory.Memory(shape=ACTIVITY_BITS, depth=depth, init=[])
            write, read = words.write_port(), words.read_port()
            m.d.comb += [
                write.en.eq(self.write.write),
                write.addr.eq(address(self.write.place, self.write.slot)),
                write.data.eq(self.write.y[n * ACTIVITY_BITS : (n + 1) * ACTIVITY_BITS]),
                read.addr.eq(address(self.read.place[lowest:], self.read.slot)),
            ]
            banks.append(read.data)
        bank, y = Signal(lowest), Signal(ACTIVITY_BITS)
        m.d.sync += bank.eq(self.read.place[:lowest])
        m.d.comb += [
            y.eq(Array(banks)[bank] if lowest else banks[0]),
            self.read.y.eq(delayed(m, y, activity_latency(config) - 1)[-1]),
        ]
        return m
