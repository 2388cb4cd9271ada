"""Run-time registers and counters, from the tables of `ffpga_golden.registers`."""

from functools import reduce
from operator import or_

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import COUNTERS, NetworkConfig, registers

from .scorer import TotalSlots

#: Counters that may go up in every clock. The others go up at most every SLOW clocks.
FAST = ("clocks", "words_read", "words_updated")
SLOW = 4
#: Clocks for which counting may stop: 3 for each byte of all counters, and one. Only link errors come meanwhile.
STOP = 3 * 4 * len(COUNTERS) + 1


class Registers(wiring.Component):
    """The register file, a byte at a time: the lowest first, `place` counts them.

    Registers of more than a byte live elsewhere: the seed in the generator, whose state goes down by a byte with each
    (`seed_shift`), so that one that is read goes once around; the thresholds in the totals' memory, of which
    `Goodness` loads the one at `threshold_slot`, gives and takes bytes (`threshold_push`), and stores what it took at
    `store_slot` (`threshold_keep`).

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        self._table = [r for r in registers(config) if r.width <= 8]
        slot = TotalSlots(config).bits
        super().__init__(
            {
                "address": In(4),  #: there a clock before `write` or `step`
                "place": In(2),
                "write": In(1),  #: take `data`
                "step": In(1),  #: `value` is taken
                "data": In(8),
                "value": Out(8),
                **{r.name: Out(r.width, init=r.reset) for r in self._table},
                "seed_shift": Out(1),
                "seed_in": Out(8),  #: the byte that comes in at the top
                "seed": In(8),  #: the lowest byte
                "written": Out(config.depth),  #: thresholds that are not those after a reset
                "threshold_slot": Out(slot),
                "store_slot": Out(slot),
                "threshold_push": Out(1),
                "threshold_keep": Out(1),  #: a clock after the last byte
                "threshold": In(8),  #: the byte that is given
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        first, touched = Signal(), Signal()
        held, small, is_seed, is_threshold = Signal(8), Signal(8), Signal(), Signal()
        m.d.comb += [first.eq(self.place == 0), touched.eq(self.write | self.step)]
        with m.Switch(self.address):
            for register in self._table:
                with m.Case(register.address):
                    own = getattr(self, register.name)
                    m.d.comb += held.eq(own)
                    with m.If(first & self.write):
                        m.d.sync += own.eq(self.data)
        m.d.sync += [
            small.eq(Mux(touched, 0, held)),
            is_seed.eq(self.address == self._address("seed")),
            is_threshold.eq(self.address[2:] == self._address("threshold0") >> 2),
        ]
        slots, layer = TotalSlots(self._config), self.address[:2]
        m.d.comb += [
            self.seed_shift.eq(is_seed & touched),
            self.seed_in.eq(Mux(self.write, self.data | first, self.seed)),  # its lowest bit is always 1
            self.threshold_push.eq(is_threshold & touched),
            self.threshold_slot.eq(slots.threshold(layer, self.written.bit_select(layer, 1))),
            self.store_slot.eq(slots.threshold(layer, Const(1, 1))),
        ]
        m.d.comb += self.value.eq(Mux(is_threshold, self.threshold, Mux(is_seed, self.seed, small)))
        m.d.sync += self.threshold_keep.eq(is_threshold & self.write & (self.place == 3))
        with m.If(self.threshold_keep):
            m.d.sync += self.written.bit_select(layer, 1).eq(1)
        return m

    def _address(self, name: str) -> int:
        return next(r.address for r in registers(self._config) if r.name == name)


class Counters(wiring.Component):
    """Counters modulo 2^32, each one up in a clock where its bit of `count` is set.

    They are in a memory. Few bits a counter collect what has come, and a scan of 3 clocks a counter adds them to it.
    While `read` is set and a whole scan has passed since, the scan stops: what is read then is of one moment, and
    holds everything that had come before. It may stop for STOP clocks.
    """

    count: In(len(COUNTERS))  #: a bit a counter, in the order of COUNTERS; see FAST
    read: In(1)
    valid: Out(1)  #: the scan has stopped
    address: In(6)  #: {counter, byte}; while `valid`
    value: Out(8)  #: that byte, 2 clocks later

    def elaborate(self, platform: object) -> Module:
        m = Module()
        # Small, yet a block RAM: as flip-flops it would be a tenth of a small FPGA.
        attrs = {"ram_style": "block"}
        m.submodules.words = words = self.words = memory.Memory(shape=16, depth=32, init=[], attrs=attrs)
        write, read = words.write_port(), words.read_port()
        scan = 3 * len(COUNTERS)
        at, here = Signal(range(len(COUNTERS))), Signal(len(COUNTERS), init=1)
        turn = Signal(3, init=1)  # one-hot: fetch the low half; add to it and fetch the high one; add the carry
        cleared = Signal()  # before the first scan has ended the memory holds nothing
        carry, asked, high = Signal(), Signal(), Signal()
        total = Signal(17)
        collected = []
        most = {name: scan if name in FAST else scan // SLOW for name in COUNTERS}
        most["link_errors"] = (scan + STOP) // SLOW
        taken = Signal(range(max(most.values()) + 1))
        for n, name in enumerate(COUNTERS):
            pending = Signal(range(most[name] + 1), name=f"pending_{name}")
            with m.If(turn[0] & here[n] & ~self.valid):
                m.d.sync += pending.eq(self.count[n])
            with m.Else():
                m.d.sync += pending.eq(pending + self.count[n])
            collected.append(Mux(here[n], pending, 0))
        m.d.sync += high.eq(self.address[0])
        m.d.comb += [
            read.addr.eq(Mux(self.valid, self.address[1:], Cat(turn[1], at))),
            total.eq(Mux(cleared, read.data, 0) + Mux(turn[1], taken, carry)),
            write.en.eq(~turn[0]),
            write.addr.eq(Cat(turn[2], at)),
            write.data.eq(total),
        ]
        m.d.sync += [
            self.value.eq(read.data.word_select(high, 8)),
            taken.eq(reduce(or_, collected)),
            carry.eq(total[16]),
        ]
        with m.If(~self.read):
            m.d.sync += [asked.eq(0), self.valid.eq(0)]
        with m.If(~self.valid):
            m.d.sync += turn.eq(turn.rotate_left(1))
        with m.If(turn[2]):
            m.d.sync += [at.eq(at + 1), here.eq(here.rotate_left(1))]
            with m.If(here[-1]):
                m.d.sync += [at.eq(0), cleared.eq(1), asked.eq(self.read), self.valid.eq(self.read & asked)]
        return m
