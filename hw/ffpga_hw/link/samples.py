"""Samples into the engine's input list, pair by pair as they arrive, and which bank of the list is the current one."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from ..engine.signatures.port import SamplePort, row_bits, sample_slots
from .compare import below
from .few_bits import BitReader
from .signatures import LoadedSamples, SampleBytes


class Samples(wiring.Component):
    """Writer of the sample list: two banks a slot, written in the bank that is not current.

    A sample is written while its frame still arrives; it counts only when its LOAD_SAMPLE command is executed
    (`loaded.commit`), which makes the written bank the current one. While a sample waits for that, `i.stall` holds the
    next one back. The CRC comes in as two more pairs, so the last two pairs never count; in few bits it comes behind
    the last feature, where no bit counts, and whether all was good is asked as of four bytes ago.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        self.slots = sample_slots(config)
        self.index_bits = row_bits(config)
        super().__init__(
            {
                "i": In(SampleBytes()),  #: from the intake
                "loaded": In(LoadedSamples(config)),  #: from the executor
                "sample": Out(SamplePort(config)),  #: to the engine
            }
        )

    def elaborate(self, platform):
        m = Module()
        config, slots = self.config, self.slots
        i, sample = self.i, self.sample
        row = Signal(max(8, self.index_bits), reset_less=True)
        far = Signal(reset_less=True)  # the row left its bits
        past = Signal(reset_less=True)  # the row is beyond the last feature; a clock late, but not for few bits
        index = Signal(range(config.features + 1), reset_less=True)
        slot = Signal() if slots == 2 else C(0, 1)
        wrong, out = Signal(reset_less=True), Signal(reset_less=True)  # the slot, the row of a pair that counts
        wrote, beyond = (
            Signal(2, reset_less=True),
            Signal(2, reset_less=True),
        )  # the last two pairs: an entry, out of range
        addend, following = Signal(8), Signal(len(row) + 1)

        few, one, eight = i.few, C(0, 1), C(0, 1)  # it comes in few bits
        m.d.comb += [
            i.bad.eq(wrong | out),
            sample.write.eq(i.valid & ~i.first & ~i.gap & ~i.zero & ~past & ~wrong),
            sample.value.eq(i.byte),
        ]
        bad_slot = ~i.zero if slots == 1 else i.byte > 1
        if config.few_bits:
            m.submodules.reader = reader = BitReader(width=8)
            bits = Signal(4, reset_less=True)
            whole = Signal(4, reset_less=True)  # a byte ago, two, three, four
            one, eight = reader.one, reader.eight
            known = Cat(i.byte[4:] == 1 << n for n in range(4)).any()
            bad_slot = Mux(few, ~(known & below(i.byte[:4], slots)), bad_slot)
            m.d.comb += [
                reader.begin.eq(i.valid & i.first),
                reader.bits.eq(bits),
                reader.load.eq(i.valid & ~i.first & few),
                reader.word.eq(i.byte),
                reader.low.eq(row),
                reader.past.eq(past),
            ]
            with m.If(few):
                m.d.comb += [sample.write.eq(reader.write), sample.value.eq(reader.value)]
                m.d.comb += i.bad.eq(wrong | ~whole[-1])
            with m.If(reader.load):
                m.d.sync += whole.eq(Cat(reader.whole, whole))
            with m.If(reader.begin):
                m.d.sync += [whole.eq(0), bits.eq(i.byte[4:])]

        m.d.comb += [
            addend.eq((i.byte & (i.gap & ~few).replicate(8)) | eight << 3),
            following.eq((Cat(C(1, 1), row) + Cat(Mux(few, one, ~i.gap & ~i.zero), addend))[1:]),
            sample.address.eq(Cat(index[: self.index_bits], ~sample.bank.bit_select(slot, 1), slot)),
            sample.row.eq(row),
        ]
        if config.few_bits:
            m.d.comb += past.eq(far | ~below(row, config.features))
        else:
            m.d.sync += past.eq(far | ~below(row, config.features))
        with m.If(Mux(few, one | eight, i.valid)):
            m.d.sync += row.eq(following)
            with m.If(following[-1]):
                m.d.sync += far.eq(1)
        with m.If(sample.write):
            m.d.sync += index.eq(index + 1)
        with m.If(i.valid):
            with m.If(i.first):
                m.d.sync += [row.eq(0), far.eq(0), index.eq(0), out.eq(0), wrote.eq(0), beyond.eq(0)]
                m.d.sync += wrong.eq(bad_slot)
                if slots == 2:
                    m.d.sync += slot.eq(i.byte)
            with m.Elif(~i.gap & ~few):
                m.d.sync += out.eq(out | beyond[1])
                m.d.sync += [wrote.eq(Cat(sample.write, wrote)), beyond.eq(Cat(~i.zero & past, beyond))]

        waiting = Signal()
        busy = reader.busy if config.few_bits else C(0, 1)
        m.d.comb += i.stall.eq(waiting | busy)
        if config.fields_of(0):  # another sample's tiles are forgotten first, also those of one that was not accepted
            written = Signal()
            spoilt = written & i.first & ~waiting
            m.d.comb += i.stall.eq(waiting | busy | sample.clearing | spoilt)
            m.d.comb += sample.clear.eq((self.loaded.commit | spoilt) << slot)
            with m.If(sample.write):
                m.d.sync += written.eq(1)
            with m.Elif(sample.clear.any()):
                m.d.sync += written.eq(0)
        with m.If(i.accept):
            m.d.sync += waiting.eq(1)
        with m.If(self.loaded.commit):
            m.d.sync += waiting.eq(0)
            for number in range(slots):
                with m.If(slot == number):
                    m.d.sync += sample.bank[number].eq(~sample.bank[number])
                    m.d.sync += self.loaded.valid[number].eq(1)
                    m.d.sync += sample.length[number].eq(index - (wrote[0] + wrote[1]))
        return m
