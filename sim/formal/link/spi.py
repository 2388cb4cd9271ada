"""SPI's clock crossing: bytes between pins and streams, whatever the two clocks and chip select do."""

from amaranth.hdl import Cat, ClockDomain, Signal, Value

from ffpga_hw.boards import spi
from ffpga_hw.boards.spi import SpiPeripheral
from formal.prover.bench import Bench
from formal.prover.broken import Broken
from formal.prover.crossing import in_doubt, rises, within_doubt
from formal.prover.proof import Proof


class Lines:
    """A peripheral between a host and a core that do what they want, moment by moment; see `crossing.py`.

    `sck` rises at most `ratio` times as often as the core's clock: where it rises so many times and once more, there is
    an edge of the core's clock from the first one on and before the last one. So the ratio is any up to this one, with
    any phase, jitter and pauses. Chip select changes in any moment but that of a rising edge of `sck`: a pin must stand
    still around the edge by which it is looked at. What the core says changes with its clock; it is not reset.
    """

    def __init__(self, b: Bench, *, ratio: int) -> None:
        m, self.dut = b.m, SpiPeripheral()
        self._bench = b
        with in_doubt(spi) as synchronisers:
            self.inside = b.inside(self.dut)
        for one in synchronisers:
            within_doubt(b, one)
        m.domains.core = core = ClockDomain("core", reset_less=True)
        clock, self.sck, self.selected, self.mosi, self.offers, self.takes = (
            self._line(name) for name in ("clock", "sck", "selected", "mosi", "offers", "takes")
        )
        self.tick, self.up = rises(b, clock), rises(b, self.sck)
        m.d.comb += core.clk.eq(clock)
        since = Signal(range(ratio + 1))  # rising edges after the last one of the core's clock
        with m.If(self.tick):
            m.d.sync += since.eq(0)
        with m.Elif(self.up):
            m.d.sync += since.eq(since + 1)
        b.given(~self.up | (since < ratio))
        b.given(~self.up | (self.selected == b.before(self.selected)))

        self.said = b.free(8, "said")
        for one in (self.offers, self.takes, self.said):
            b.given(self.tick | (one == b.before(one)))
        self.gives = self.tick & b.before(self.offers & self.dut.i.ready)
        b.given(self.gives | ~b.before(self.offers) | (self.offers & (self.said == b.before(self.said))))
        b.drive(
            self.dut, domain="core", sck=self.sck, cs=~self.selected, mosi=self.mosi, i_valid=self.offers,
            i_payload=self.said, o_ready=self.takes,
        )  # fmt: skip

        self.place = Signal(3)  # bits of this byte that were exchanged
        with m.If(~self.selected):
            m.d.sync += self.place.eq(0)
        with m.Elif(self.up):
            m.d.sync += self.place.eq(self.place + 1)
        self.whole = Signal()
        m.d.comb += self.whole.eq(self.up & self.selected & (self.place == 7))
        b.claim(b.before(self.inside.place) == self.place)

    def _line(self, name: str) -> Signal:
        """Any levels; at rest in the first moment."""
        level, b = Signal(name=name), self._bench
        b.m.d.comb += level.eq(b.before(b.begun) & b.free(1, f"any_{name}"))
        return level

    def collected(self, pin: Signal) -> Signal:
        """A pin's last eight levels, as they were before rising edges, this moment's among them."""
        kept, found, m = Signal(8), Signal(8), self._bench.m
        m.d.comb += found.eq(Cat(self._bench.before(pin), kept[:7]))
        with m.If(self.up):
            m.d.sync += kept.eq(found)
        return found

    def edges(self, edge: Value, since: Value) -> Signal:
        """Edges between the moment of `since` and this one, at most 3."""
        count, m = Signal(2, init=3), self._bench.m
        with m.If(since):
            m.d.sync += count.eq(0)
        with m.Elif(edge & (count != 3)):
            m.d.sync += count.eq(count + 1)
        return count

    def stood(self, value: Signal, edge: Value) -> Value:
        """A value has not changed after the last edge, nor in this moment."""
        moves, moved = Signal(), Signal()
        self._bench.m.d.comb += moves.eq(value != self._bench.before(value))
        self._bench.m.d.sync += moved.eq(moves | (moved & ~edge))
        return ~moves & ~moved


