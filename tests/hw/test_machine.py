"""The state machine of a flip-flop a state: the same as Amaranth's own."""

import random

import pytest
from amaranth import Module
from amaranth.hdl import Fragment
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_hw.machine import Machine

from .block_bench import simulate

STATES = ("IDLE", "LOAD-A", "TURN", "DONE", "LAST")
CONDITIONS = 4


class Both(wiring.Component):
    """One random graph of states in both forms; a plan is a list of conditions and what follows from each, in order."""

    conditions: In(CONDITIONS)
    ours: Out(len(STATES))
    theirs: Out(len(STATES))

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)

        def any_edge() -> tuple[int, str]:
            return rng.randrange(1, CONDITIONS), rng.choice(STATES)

        self.plans = {
            state: [(0, following)]
            + [(rng.randrange(1, CONDITIONS), rng.choice(STATES)) for _ in range(rng.choice((0, 1, 2, 3)))]
            for state, following in zip(STATES, (*STATES[1:], STATES[0]), strict=True)
        }
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()

        def plan(state, go) -> None:
            for condition, target in self.plans[state]:
                with m.If(self.conditions[condition]):
                    go(target)

        with Machine(m, "ours") as machine:
            for n, state in enumerate(STATES):
                with machine.state(state):
                    m.d.comb += self.ours[n].eq(1)
                    plan(state, machine.go)
        with m.FSM():
            for n, state in enumerate(STATES):
                with m.State(state):
                    m.d.comb += self.theirs[n].eq(1)
                    plan(state, lambda target: setattr(m, "next", target))
        return m


@pytest.mark.parametrize("seed", range(8))
def test_as_amaranths_own(seed):
    dut, rng = Both(seed), random.Random(100 + seed)
    seen = set()

    async def bench(ctx):
        for _ in range(400):
            assert ctx.get(dut.ours) == ctx.get(dut.theirs)
            seen.add(ctx.get(dut.ours))
            ctx.set(dut.conditions, rng.randrange(1 << CONDITIONS))
            await ctx.tick()

    simulate(dut, bench)
    assert seen == {1 << n for n in range(len(STATES))}, "every state is reached"


def test_faults():
    m = Module()
    with pytest.raises(ValueError, match="unit: IDLE goes to NOWHERE, but there is no such state"):
        with Machine(m, "unit") as machine, machine.state("IDLE"):
            machine.go("NOWHERE")
    machine = Machine(m, "unit")
    with machine.state("IDLE"):
        pass
    with pytest.raises(ValueError, match="unit: there are two states IDLE"), machine.state("IDLE"):
        pass
    with pytest.raises(RuntimeError, match=r"unit: go\('IDLE'\) outside a state"):
        machine.go("IDLE")
    Fragment.get(m, None)
