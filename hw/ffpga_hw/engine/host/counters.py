"""The counters, in the order of `ffpga_golden.registers.COUNTERS`."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import COUNTERS

from ..signatures.host import StepEvents, WalkEvents
from ..signatures.port import CounterPort

#: Counters that may go up in every clock. The others go up at most every SLOW clocks.
FAST = ("clocks", "words_read", "words_updated")
SLOW = 4
#: Clocks for which counting may stop: 3 for each byte of all counters, and one. Only link errors come meanwhile.
STOP = 3 * 4 * len(COUNTERS) + 1


class Counters(wiring.Component):
    """Counters modulo 2^32, each one up in a clock of its event.

    They are in a memory, whose last words are never written: they are always 0. Few bits a counter collect what has
    come, and a scan of 3 clocks a counter adds them to it.
    While `read` is set and a whole scan has passed since, the scan stops: what is read then is of one moment, and
    holds everything that had come before. It may stop for STOP clocks.
    """

    step: In(StepEvents())
    walk: In(WalkEvents())
    link_errors: In(1)
    port: In(CounterPort())  #: `valid`: the scan has stopped

    def _events(self) -> list[Value]:
        """A bit a counter, in the order of COUNTERS; see FAST."""
        events = {"link_errors": self.link_errors}
        for part in (self.step, self.walk):
            events |= {name: getattr(part, name) for name in part.signature.members}
        return [events[name] for name in COUNTERS]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        port = self.port
        # Small, yet a block RAM: as flip-flops it would be a tenth of a small FPGA.
        attrs = {"ram_style": "block"}
        m.submodules.words = words = self.words = memory.Memory(shape=16, depth=32, init=[], attrs=attrs)
        write, read = words.write_port(), words.read_port()
        scan = 3 * len(COUNTERS)
        at, here = Signal(range(len(COUNTERS))), Signal(len(COUNTERS), init=1)
        turn = Signal(3, init=1)  # one-hot: fetch the low half; add to it and fetch the high one; add the carry
        cleared = Signal()  # before the first scan has ended its last words stand for what it holds
        carry, asked, high = Signal(), Signal(), Signal()
        total = Signal(17)
        collected = []
        most = {name: scan if name in FAST else scan // SLOW for name in COUNTERS}
        most["link_errors"] = (scan + STOP) // SLOW
        taken = Signal(range(max(most.values()) + 1))
        for n, (name, event) in enumerate(zip(COUNTERS, self._events(), strict=True)):
            pending = Signal(range(most[name] + 1), name=f"pending_{name}")
            with m.If(turn[0] & here[n] & ~port.valid):
                m.d.sync += pending.eq(event)
            with m.Else():
                m.d.sync += pending.eq(pending + event)
            collected.append(Mux(here[n], pending, 0))
        m.d.sync += high.eq(port.address[0])
        m.d.comb += [
            read.addr.eq(Mux(port.valid, port.address[1:], Cat(turn[1], at | (~cleared).replicate(len(at))))),
            total.eq(read.data + Mux(turn[1], taken, carry)),
            write.en.eq(~turn[0]),
            write.addr.eq(Cat(turn[2], at)),
            write.data.eq(total),
        ]
        m.d.sync += [
            port.value.eq(read.data.word_select(high, 8)),
            taken.eq(reduce(or_, collected)),
            carry.eq(total[16]),
        ]
        with m.If(~port.read):
            m.d.sync += [asked.eq(0), port.valid.eq(0)]
        with m.If(~port.valid):
            m.d.sync += turn.eq(turn.rotate_left(1))
        with m.If(turn[2]):
            m.d.sync += [at.eq(at + 1), here.eq(here.rotate_left(1))]
            with m.If(here[-1]):
                m.d.sync += [at.eq(0), cleared.eq(1), asked.eq(port.read), port.valid.eq(port.read & asked)]
        return m
