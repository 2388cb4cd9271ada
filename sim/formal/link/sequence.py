"""Sequence numbers: a frame is accepted at most once, and what was accepted is executed once, in order."""

from typing import Any

from amaranth.hdl import Cat, Signal

from ffpga_golden.protocol import HELD, Status
from ffpga_hw.link.executor import Executor
from ffpga_hw.link.intake import Intake
from formal.prover.bench import Bench, one_hot
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small


def accepts_once(b: Bench) -> None:
    """Any tokens, any executor, any sender; one sequence number, whichever, is watched."""
    m, dut = b.m, Intake()
    inside = b.inside(dut)
    valid, executed, token = b.free(1, "valid"), b.free(1, "executed"), b.free(len(dut.i.payload.as_value()), "token")
    b.drive(dut, i_valid=valid, i_payload=token, frames_executed=executed)
    # The executor's promise: it ends one command at a time, of those that wait; see `executes_once`.
    b.given(~executed | dut.frames.pending)
    # The receiver's: a token stays until it is taken; see `streams.py`.
    b.given(~b.before(valid & ~dut.i.ready) | (valid & (token == b.before(token))))
    data, accept, pending, expected = dut.i.payload, inside.accept, inside.pending, inside.expected
    taken = valid & dut.i.ready

    # The frame at hand: its number, whether it is over, damaged, and whether its fate is known.
    first, number, damaged, judged = Signal(init=1), Signal(8), Signal(), Signal()
    over = Signal()
    fate = accept | (dut.repeat.send & dut.repeat.taken) | dut.refusal.send
    with m.If(fate):
        m.d.sync += judged.eq(1)
    with m.If(taken):
        m.d.sync += [first.eq(data.last), over.eq(data.last)]
        with m.If(first):
            m.d.sync += [number.eq(data.data), judged.eq(0), damaged.eq(data.last)]
        with m.Elif(data.last):
            m.d.sync += damaged.eq(data.bad)
    b.claim(~fate | (over & ~judged))
    b.claim(~accept | (~damaged & (number == expected) & inside.opened))
    b.claim(~dut.skip | (pending == 0))

    # The number that is watched: accepted and not yet executed; frames accepted after it, of the same session.
    watched = b.fixed(8, "watched")
    due, known, since = Signal(), Signal(), Signal(8)
    ends = executed & (dut.frames.number == watched)
    with m.If(ends):
        m.d.sync += due.eq(0)
    with m.If(accept):
        m.d.sync += since.eq(since + 1)
        with m.If(number == watched):
            m.d.sync += [due.eq(1), known.eq(1), since.eq(0)]
    with m.If(dut.skip):
        m.d.sync += known.eq(0)
    accepts = accept & (number == watched)
    b.claim(~ends | due)
    b.claim(~accepts | ~due)
    b.claim(~(accepts & known) | (since == 255))

    _of_states(b, dut, inside, {"first": first, "number": number, "damaged": damaged, "judged": judged, "over": over})
    waiting = sum(pending[n] for n in range(HELD))
    for n in range(1, HELD):
        b.claim(~pending[n] | pending[n - 1])
    b.claim(expected == (dut.frames.number + waiting)[:8])
    b.claim(due == ((watched - dut.frames.number)[:8] < waiting))
    b.claim(~known | (since == (expected - watched - 1)[:8]))
    b.witness(accepts)
    b.witness(ends)


def _of_states(b: Bench, dut: Intake, inside: Any, frame: dict[str, Signal]) -> None:
    """What each state means; claimed too, they lead the prover."""
    state = inside.machine._bits

    def means(names: str, *what: Any) -> None:
        for name in names.split():
            for one in what:
                b.claim(~state[name] | one)

    b.claim(one_hot(Cat(*state.values())))
    here = inside.inverse == ~frame["number"]
    pending, expected = inside.pending, frame["number"] == inside.expected
    means("SEQUENCE", frame["first"])
    means("OPCODE ADMIT ENTER PAYLOAD", ~frame["first"], ~frame["over"], ~frame["judged"], here)
    means("ADMIT ENTER", dut.i.valid & ~dut.i.payload.last)
    means("WEIGH JUDGE OPEN OPENING", frame["first"], frame["over"], ~frame["judged"], ~frame["damaged"], here)
    means("REFUSE", frame["over"], frame["first"], ~frame["judged"])
    means("ADMIT ENTER PAYLOAD WEIGH JUDGE OPEN", inside.is_next == expected)
    means("ENTER PAYLOAD WEIGH JUDGE OPEN OPENING", ~inside.identifies | ~pending[0], ~expected | ~pending[-1])
    means("OPEN OPENING", inside.identifies)
    means("JUDGE", ~inside.opens | inside.identifies)


