"""Samples from AXI4-Stream, or from the register SAMPLE, into the engine's input list."""

from amaranth.hdl import C, Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import BITS

from ..engine.signatures.port import SamplePort, row_bits, sample_slots
from ..link.compare import below
from ..link.few_bits import BitReader
from .axi import SAMPLES
from .signatures import SampleRegister, WaitingSamples


class Loader(wiring.Component):
    """Writer of the sample list: two banks a slot, written in the bank that is not current, a beat a clock.

    A whole sample waits until it is taken (`samples.commit`), which makes its bank the current one, unless it is bad;
    the next one of its slot is held back as long. A beat is in the list a clock after it was accepted. One of few bits
    takes a clock a bit, and one more for each level.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "s_axis": In(SAMPLES),  #: outside
                "register": In(SampleRegister(config)),  #: from the window
                "samples": In(WaitingSamples(config)),  #: from the dispatcher
                "sample": Out(SamplePort(config)),  #: to the engine
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, axis, register = self._config, self.s_axis, self.register
        samples, sample = self.samples, self.sample
        slots, bits = sample_slots(config), row_bits(config)
        # The beat at hand, from the stream or from the register: whichever began a sample ends it.
        full, last = Signal(), Signal()
        gap, value = Signal(8), Signal(8)
        streamed, written = Signal(), Signal()  # a sample of the stream, of the register is half there
        ready, take, store = Signal(), Signal(), Signal()
        clearing = Signal()  # the tiles of another sample are being forgotten
        m.d.comb += [
            ready.eq(~full | store),
            register.room.eq(ready & ~streamed),
            register.waiting.eq(samples.waiting),
            axis.tready.eq(ready & ~written & ~register.beat),
            take.eq(axis.tvalid & axis.tready),
        ]
        with m.If(store):
            m.d.sync += full.eq(0)
        with m.If(take | register.beat):
            m.d.sync += full.eq(1)
            m.d.sync += Cat(gap, value, last).eq(Mux(register.beat, register.data, Cat(axis.tdata, axis.tlast)))
        with m.If(take):
            m.d.sync += streamed.eq(~axis.tlast)
        with m.If(register.beat):
            m.d.sync += written.eq(~register.data[16])

        # Its place in the sample. Without labels, or with few bits, the first beat is a header: slot, bits of a level.
        wide = max(8, bits)
        row, far = Signal(wide), Signal()  # `far`: the row left its bits
        at, following = Signal(wide + 1), Signal(wide + 1)
        index = Signal(range(config.features + 1))
        wrong, beyond, entry = Signal(), Signal(), Signal()
        few_bits, headed = config.few_bits, slots == 2 or config.few_bits
        header = Signal(init=1) if headed else C(0, 1)
        chosen = Signal() if slots == 2 else C(0, 1)
        slot = Mux(header, gap[0], chosen) if slots == 2 else C(0, 1)
        free, on, plus_one, is_entry, goes_on, ends = ~clearing, gap, value != 0, value != 0, store, last
        if few_bits:
            m.submodules.reader = reader = BitReader(width=16)
            few, ending, level = Signal(), Signal(), Signal(4)  # in few bits; all of its beats have come
            begins_few = header & gap[4:].any()
            free = free & ~reader.busy & ~ending
            on, plus_one, is_entry = Mux(few, reader.eight << 3, gap), Mux(few, reader.one, plus_one), is_entry & ~few
            goes_on, ends = store | (ending & ~reader.busy), ending | (last & ~few & ~begins_few)
        m.d.comb += [
            store.eq(full & ~samples.waiting.bit_select(slot, 1) & free),
            at.eq(row + on),
            following.eq(at + plus_one),
            beyond.eq(far | ~below(at, config.features)),
            entry.eq(is_entry & ~header),
            sample.write.eq(store & entry & ~beyond),
            sample.address.eq(Cat(index[:bits], ~sample.bank.bit_select(slot, 1), slot)),
            sample.row.eq(at),
            sample.value.eq(value),
        ]
        bad = wrong | (entry & beyond)
        if few_bits:
            bad = wrong | Mux(ending, ~reader.whole, (entry & beyond) | (header & ~self._is_header(gap)))
            m.d.comb += [
                reader.begin.eq((store & header) | register.discard),
                reader.bits.eq(level),
                reader.load.eq(store & ~header & few),
                reader.word.eq(Cat(gap, value)),
                reader.low.eq(row),
                reader.past.eq(far | ~below(row, config.features)),
            ]
            with m.If(few):
                m.d.comb += [sample.write.eq(reader.write), sample.value.eq(reader.value)]
            with m.If(few & (reader.one | reader.eight)):
                m.d.sync += [row.eq(following), far.eq(far | following[wide]), index.eq(index + sample.write)]
        if config.fields_of(0):
            m.d.comb += clearing.eq(sample.clearing)
            m.d.comb += sample.clear.eq(samples.commit | register.discard.replicate(slots))
        waiting_length = [Signal(range(config.features + 1), name=f"waiting_length_{n}") for n in range(slots)]
        with m.If(goes_on):
            with m.If(~header):
                m.d.sync += [row.eq(following), far.eq(far | following[wide])]
                m.d.sync += [index.eq(index + sample.write), wrong.eq(wrong | (entry & beyond))]
            if slots == 2:
                m.d.sync += chosen.eq(slot)
            if headed:
                m.d.sync += header.eq(ends)
            if few_bits:
                with m.If(header):
                    m.d.sync += [few.eq(begins_few), level.eq(gap[4:]), wrong.eq(~self._is_header(gap))]
                m.d.sync += ending.eq(last & (few | begins_few))
            with m.If(ends):
                if few_bits:
                    m.d.sync += [few.eq(0), ending.eq(0)]
                m.d.sync += [row.eq(0), far.eq(0), index.eq(0), wrong.eq(0)]
                for number in range(slots):
                    with m.If(slot == number):
                        m.d.sync += [
                            samples.waiting[number].eq(1),
                            samples.bad[number].eq(bad),
                        ]
                        m.d.sync += waiting_length[number].eq(index + sample.write)
        for number in range(slots):
            with m.If(samples.commit[number]):
                m.d.sync += samples.waiting[number].eq(0)
                with m.If(~samples.bad[number]):
                    m.d.sync += sample.bank[number].eq(~sample.bank[number])
                    m.d.sync += samples.valid[number].eq(1)
                    m.d.sync += sample.length[number].eq(waiting_length[number])
        with m.If(register.discard):
            m.d.sync += [full.eq(0), streamed.eq(0), written.eq(0), samples.waiting.eq(0)]
            m.d.sync += [row.eq(0), far.eq(0), index.eq(0), wrong.eq(0)]
            if headed:
                m.d.sync += header.eq(1)
            if few_bits:
                m.d.sync += [few.eq(0), ending.eq(0)]
        return m

    def _is_header(self, byte: Value) -> Value:
        """Whether a header names a slot, and levels of a number of bits or none, which are gaps and values."""
        known = Cat(byte[4:] == bits for bits in (0, *BITS)).any()
        return known & below(byte[:4], sample_slots(self._config))
