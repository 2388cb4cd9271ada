"""The contract of a stream's source: what is offered stays until it is taken, and nothing waits for `ready`."""

from collections.abc import Callable

from amaranth.hdl import Cat, Signal, Value

from ffpga_hw.boards.uart import UartReceiver
from ffpga_hw.core import Core
from ffpga_hw.link.receiver import Receiver
from ffpga_hw.link.sender import Sender
from formal.prover.bench import Bench, one_hot
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small

Source = Receiver | Sender | UartReceiver | Core


def stays(b: Bench, dut: Source) -> None:
    """Whatever comes in: `valid` and `payload` stay until they are taken; `valid` has no need of `ready`."""
    ready = b.free(1, "ready")
    if isinstance(dut, Sender):  # led by what each state means
        b.claim(one_hot(Cat(*b.inside(dut).machine._bits.values())))
    b.drive(dut, o_ready=ready)
    payload = Value.cast(dut.o.payload)
    waits = b.before(dut.o.valid & ~ready)
    b.claim(~waits | (dut.o.valid & (payload == b.before(payload))))
    asked = Signal()
    b.m.d.sync += asked.eq(asked | ready)
    b.witness(dut.o.valid & ~asked)
    b.witness(waits & dut.o.valid & ready)


def is_independent(b: Bench, dut: Source) -> None:
    """No logic leads from `ready` to `valid` or `payload` within a clock."""
    ready = Signal()
    b.drive(dut, o_ready=ready)
    b.apart(ready, dut.o.valid | Value.cast(dut.o.payload) << 1)


def lingers(b: Bench) -> None:
    """A token's byte is still at hand in the clock after it was taken: samples are read from it then."""
    ready = b.free(1, "ready")
    dut = Receiver()
    b.drive(dut, o_ready=ready)
    token, taken = dut.o.payload, b.before(dut.o.valid & ready)
    b.claim(~taken | ((token.data == b.before(token.data)) & (token.zero == b.before(token.zero))))
    b.witness(taken & token.zero)
    b.witness(taken & ~token.zero)


def _both(
    of: str,
    make: Callable[[], Source],
    search: int,
    volatile: Broken,
    dependent: Broken,
    *,
    quick: bool,
    method: str = "reachability",
) -> list[Proof]:
    return [
        Proof(
            name=f"stays: {of}",
            claim="an offered payload stays until it is taken; offered without being asked for",
            of=f"{of}, any inputs",
            bench=lambda b: stays(b, make()),
            method=method,
            depth=2 if method == "induction" else 0,
            search=search,
            broken=[volatile],
            quick=quick,
        ),
        Proof(
            name=f"independent: {of}",
            claim="valid and payload do not depend on ready within a clock",
            of=f"{of}, any inputs",
            bench=lambda b: is_independent(b, make()),
            method="structure",
            broken=[dependent],
        ),
    ]


def proofs() -> list[Proof]:
    """Both halves of the contract, for each source of a stream."""
    offered = "[self.o.payload.eq(shift), self.o.valid.eq(1)]"
    asked = "self.o.payload.eq(shift & self.o.ready.replicate(8)); m.d.sync += self.o.valid.eq(1)"
    return [
        *_both(
            "uart receiver, 3 clocks a bit",
            lambda: UartReceiver(divisor=3),
            200,
            Broken(UartReceiver, "line & (~self.o.valid | self.o.ready)", "line"),
            Broken(UartReceiver, f"m.d.sync += {offered}", f"m.d.comb += {asked}"),
            quick=True,
        ),
        *_both(
            "receiver",
            Receiver,
            40,
            Broken(Receiver, "m.d.comb += [self.o.valid.eq(1), token.last.eq(1)]",
                   "m.d.comb += [self.o.valid.eq(1), token.last.eq(1)]; machine.go('BEGIN')"),
            Broken(Receiver, "[self.o.valid.eq(1), token.last", "[self.o.valid.eq(self.o.ready), token.last"),
            quick=False,
        ),
        *_both(
            "sender",
            Sender,
            110,
            Broken(Sender, "m.d.comb += self.o.valid.eq(1)", "m.d.comb += self.o.valid.eq(1); machine.go('READ')"),
            Broken(Sender, "self.o.valid.eq(1)", "self.o.valid.eq(self.o.ready)"),
            quick=False,
            method="induction",
        ),
        Proof(
            name="independent: core",
            claim="valid and payload do not depend on ready within a clock",
            of="whole core, 3-4-4 network, any inputs",
            bench=lambda b: is_independent(b, Core(config=small())),
            method="structure",
            broken=[Broken(Sender, "self.o.valid.eq(1)", "self.o.valid.eq(self.o.ready)")],
        ),
        Proof(
            name="lingers: receiver",
            claim="a token's byte is still at hand a clock after it was taken",
            of="receiver, any bytes",
            bench=lingers,
            broken=[Broken(Receiver, 'm.d.comb += self.i.ready.eq(1)',
                           'm.d.comb += self.i.ready.eq(1); m.d.comb += token.data.eq(self.i.payload)')],
        ),
    ]  # fmt: skip
