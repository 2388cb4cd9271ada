"""Delay lines: what keeps the stages of a pipeline beside each other."""

from amaranth import Module, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out


def delayed(m: Module, signal: Signal, clocks: int, *, reset: bool = False) -> list[Signal]:
    """`signal` 0 to `clocks` clocks later; `reset`: it is empty after a reset."""
    out = [signal]
    for n in range(clocks):
        later = Signal(signal.shape(), name=f"{signal.name}_{n + 1}", reset_less=not reset)
        m.d.sync += later.eq(out[-1])
        out.append(later)
    return out


class DelayMemory(wiring.Component):
    """A long delay line for a wide word, in a memory.

    Parameters
    ----------
    width : int
        Bits of the word.
    clocks : int
        From `i` to `o`, at least 2.
    """

    def __init__(self, *, width: int, clocks: int) -> None:
        self._clocks = clocks
        super().__init__({"i": In(width), "o": Out(width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        depth = 1 << (self._clocks - 1).bit_length()
        m.submodules.words = words = memory.Memory(
            shape=len(self.i), depth=depth, init=[], attrs={"ram_style": "block"}
        )
        write, read = words.write_port(), words.read_port()
        at = Signal(range(depth))
        m.d.sync += at.eq(at + 1)
        m.d.comb += [
            write.en.eq(1),
            write.addr.eq(at),
            write.data.eq(self.i),
            read.addr.eq(at - (self._clocks - 1)),
            self.o.eq(read.data),
        ]
        return m
