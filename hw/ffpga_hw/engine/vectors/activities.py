"""The memory of activities: written by the scorer, read for local errors and lists."""

from amaranth import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import activity_latency, scored_together, skips_zeros

from ..signatures.sizes import activity_slots, group_stride, neuron_bits, slot_bits
from ..signatures.vectors import ActivityRead, ActivityWrite


class Activities(wiring.Component):
    """Activities of all slots, see `activity_slots`; in as many banks as are written together, read one by one.

    A bank has the places of each slot, or, where that takes fewer words, those of a group's slots after each other: see
    `group_stride`.

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

        ask = self.read
        skips = skips_zeros(config)
        more = ask.more
        banks = []
        for n in range(together):
            m.submodules[f"words{n}"] = words = memory.Memory(shape=ACTIVITY_BITS, depth=depth, init=[])
            write, read = words.write_port(), words.read_port()
            m.d.comb += [
                write.en.eq(self.write.write),
                write.addr.eq(address(self.write.place, self.write.slot)),
                write.data.eq(self.write.y.word_select(n, ACTIVITY_BITS)),
                read.addr.eq(address(ask.place[lowest:], ask.slot)),
                read.en.eq(~more),
            ]
            y = Cat(read.data, read.data.any()) if skips else read.data
            banks.append(self._later(m, y, activity_latency(config) - 1))
        there = self._later(m, ask.ask, activity_latency(config))
        asked = self._later(m, ask.place[:lowest], activity_latency(config))
        m.d.comb += [
            ask.there.eq(there),
            ask.bank.eq(asked),
            ask.last.eq(asked.all() if lowest else 1),
            ask.y.eq((Array(banks)[ask.bank] if lowest else banks[0])[:ACTIVITY_BITS]),
            ask.plain.eq((Array(banks)[asked] if lowest else banks[0])[:ACTIVITY_BITS]),
        ]
        if skips:
            # Which of those at hand are still to come.
            left, taken, begun = Signal(together), Signal(together - 1), Signal()
            fresh = Cat(bank[-1] for bank in banks)
            rest = _but_first(left)[1:]
            again = Signal()  # of those that are taken there are more than one
            # What is known early, and a table of its own: what comes from the memory has few to pass.
            looks, takes = Signal(attrs={"keep": 1}), Signal()
            m.d.comb += [
                left.eq(Mux(begun, Cat(Const(0, 1), taken), fresh)),
                looks.eq(there & ask.sparse & ~begun),
                takes.eq(there & ask.sparse & begun & again),
                more.eq((looks & _but_first(fresh).any()) | takes),
            ]
            m.d.sync += [begun.eq(more), taken.eq(rest), again.eq(_but_first(rest).any())]
            with m.If(ask.sparse):
                m.d.comb += [ask.bank.eq(0), ask.last.eq(~more)]
                for n in reversed(range(together)):
                    with m.If(left[n]):
                        m.d.comb += ask.bank.eq(n)
        return m

    def _later(self, m: Module, value: Value, clocks: int) -> Value:
        """A value so many clocks later, which do not count while there are `more`."""
        for _ in range(clocks):
            later = Signal.like(value, name="later")
            with m.If(~self.read.more):
                m.d.sync += later.eq(value)
            value = later
        return value


def _but_first(ones: Value) -> Value:
    """The ones in it but the lowest."""
    return (ones & (ones - 1))[: len(ones)]