def executes_once(b: Bench) -> None:
    """Any command, any engine: between two ends a step starts at most once, or a sample counts once, or neither."""
    m, dut = b.m, Executor(config=small())
    inside = b.inside(dut)
    pending, word = b.free(1, "pending"), b.free(16, "word")
    b.drive(dut, frames_pending=pending, payload_data=word)
    state, status = inside.machine._bits, inside.checks.status
    # The intake's promise: what waits, waits until it is executed. Its opcode is not written over meanwhile.
    b.given(~b.before(pending & ~dut.frames.executed) | pending)
    opcode = b.held(8, ~state["IDLE"], "opcode")
    b.given(~state["OPCODE"] | (dut.payload.data.byte == opcode))
    started, committed = Signal(), Signal()
    with m.If(dut.frames.executed):
        m.d.sync += [started.eq(0), committed.eq(0)]
    with m.Else():
        m.d.sync += [started.eq(started | dut.step.start), committed.eq(committed | dut.samples.commit)]
    done = started | committed
    b.claim(~(dut.step.start | dut.samples.commit) | (pending & ~done))
    b.claim(~dut.samples.commit | (status == Status.OK))
    b.claim(~dut.step.start | (b.before(status) == Status.OK))
    b.claim(~(dut.weight.write | dut.register.write) | (pending & ~done & ~dut.step.start))
    b.claim(~dut.frames.executed | pending)

    # What each state means; claimed too, they lead the prover.
    bits = inside.opcode
    none = ~done & ~dut.step.start
    b.claim(one_hot(Cat(*state.values())))
    b.claim(state["IDLE"] | state["DONE"] | pending)
    before = ["IDLE", "DONE", "FETCH", "HEADER", "OPCODE"]  # there is no opcode yet, or no more
    for name in (*before, "FIRST", "SECOND", "THIRD", "CHECK", "RULE", "JUDGE", "ACT"):
        b.claim(~state[name] | none)
        if name not in before:
            b.claim(~state[name] | ((bits & (bits - 1)) == 0))
    for name in ("SETTLE", "SETTLED", "WALK", "WEIGHT", "STEP", "STORE"):
        b.claim(~state[name] | (none & ((bits & (bits - 1)) == 0)))
    for name in ("SETTLE", "SETTLED", "WALK", "WEIGHT", "STEP"):
        b.claim(~state[name] | inside.walks)
    b.witness(dut.frames.executed & started)
    b.witness(dut.frames.executed & committed)


def proofs() -> list[Proof]:
    """Both halves: the intake accepts, the executor executes."""
    return [
        Proof(
            name="sequence: accepted once",
            claim="a sequence number is accepted at most once, then executed once, in order: accepted again only after "
            "255 others or in a new session",
            of="intake, any tokens, any executor and sender, any number",
            bench=accepts_once,
            method="induction",
            depth=2,
            search=45,
            quick=True,
            broken=[
                Broken(
                    Intake, "with m.If(accept | self.skip):", "with m.If((accept & ~self.frames.executed) | self.skip):"
                ),
                Broken(Intake, "with m.If(token.bad | short):", "with m.If(short):"),
                Broken(Intake, "with m.Elif(is_next):", "with m.Elif(is_next | known):"),
            ],
        ),
        Proof(
            name="sequence: executed once",
            claim="a command starts one step or counts one sample, at most once, and only where its status is OK",
            of="executor, 3-4-4 network, any commands, any engine",
            bench=executes_once,
            method="induction",
            depth=2,
            search=50,
            broken=[
                Broken(Executor, "self.step.start.eq(0),", ""),
                Broken(
                    Executor, "with m.If(checks.status == Status.OK):", "with m.If(checks.status != Status.BAD_VALUE):"
                ),
            ],
        ),
    ]
