"""Run-time registers and counters, from the tables of `ffpga_golden.registers`."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import COUNTERS, NetworkConfig, registers

#: Counters that may go up in every clock. The others go up at most every SLOW clocks.
FAST = ("clocks", "words_read", "words_updated")
SLOW = 4


class Registers(wiring.Component):
    """The register file. The seed lives in the generator: `seed_write` and `seed` belong to it.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._table = registers(config)
        super().__init__(
            {
                "address": In(8),
                "write": In(1),
                "data": In(32),
                "value": Out(32),  #: register at `address`, 2 clocks later
                "seed": In(32),  #: state of the generator
                "seed_write": Out(1),
                **{r.name: Out(r.width, init=r.reset) for r in self._table if r.name != "seed"},
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        with m.Switch(self.address):
            for register in self._table:
                with m.Case(register.address):
                    if register.name == "seed":
                        m.d.comb += self.seed_write.eq(self.write)
                        m.d.sync += self.value.eq(self.seed)
                    else:
                        own = getattr(self, register.name)
                        m.d.sync += self.value.eq(own)
                        with m.If(self.write):
                            m.d.sync += own.eq(self.data)
        return m


class Counters(wiring.Component):
    """Counters modulo 2^32, each one up in a clock where its bit of `count` is set.

    They are in a memory. Few bits a counter collect what has come, and a scan of 3 clocks a counter adds them to it,
    so a value that was read holds everything that had come before `read`.
    """

    count: In(len(COUNTERS))  #: a bit a counter, in the order of COUNTERS; see FAST
    index: In(4)
    read: In(1)  #: counter `index` is wanted; both hold until
    valid: Out(1)  #: a pulse, at most two scans later
    value: Out(32)  #: that counter, from then on

    def elaborate(self, platform: object) -> Module:
        m = Module()
        # Small, yet a block RAM: as flip-flops it would be a tenth of a small FPGA.
        attrs = {"ram_style": "block"}
        m.submodules.words = words = self.words = memory.Memory(shape=16, depth=32, init=[], attrs=attrs)
        write, read = words.write_port(), words.read_port()
        scan, half = 3 * len(COUNTERS), Signal()
        at, here = Signal(range(len(COUNTERS))), Signal(len(COUNTERS), init=1)
        turn = Signal(3, init=1)  # one-hot: fetch the low half; add to it and fetch the high one; add the carry
        cleared = Signal()  # before the first scan has ended the memory holds nothing
        taken, carry, low, tag = Signal(range(scan + 1)), Signal(), Signal(16), Signal()
        total = Signal(17)
        collected = []
        for n, name in enumerate(COUNTERS):
            pending = Signal(range(scan + 1 if name in FAST else scan // SLOW + 1), name=f"pending_{name}")
            with m.If(turn[0] & here[n]):
                m.d.sync += pending.eq(self.count[n])
            with m.Else():
                m.d.sync += pending.eq(pending + self.count[n])
            collected.append(Mux(here[n], pending, 0))
        m.d.comb += [
            half.eq(turn[1]),
            read.addr.eq(Cat(half, at)),
            total.eq(Mux(cleared, read.data, 0) + Mux(turn[1], taken, carry)),
            write.en.eq(~turn[0]),
            write.addr.eq(Cat(turn[2], at)),
            write.data.eq(total),
        ]
        m.d.sync += [
            turn.eq(turn.rotate_left(1)),
            taken.eq(reduce(or_, collected)),
            carry.eq(total[16]),
            self.valid.eq(0),
        ]
        with m.If(turn[0]):
            m.d.sync += tag.eq(self.read & (self.index == at))
        with m.If(turn[1]):
            m.d.sync += low.eq(total)
        with m.If(turn[2]):
            m.d.sync += [at.eq(at + 1), here.eq(here.rotate_left(1))]
            with m.If(here[-1]):
                m.d.sync += [at.eq(0), cleared.eq(1)]
            with m.If(tag):
                m.d.sync += [self.value.eq(Cat(low, total[:16])), self.valid.eq(1)]
        return m
