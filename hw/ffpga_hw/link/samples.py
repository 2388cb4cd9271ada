"""Samples into the engine's input list, pair by pair as they arrive, and which bank of the list is the current one."""

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import BITS

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
                "i": In(SampleBytes(few_bits=config.few_bits)),  #: from the intake
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
        past = Signal(reset_less=True)  # the row is beyond the last feature; a clock late, but for few bits
        index = Signal(range(config.features + 1), reset_less=True)
        slot = Signal() if slots == 2 else C(0, 1)
        wrong, out = Signal(reset_less=True), Signal(reset_less=True)  # the slot, the row of a pair that counts
        wrote, beyond = (
            Signal(2, reset_less=True),
            Signal(2, reset_less=True),
        )  # the last two pairs: an entry, out of range
        addend, following = Signal(8), Signal(len(row) + 1)
        gap, plus_one, bad_slot = i.gap, ~i.gap & ~i.zero, ~i.zero if slots == 1 else i.byte > 1
        beyond_last = far | ~below(row, config.features)
        if config.few_bits:
            m.submodules.reader = reader = BitReader(width=8)
            known = Cat(i.byte[4:] == bits for bits in BITS).any()
            bad_slot = Mux(i.few, ~(known & below(i.byte[:4], slots)), bad_slot)
            gap, plus_one = gap & ~i.few, Mux(i.few, reader.one, plus_one)

        m.d.comb += [
            addend.eq(i.byte & gap.replicate(8)),
            following.eq((Cat(C(1, 1), row) + Cat(plus_one, addend))[1:]),
            i.bad.eq(wrong | out),
            sample.write.eq(i.valid & ~i.first & ~i.gap & ~i.zero & ~past & ~wrong),
            sample.address.eq(Cat(index[: self.index_bits], ~sample.bank.bit_select(slot, 1), slot)),
            sample.row.eq(row),
            sample.value.eq(i.byte),
        ]
        if config.few_bits:
            m.d.comb += past.eq(beyond_last)
        else:
            m.d.sync += past.eq(beyond_last)
        with m.If(i.valid):
            m.d.sync += row.eq(following)
            with m.If(following[-1]):
                m.d.sync += far.eq(1)
            with m.If(i.first):
                m.d.sync += [row.eq(0), far.eq(0), index.eq(0), out.eq(0), wrote.eq(0), beyond.eq(0)]
                m.d.sync += wrong.eq(bad_slot)
                if slots == 2:
                    m.d.sync += slot.eq(i.byte)
            with m.Elif(~i.gap):
                with m.If(sample.write):
                    m.d.sync += index.eq(index + 1)
                m.d.sync += out.eq(out | beyond[1])
                m.d.sync += [wrote.eq(Cat(sample.write, wrote)), beyond.eq(Cat(~i.zero & past, beyond))]

        if config.few_bits:
            self._few_bits(m, reader, row, past, wrong)
            m.d.comb += addend[3].eq(Mux(i.few, reader.eight, i.byte[3] & i.gap))
            with m.If(i.few & (reader.one | reader.eight)):
                m.d.sync += row.eq(following)
                with m.If(following[-1]):
                    m.d.sync += far.eq(1)
            with m.If(i.few & reader.write):
                m.d.sync += index.eq(index + 1)

        waiting = Signal()
        holds = waiting | reader.busy if config.few_bits else waiting
        m.d.comb += i.stall.eq(holds)
        if config.fields_of(0):  # another sample's tiles are forgotten first, also those of one that was not accepted
            written = Signal()
            spoilt = written & i.first & ~waiting
            m.d.comb += i.stall.eq(holds | sample.clearing | spoilt)
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

    def _few_bits(self, m, reader, row, past, wrong):
        """What is else where a sample comes in few bits."""
        i, sample = self.i, self.sample
        bits = Signal(4, reset_less=True)
        whole = Signal(4, reset_less=True)  # a byte ago, two, three, four
        m.d.comb += [
            reader.begin.eq(i.valid & i.first),
            reader.bits.eq(bits),
            reader.load.eq(i.valid & ~i.first & i.few),
            reader.word.eq(i.byte),
            reader.low.eq(row),
            reader.past.eq(past),
        ]
        with m.If(i.few):
            m.d.comb += [sample.write.eq(reader.write), sample.value.eq(reader.value)]
            m.d.comb += i.bad.eq(wrong | ~whole[-1])
        with m.If(reader.load):
            m.d.sync += whole.eq(Cat(reader.whole, whole))
        with m.If(reader.begin):
            m.d.sync += [whole.eq(0), bits.eq(i.byte[4:])]
