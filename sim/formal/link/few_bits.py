"""Samples in few bits: every bit is taken once, what comes out is within the sample, and it becomes idle again."""

from amaranth.hdl import Cat, Mux, Signal

from ffpga_golden import NetworkConfig
from ffpga_hw.link.few_bits import BitReader
from ffpga_hw.link.samples import Samples
from formal.prover.bench import Bench, one_hot
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small

#: Clocks in which a byte is read: 8 bits, and the levels that end in it, of 2 bits behind a bit each.
LONGEST = 8 + 3
#: Not a multiple of eight.
FEATURES = 11


def reads(b: Bench) -> None:
    """Whatever comes, and whenever another sample begins: an owner counts features, a register keeps the bits taken."""
    m, dut = b.m, BitReader(width=8)
    inside = b.inside(dut)
    begin, load = b.free(1, "begin"), b.free(1, "load")
    row = Signal(5)
    bits = b.held(4, ~b.before(begin), "bits")  # a clock late, as its owner keeps it
    b.given((b.age(1) == 0) | one_hot(bits))
    b.given((b.age(1) == 1) | begin)
    b.given(~load | (~dut.busy & ~begin))
    b.drive(dut, begin=begin, bits=bits, load=load, low=row[:3], past=row >= FEATURES)
    with m.If(begin):
        m.d.sync += row.eq(0)
    with m.Elif(dut.one | dut.eight):
        m.d.sync += row.eq(row + Mux(dut.eight, 8, 1))
    here = row < FEATURES

    # A byte's bits are taken one after the other, each once, in so many clocks.
    word, taken, clocks, last = Signal(8), Signal(range(9), init=8), Signal(range(LONGEST + 2)), Signal(8)
    with m.If(load):
        m.d.sync += [word.eq(dut.word), taken.eq(0), clocks.eq(0)]
    with m.Elif(inside.take):
        m.d.sync += [word.eq(word[1:]), taken.eq(taken + 1), last.eq(Cat(last[1:], word[0]))]
    with m.If(dut.busy & ~load):
        m.d.sync += clocks.eq(clocks + 1)
    with m.If(begin):
        m.d.sync += taken.eq(8)
    b.claim(~inside.take | ((taken < 8) & (inside.bit == word[0])))
    b.claim(dut.busy | (taken == 8))
    b.claim(~dut.busy | (clocks < LONGEST))
    b.claim(~b.before(begin) | ~dut.busy)

    # It goes on within the sample alone, and says what the bits were.
    b.claim(~(dut.one | dut.eight | dut.write) | here)
    b.claim(~(dut.one & dut.eight))
    b.claim(~dut.write | (dut.one & (dut.value != 0)))
    value = dut.value
    b.claim(~(dut.write & bits[0]) | (value == 255))
    b.claim(~(dut.write & bits[1]) | (value == Cat(last[6:]).replicate(4)))
    b.claim(~(dut.write & bits[2]) | (value == Cat(last[4:]).replicate(2)))
    b.claim(~(dut.write & bits[3]) | (value == last))
    ones = Signal()  # behind the sample
    with m.If(inside.take & ~here & word[0]):
        m.d.sync += ones.eq(1)
    with m.If(begin):
        m.d.sync += ones.eq(0)
    b.claim(dut.whole == (~here & ~ones))
    for n in range(4):
        b.witness(dut.write & bits[n])
    b.witness(dut.busy & (clocks == LONGEST - 1))
    b.witness(dut.whole & ~dut.busy)
    b.witness(b.before(begin) & b.before(dut.busy))


def writes_inside(b: Bench, config: NetworkConfig) -> None:
    """Whatever bytes come, as pairs and in few bits: into the other bank, within the sample, never while one waits."""
    m, dut = b.m, Samples(config=config)
    inside = b.inside(dut)
    i, sample = dut.i, dut.sample
    valid, first, accept, commit = (b.free(1, name) for name in ("valid", "first", "accept", "commit"))
    few = b.held(1, ~(valid & first), "few")
    b.drive(dut, i_valid=valid, i_first=first, i_few=few, i_accept=accept, loaded_commit=commit)
    begun, waits, even = Signal(), Signal(), Signal()  # a frame's first byte has come; its fate is open; half a pair
    with m.If(valid):
        m.d.sync += [begun.eq(1), even.eq(~first & ~even)]
    with m.If(commit):
        m.d.sync += waits.eq(0)
    with m.If(accept):
        m.d.sync += [waits.eq(1), begun.eq(0)]
    # As the intake says them: gaps and values in turn, bytes three clocks apart, none where it had to hold back.
    b.given(~valid | ((i.zero == (i.byte == 0)) & (i.gap == ~even) & (first | begun)))
    for clocks in (1, 2):
        b.given(~valid | ~(b.before(valid, clocks) | b.before(accept, clocks)))
    b.given(~valid | ~b.before(i.stall, 2))
    b.given(~accept | (begun & ~i.bad & ~valid & ~b.before(valid) & ~waits))
    b.given(~commit | (waits & ~accept & ~valid))

    index = sample.address[: dut.index_bits]
    b.claim(~sample.write | (sample.row < config.features))
    b.claim(~sample.write | (index < config.features))
    b.claim(~sample.write | (sample.value != 0) | inside.wrong)  # of a frame that is refused any value
    b.claim(~sample.write | (sample.address[dut.index_bits] != sample.bank[0]))
    b.claim(~(sample.write & waits))
    b.claim(~(inside.reader.load & inside.reader.busy))
    b.witness(sample.write & few & (index == 1))
    b.witness(sample.write & ~few & (index == 1))
    b.witness(accept & few)
    b.witness(commit & few & inside.index.any())


def proofs() -> list[Proof]:
    """The reader, and samples with it."""
    config = small(features=FEATURES, few_bits=True)
    return [
        Proof(
            name="few bits: reader",
            claim="each bit is taken once; idle again 11 clocks after a byte, and a clock after another beginning; "
            "features and values are those that the bits say, none behind the last one",
            of=f"bit reader of 8 bits, {FEATURES} features, any bytes",
            bench=reads,
            search=60,
            broken=[
                Broken(BitReader, "with m.If(left.all()):", "with m.If(left[1:].all()):"),
                Broken(BitReader, "with m.If(self.past):", "with m.If(self.past & bit):"),
                Broken(BitReader, "[works.eq(0), stores.eq(0), opened.eq(0)", "[stores.eq(0), opened.eq(0)"),
                Broken(BitReader, "some.eq(some | bit)", "some.eq(1)"),
                Broken(BitReader, "3: self.bits[1] | self.bits[2]", "3: self.bits[1]"),
            ],
        ),
        Proof(
            name="few bits: samples",
            claim="no entry outside of the sample, of the bank that is not current, or while a sample waits",
            of=f"samples, {FEATURES} features, any bytes, as pairs and in few bits",
            bench=lambda b: writes_inside(b, config),
            search=80,
            seconds=300,
            broken=[
                Broken(Samples, "m.d.comb += past.eq(beyond_last)", "m.d.sync += past.eq(beyond_last)"),
                Broken(Samples, "waiting | reader.busy if config.few_bits else waiting", "waiting"),
                Broken(Samples, "m.d.comb += i.bad.eq(wrong | ~whole[-1])", "m.d.comb += i.bad.eq(wrong)"),
            ],
        ),
    ]  # fmt: skip
