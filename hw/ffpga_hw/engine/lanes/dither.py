"""The random generator: the hardware of `ffpga_golden.dither`."""

from math import gcd

from amaranth import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.dither import ROTATE

from ..signatures.host import SeedPort
from ..signatures.lanes import Draw, Noise


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
    clock after its `step`, rotated for neuron ``group * lanes + lane``. From the clock after `commit` on they are 0.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "noise": In(self._noise_signature(config)),
                "draw": In(Draw()),
                "seed": In(SeedPort()),
                "state": Out(32, init=1),  #: state between updates
            }
        )

    def _noise_signature(self, config: NetworkConfig) -> wiring.Signature:
        return Noise(config)

    def _restarts(self) -> Value:
        """A row begins from the state between updates."""
        return self.noise.first

    def _kept(self) -> Value:
        """The state at hand becomes the one that groups begin from, while a row is visited."""
        return Const(0)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        noise, draw, seed = self.noise, self.draw, self.seed
        state = Signal(32, init=1)
        walk = Signal(32)
        source = Signal(32)
        drawn = Signal()
        m.d.sync += drawn.eq(draw.step)
        m.d.comb += [
            self.state.eq(state),
            seed.lowest.eq(state[:8]),
            draw.random.eq(walk),
            source.eq(Mux(noise.step & ~self._restarts(), walk, state)),
        ]
        after = xorshift(m, source, "after")
        unit = turn_unit(self._config)
        turn = Signal(range(max(2, 32 // unit)), reset_less=True)
        with m.If(noise.step | draw.step):
            m.d.sync += [walk.eq(after), turn.eq(noise.turn[unit.bit_length() - 1 :])]
        with m.Elif(noise.commit | drawn):
            m.d.sync += walk.eq(0)
        with m.If(seed.shift):
            m.d.sync += state.eq(Cat(state[8:], seed.byte))
        with m.Elif(noise.commit | drawn | self._kept()):
            m.d.sync += state.eq(walk)
        word = Array([rotated(walk, n * unit) for n in range(32 // unit)])[turn]
        for lane in range(self._config.lanes):
            m.d.comb += noise.words[32 * lane : 32 * lane + 32].eq(rotated(word, ROTATE * lane))
        return m