def hears(b: Bench) -> None:
    """Of the pins a byte is collected bit by bit; it must be the next one that the core gets, and soon."""
    m, lines = b.m, Lines(b, ratio=2)
    o, inside = lines.dut.o, lines.inside
    collected = lines.collected(lines.mosi)
    byte, due = Signal(8), Signal()
    arrives = lines.tick & b.before(inside.seen != inside.known)
    free = ~b.before(o.valid) | b.before(o.ready)
    with m.If(arrives):
        m.d.sync += due.eq(0)
    with m.If(lines.whole):
        m.d.sync += [due.eq(1), byte.eq(collected)]
    b.claim(~lines.whole | ~due)
    b.claim(~arrives | due)
    given = lines.tick & o.valid & free
    b.claim(given == (arrives & free))  # one that finds the last one there is dropped
    b.claim(~given | (o.payload == byte))
    b.claim(~b.before(o.valid) | (lines.tick & free) | (o.valid & (o.payload == b.before(o.payload))))
    b.claim(~o.valid | b.before(o.valid) | lines.tick)
    waited = lines.edges(lines.tick, lines.whole)
    b.claim(~arrives | (waited == 1) | (waited == 2))
    b.claim(~(lines.tick & due & (waited == 2)) | arrives)
    b.claim(~arrives | lines.stood(inside.heard, lines.tick))
    # Claimed too, these lead the prover.
    b.claim(~due | (b.before(inside.heard) == byte))
    b.claim(due == b.before(inside.turned != inside.known))
    b.witness(given & (byte == 0xA5))
    b.witness(arrives & ~given)
    b.witness(arrives & (waited == 2))
    b.witness(~lines.selected & (lines.place == 5))


class Way:
    """Where the core's byte is, as it was given and as whole bytes end.

    Attributes
    ----------
    loads : Value
        At a byte's end: the next one is the core's.
    pending, sending : Signal
        A byte was given, and is not on its way yet; one is on its way.
    """

    def __init__(self, b: Bench, lines: Lines) -> None:
        m, inside = b.m, lines.inside
        self.loads = lines.whole & b.before(inside.full != inside.taken)
        self.pending, self.sending = Signal(), Signal()
        with m.If(lines.whole):
            m.d.sync += self.sending.eq(self.loads)
        with m.If(self.loads):
            m.d.sync += self.pending.eq(0)
        with m.If(lines.gives):
            m.d.sync += self.pending.eq(1)
        # Claimed too, these lead the prover.
        b.claim(self.pending == b.before(inside.offered != inside.taken))
        b.claim(self.sending == b.before(inside.busy))


def says(b: Bench) -> None:
    """A byte that the core gave must be the next one that is collected of the pin, and the first one that can be."""
    m, lines = b.m, Lines(b, ratio=1)
    dut, inside = lines.dut, lines.inside
    way = Way(b, lines)
    loads, pending, sending = way.loads, way.pending, way.sending
    collected, said, asks = lines.collected(dut.miso), b.before(lines.said), b.before(dut.i.ready)
    following, leaving = Signal(8), Signal(8)  # given; on its way
    with m.If(lines.whole):
        m.d.sync += leaving.eq(0)
    with m.If(loads):
        m.d.sync += leaving.eq(following)
    with m.If(lines.gives):
        m.d.sync += following.eq(said)
    b.claim(~lines.gives | ~pending)
    b.claim(~loads | pending)
    b.claim(~lines.whole | (collected == leaving))
    b.claim(~(lines.whole & pending & (lines.edges(lines.up, lines.gives) >= 2)) | loads)
    # It asks at the third edge after a byte began to leave. Where the core lets at most two more pass, there is no gap.
    b.claim(~lines.tick | pending | (lines.edges(lines.tick, loads) < 2) | asks)
    late = Signal(2)
    with m.If(loads):
        m.d.sync += late.eq(0)
    with m.Elif(lines.tick & asks & ~lines.gives & (late != 3)):
        m.d.sync += late.eq(late + 1)
    b.claim(~(lines.whole & sending & (late < 3)) | loads)
    b.claim(~loads | lines.stood(inside.said, lines.up))
    falls = ~lines.sck & b.before(lines.sck)
    b.claim((dut.miso == b.before(dut.miso)) | falls | (lines.selected != b.before(lines.selected)))
    # Claimed too, these lead the prover.
    b.claim(~asks | ~pending)
    b.claim(b.before(inside.saying) == leaving)
    b.claim(~pending | (b.before(inside.said) == following))
    b.witness(lines.whole & sending & (collected == 0xA5))
    b.witness(lines.whole & sending & loads & (late == 2))
    b.witness(lines.whole & ~sending)


