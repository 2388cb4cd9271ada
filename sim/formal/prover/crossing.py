"""Clocks that have nothing to do with each other: a bench whose steps are moments, and flip-flops that may be in doubt.

A bench's clock counts moments here. Other clocks are any signals: each moment may have an edge of one, of several at
once, or of none. Edges that come so close that what one changes may be seen by the other either way, before it or after
it, are of one moment. yosys's `clk2fflogic` gives each flip-flop what was at its input the moment before its edge.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from amaranth.hdl import Elaboratable, Module, Signal, Value

from .bench import Bench, unknown


class Doubtful(Elaboratable):
    """An `FFSynchronizer` whose first flip-flop takes either level of an input that changes in the moment of its edge.

    Parameters
    ----------
    i, o : Signal
        Of one bit.
    o_domain : str
        Domain that `o` is of.
    """

    def __init__(self, i: Signal, o: Signal, *, o_domain: str) -> None:
        self.i, self.o, self._domain = i, o, o_domain
        self.taken = Signal()  #: what the first one is given; see `within_doubt`

    def elaborate(self, platform: object) -> Module:
        m = Module()
        first, second = Signal(reset_less=True), Signal(reset_less=True)
        m.d.comb += [self.taken.eq(unknown(m, 1)), self.o.eq(second)]
        m.d[self._domain] += [first.eq(self.taken), second.eq(first)]
        return m


@contextmanager
def in_doubt(module: ModuleType) -> Iterator[list[Doubtful]]:
    """The synchronisers that a module's components make for a while, in the order in which they are made."""
    made: list[Doubtful] = []
    kept = module.FFSynchronizer

    def make(i: Signal, o: Signal, *, o_domain: str = "sync", reset_less: bool = True) -> Doubtful:
        if len(i) != 1 or not reset_less:
            raise ValueError("a synchroniser in doubt must be of one bit, without a reset")
        made.append(Doubtful(i, o, o_domain=o_domain))
        return made[-1]

    module.FFSynchronizer = make
    try:
        yield made
    finally:
        module.FFSynchronizer = kept


def within_doubt(b: Bench, one: Doubtful) -> None:
    """What its first flip-flop is given in a moment is its input, or what that becomes in the next moment."""
    b.given((one.i != b.before(one.i)) | (b.before(one.taken) == one.i))


def rises(b: Bench, level: Value) -> Value:
    """An edge from 0 to 1 in this moment."""
    return level & ~b.before(level)
