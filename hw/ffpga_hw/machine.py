"""A state machine with a flip-flop a state: few tables between a state and what depends on it, where logic is slow."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from amaranth import Cat, Module, Signal


class Machine:
    """Use it as `m.FSM`, with `machine.state(...)` for `m.State`, and `machine.go(...)` for `m.next`.

    The first state is the one after a reset. A state lasts until its last `go` of a clock leads elsewhere.

    Parameters
    ----------
    m : Module
    name : str
        Flip-flops are named after it and their states.

    Raises
    ------
    ValueError
        At the end, for a state that is left for one that does not exist; for a state that is written twice.
    RuntimeError
        `go` outside a state.
    """

    def __init__(self, m: Module, name: str) -> None:
        self._m, self._name = m, name
        self._bits: dict[str, Signal] = {}
        self._goes: dict[str, dict[str, Signal]] = {}  # of each state: where to, and the signal that says so
        self._now: str | None = None

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            return
        for source, goes in self._goes.items():
            for target in goes.keys() - self._bits.keys():
                raise ValueError(f"{self._name}: {source} goes to {target}, but there is no such state")
        for state, bit in self._bits.items():
            enters = [goes[state] for source, goes in self._goes.items() if source != state and state in goes]
            leaves = [go for target, go in self._goes[state].items() if target != state]
            self._m.d.sync += bit.eq(Cat(enters).any() | (bit & ~Cat(leaves).any()))

    @contextmanager
    def state(self, name: str) -> Iterator[None]:
        """What happens in a state."""
        if name in self._bits:
            raise ValueError(f"{self._name}: there are two states {name}")
        tail = name.lower().replace("-", "_")
        self._bits[name] = bit = Signal(name=f"{self._name}_{tail}", init=not self._bits)
        self._goes[name], self._now = {}, name
        with self._m.If(bit):
            yield
        self._now = None

    def go(self, target: str) -> None:
        """The next state; where several come true in a clock, the last one counts."""
        if self._now is None:
            raise RuntimeError(f"{self._name}: go({target!r}) outside a state")
        goes = self._goes[self._now]
        if target not in goes:
            goes[target] = Signal(name=f"{self._bits[self._now].name}_to_{target.lower().replace('-', '_')}")
        self._m.d.comb += [go.eq(there == target) for there, go in goes.items()]
