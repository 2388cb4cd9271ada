"""Delay lines: what keeps the stages of a pipeline beside each other."""

from amaranth import Module, Signal


def delayed(m: Module, signal: Signal, clocks: int, *, reset: bool = False, when: Signal | None = None) -> list[Signal]:
    """`signal` 0 to `clocks` clocks later, or clocks in which `when` is set; `reset`: it is empty after a reset."""
    out = [signal]
    for n in range(clocks):
        later = Signal(signal.shape(), name=f"{signal.name}_{n + 1}", reset_less=not reset)
        with m.If(True if when is None else when):
            m.d.sync += later.eq(out[-1])
        out.append(later)
    return out
