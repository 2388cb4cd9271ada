"""The random generator: the hardware of `ffpga_golden.dither`."""

from math import gcd

from amaranth import Array, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.dither import ROTATE


def xorshift(m: Module, s: Signal, name: str) -> Signal:
    """The state after `s`."""
    a, b, c = (Signal(32, name=f"{name}_{n}") for n in range(3))
    m.d.comb += [a.eq(s ^ (s << 13)), b.eq(a ^ (a >> 17)), c.eq(b ^ (b << 5))]
    return c


def turn_unit(config: NetworkConfig) -> int:
    """Every group's rotation is a multiple of it, so that few of the 32 are built."""
    return gcd(ROTATE * config.lanes, 32)


def rotated(word: Signal, amount: int):
    """`word` rotated left by a constant."""
    amount %= len(word)
    return Cat(word[len(word) - amount :], word[: len(word) - amount])


class Dither(wiring.Component):
    """Generator of the updates' dither and of random labels.

    A walk restarts the sequence at every group; `commit` keeps where the last group ended. The words come with the
    clock after `step`, rotated for neuron ``group * lanes + lane``. From the clock after `commit` on they are 0.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "shift": In(1),  #: the state goes down by a byte,
                "shift_in": In(8),  #: which comes in at the top
                "draw": In(1),  #: step once
                "random": Out(32),  #: the new state, in the next clock
                "step": In(1),  #: a row is visited
                "first": In(1),  #: with `step`: the first row of a group
                "turn": In(5),  #: rotation of the group's first neuron, a multiple of `turn_unit`
                "commit": In(1),  #: the walk has ended
                "state": Out(32, init=1),  #: state between updates
                "words": Out(32 * config.lanes),  #: u32 a lane
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        state = Signal(32, init=1)
        walk = Signal(32)
        source = Signal(32)
        drawn = Signal()
        m.d.sync += drawn.eq(self.draw)
        m.d.comb += [
            self.state.eq(state),
            self.random.eq(walk),
            source.eq(Mux(self.step & ~self.first, walk, state)),
        ]
        after = xorshift(m, source, "after")
        unit = turn_unit(self._config)
        turn = Signal(range(max(2, 32 // unit)), reset_less=True)
        with m.If(self.step | self.draw):
            m.d.sync += [walk.eq(after), turn.eq(self.turn[unit.bit_length() - 1 :])]
        with m.Elif(self.commit | drawn):
            m.d.sync += walk.eq(0)
        with m.If(self.shift):
            m.d.sync += state.eq(Cat(state[8:], self.shift_in))
        with m.Elif(self.commit | drawn):
            m.d.sync += state.eq(walk)
        word = Array([rotated(walk, n * unit) for n in range(32 // unit)])[turn]
        for lane in range(self._config.lanes):
            m.d.comb += self.words[32 * lane : 32 * lane + 32].eq(rotated(word, ROTATE * lane))
        return m