def waits_until_it_has_left(b: Bench) -> None:
    """The wire is high from an edge of the core's clock after a byte was offered to the byte's last bit."""
    m, lines = b.m, Lines(b, ratio=1)
    way = Way(b, lines)
    sending = way.sending
    there = b.before(lines.offers) | way.pending | sending
    b.claim(~(lines.tick & there) | lines.dut.waits)
    # And falls at most 4 edges after it has left.
    nothing = Signal(3)
    with m.If(there):
        m.d.sync += nothing.eq(0)
    with m.Elif(lines.tick & (nothing != 7)):
        m.d.sync += nothing.eq(nothing + 1)
    b.claim(~(lines.tick & ~there & (nothing >= 4)) | ~lines.dut.waits)
    b.witness(way.loads)
    b.witness(sending & b.before(sending) & lines.tick & (lines.place == 3))


def proofs() -> list[Proof]:
    """Both directions, and the wire that says that there is something to be read."""
    anything = "any bytes, chip selects and pauses, `sck` up to"
    deaf = Broken(SpiPeripheral, "ResetSignal(name).eq(self.cs)", "ResetSignal(name).eq(0)")
    return [
        Proof(
            name="spi: hears",
            claim="a whole byte comes once, in order, unchanged, at the second or third edge of the core's clock after "
            "its last bit; lost only where the one before was not taken; it stands still for a period when it is taken",
            of=f"SpiPeripheral, {anything} twice the core's clock, any phase, synchronisers in doubt",
            bench=hears,
            initial=True,
            clocks=True,
            search=60,
            quick=True,
            broken=[
                Broken(SpiPeripheral, "self.o.payload.eq(heard)", "self.o.payload.eq(Cat(self.mosi, shift))"),
                Broken(
                    SpiPeripheral, "m.d.sync += known.eq(seen)", "m.d.sync += known.eq(Mux(self.o.valid, known, seen))"
                ),
                Broken(SpiPeripheral, "m.submodules.hears = FFSynchronizer(turned, seen, reset_less=True)",
                       "m.d.comb += seen.eq(turned)"),
                deaf,
            ],
        ),
        Proof(
            name="spi: says",
            claim="a byte of the core leaves once, in order, whole, begun again where chip select rose; zeros where "
            "there is none, none between those given within two clocks; it stands still for a period when it is taken",
            of=f"SpiPeripheral, {anything} the core's clock, any phase, synchronisers in doubt",
            bench=says,
            initial=True,
            clocks=True,
            search=60,
            seconds=600,
            broken=[
                Broken(SpiPeripheral, "self.i.ready.eq(offered == empty)", "self.i.ready.eq(1)"),
                Broken(SpiPeripheral, "saying.eq(Mux(full != taken, said, 0))", "saying.eq(said)"),
                Broken(SpiPeripheral, 'm.submodules.offers = FFSynchronizer(offered, full, o_domain="spi", '
                       "reset_less=True)", "m.d.comb += full.eq(offered)"),
                Broken(SpiPeripheral, "Mux(begun, bit, saying[7])", "bit"),
                deaf,
            ],
        ),
        Proof(
            name="spi: waits",
            claim="the wire is high from the edge of the core's clock after a byte was offered until its last bit has "
            "left, and falls at most 4 edges later",
            of=f"SpiPeripheral, {anything} the core's clock, any phase, synchronisers in doubt",
            bench=waits_until_it_has_left,
            initial=True,
            clocks=True,
            search=60,
            quick=True,
            broken=[
                Broken(SpiPeripheral, "(offered != empty) | there | leaving", "(offered != empty) | leaving"),
                Broken(SpiPeripheral, "self.waits.eq(self.i.valid | ", "self.waits.eq("),
                Broken(SpiPeripheral, "| there | leaving", "| there"),
                Broken(SpiPeripheral, "there.eq(offered != empty)", "there.eq((offered != empty) | there)"),
            ],
        ),
    ]  # fmt: skip
