"""Samples from AXI4-Stream, or from the register SAMPLE, into the engine's input list."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from ..interface import flipped, row_bits, sample_ports, sample_slots
from ..link.compare import below
from .ports import SAMPLE_PORTS


class Loader(wiring.Component):
    """Writer of the sample list: two banks a slot, written in the bank that is not current, a beat a clock.

    A whole sample waits until it is taken (`commit`), which makes its bank the current one, unless it is bad; the
    next one of its slot is held back as long. A beat is in the list a clock after it was accepted.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        slots = sample_slots(config)
        super().__init__(
            {
                **SAMPLE_PORTS,
                #: A beat by the register {tdata, tlast} (pulse), only where there is room for one.
                "beat": In(1),
                "beat_data": In(17),
                "room": Out(1),
                #: Per slot: a whole sample waits; it is out of range; take it (pulse).
                "waiting": Out(slots),
                "bad": Out(slots),
                "commit": In(slots),
                #: Give up what waits or is half there (pulse).
                "discard": In(1),
                **flipped(sample_ports(config)),
                #: Per slot: whether a sample was ever taken.
                "sample_valid": Out(slots),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        slots, bits = sample_slots(config), row_bits(config)
        # The beat at hand, from the stream or from the register: whichever began a sample ends it.
        full, last = Signal(), Signal()
        gap, value = Signal(8), Signal(8)
        streamed, written = Signal(), Signal()  # a sample of the stream, of the register is half there
        ready, take, store = Signal(), Signal(), Signal()
        m.d.comb += [
            ready.eq(~full | store),
            self.room.eq(ready & ~streamed),
            self.s_axis_tready.eq(ready & ~written & ~self.beat),
            take.eq(self.s_axis_tvalid & self.s_axis_tready),
        ]
        with m.If(store):
            m.d.sync += full.eq(0)
        with m.If(take | self.beat):
            m.d.sync += full.eq(1)
            m.d.sync += Cat(gap, value, last).eq(
                Mux(self.beat, self.beat_data, Cat(self.s_axis_tdata, self.s_axis_tlast))
            )
        with m.If(take):
            m.d.sync += streamed.eq(~self.s_axis_tlast)
        with m.If(self.beat):
            m.d.sync += written.eq(~self.beat_data[16])

        # Its place in the sample. Without labels the first beat is the slot.
        wide = max(8, bits)
        row, far = Signal(wide), Signal()  # `far`: the row left its bits
        at, following = Signal(wide + 1), Signal(wide + 1)
        index = Signal(range(config.features + 1))
        wrong, beyond, entry = Signal(), Signal(), Signal()
        header = Signal(init=1) if slots == 2 else C(0, 1)
        chosen = Signal() if slots == 2 else C(0, 1)
        slot = Mux(header, gap[0], chosen) if slots == 2 else C(0, 1)
        m.d.comb += [
            store.eq(full & ~self.waiting.bit_select(slot, 1)),
            at.eq(row + gap),
            following.eq(at + (value != 0)),
            beyond.eq(far | ~below(at, config.features)),
            entry.eq((value != 0) & ~header),
            self.list_write_enable.eq(store & entry & ~beyond),
            self.list_write_address.eq(Cat(index[:bits], ~self.sample_bank.bit_select(slot, 1), slot)),
            self.list_write_row.eq(at),
            self.list_write_value.eq(value),
        ]
        waiting_length = [Signal(range(config.features + 1), name=f"waiting_length_{n}") for n in range(slots)]
        with m.If(store):
            with m.If(~header):
                m.d.sync += [row.eq(following), far.eq(far | following[wide])]
                m.d.sync += [index.eq(index + self.list_write_enable), wrong.eq(wrong | (entry & beyond))]
            if slots == 2:
                m.d.sync += [chosen.eq(slot), header.eq(last)]
            with m.If(last):
                m.d.sync += [row.eq(0), far.eq(0), index.eq(0), wrong.eq(0)]
                for number in range(slots):
                    with m.If(slot == number):
                        m.d.sync += [self.waiting[number].eq(1), self.bad[number].eq(wrong | (entry & beyond))]
                        m.d.sync += waiting_length[number].eq(index + self.list_write_enable)
        for number in range(slots):
            with m.If(self.commit[number]):
                m.d.sync += self.waiting[number].eq(0)
                with m.If(~self.bad[number]):
                    m.d.sync += self.sample_bank[number].eq(~self.sample_bank[number])
                    m.d.sync += self.sample_valid[number].eq(1)
                    m.d.sync += self.sample_length[number].eq(waiting_length[number])
        with m.If(self.discard):
            m.d.sync += [full.eq(0), streamed.eq(0), written.eq(0), self.waiting.eq(0)]
            m.d.sync += [row.eq(0), far.eq(0), index.eq(0), wrong.eq(0)]
            if slots == 2:
                m.d.sync += header.eq(1)
        return m
