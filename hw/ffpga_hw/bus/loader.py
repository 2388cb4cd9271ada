"""Samples from AXI4-Stream, or from the register SAMPLE, into the engine's input list."""

from amaranth.hdl import C, Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.few_bits import BITS

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
        few_bits, two = config.few_bits, slots == 2
        header = Signal(init=1) if two or few_bits else C(0, 1)
        chosen = Signal() if two else C(0, 1)
        slot = Mux(header, gap[0], chosen) if two else C(0, 1)
        few, ending = (
            (Signal(), Signal()) if few_bits else (C(0, 1), C(0, 1))
        )  # in few bits; all of its beats have come
        one, eight, busy, finish = C(0, 1), C(0, 1), C(0, 1), Signal()
        if few_bits:
            m.submodules.reader = reader = BitReader(width=16)
            level = Signal(4)
            one, eight, busy = reader.one, reader.eight, reader.busy
            m.d.comb += [
                reader.begin.eq((store & header) | register.discard),
                reader.bits.eq(level),
                reader.load.eq(store & ~header & few),
                reader.word.eq(Cat(gap, value)),
                reader.low.eq(row),
                reader.past.eq(far | ~below(row, config.features)),
            ]
            with m.If(store & header):
                m.d.sync += [level.eq(gap[4:]), few.eq(gap[4:].any())]
                m.d.sync += wrong.eq(~self._is_header(gap))
            with m.If(store & last):
                m.d.sync += ending.eq(Mux(header, gap[4:].any(), few))
        m.d.comb += [
            store.eq(full & ~samples.waiting.bit_select(slot, 1) & ~clearing & ~busy & ~ending),
            finish.eq((ending & ~busy) | (store & last & ~Mux(header, gap[4:].any() & few_bits, few))),
            at.eq(row + Mux(few, eight << 3, gap)),
            following.eq(at + Mux(few, one, value != 0)),
            beyond.eq(far | ~below(at, config.features)),
            entry.eq((value != 0) & ~header & ~few),
            sample.write.eq(store & entry & ~beyond),
            sample.address.eq(Cat(index[:bits], ~sample.bank.bit_select(slot, 1), slot)),
            sample.row.eq(at),
            sample.value.eq(value),
        ]
        bad = wrong | (entry & beyond)
        if few_bits:
            bad = wrong | Mux(ending, ~reader.whole, store & ((entry & beyond) | (header & ~self._is_header(gap))))
            with m.If(few):
                m.d.comb += [sample.write.eq(reader.write), sample.value.eq(reader.value)]
        if config.fields_of(0):
            m.d.comb += clearing.eq(sample.clearing)
            m.d.comb += sample.clear.eq(samples.commit | register.discard.replicate(slots))
        waiting_length = [Signal(range(config.features + 1), name=f"waiting_length_{n}") for n in range(slots)]
        with m.If(Mux(few, one | eight, store & ~header)):
            m.d.sync += [row.eq(following), far.eq(far | following[wide])]
            m.d.sync += [index.eq(index + sample.write), wrong.eq(wrong | (entry & beyond))]
        with m.If(store):
            if two:
                m.d.sync += chosen.eq(slot)
            if two or few_bits:
                m.d.sync += header.eq(0)
        with m.If(finish):
            m.d.sync += [row.eq(0), far.eq(0), index.eq(0), wrong.eq(0)]
            for number in range(slots):
                with m.If(slot == number):
                    m.d.sync += [samples.waiting[number].eq(1), samples.bad[number].eq(bad)]
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
        if two or few_bits:
            with m.If(finish | register.discard):
                m.d.sync += header.eq(1)
        if few_bits:
            with m.If(finish | register.discard):
                m.d.sync += [few.eq(0), ending.eq(0)]
        return m

    def _is_header(self, byte: Value) -> Value:
        """Whether a header names a slot, and levels of a number of bits or none, which are gaps and values."""
        known = Cat(byte[4:] == bits for bits in (0, *BITS)).any()
        return known & below(byte[:4], sample_slots(self._config))
