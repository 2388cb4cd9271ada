"""One lane: multiply-accumulate forward, multiply-add for an update, saturation of the new weight."""

from amaranth import Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig


class Lane(wiring.Component):
    """A multiplier with a 32-bit accumulator, in the shape of a DSP block (registers on inputs, product, sum).

    Forward: ``sum += a * b`` 4 clocks after `a` and `b`. Update: ``sum = c + a * b`` 4 clocks after `a` and `b` and
    3 clocks after `c`. `enable` and `clear` belong to the clock before the sum changes, `load` to the one before that.
    No product may be taken in the clock of `clear`, and `c` must be 0 the clock before it.
    """

    a: In(signed(16))  #: weight (forward) or local error g (update)
    b: In(signed(16))  #: input x (forward) or x shifted to the learning rate (update); never negative
    c: In(signed(32))  #: weight at its place above the dither (update)
    keep: In(1)  #: do not take `a`: the one before stays
    enable: In(1)  #: take the product
    load: In(1)  #: the next product is added to `c` instead of the sum
    clear: In(1)  #: zero the sum
    sum: Out(signed(32))  #: accumulator

    def elaborate(self, platform: object) -> Module:
        m = Module()
        a = Signal.like(self.a, reset_less=True)
        b = Signal.like(self.b, reset_less=True)
        first = Signal(signed(32), reset_less=True)
        product = Signal(signed(32), reset_less=True)
        c1 = Signal.like(self.c, reset_less=True)
        c2 = Signal.like(self.c, reset_less=True)
        load = Signal()
        m.d.sync += [
            a.eq(Mux(self.keep, a, self.a)),
            b.eq(self.b),
            first.eq(a * b),
            product.eq(first),
            c1.eq(self.c),
            c2.eq(c1),
            load.eq(self.load),
        ]
        with m.If(self.clear):
            m.d.sync += self.sum.eq(0)
        with m.Elif(self.enable):
            m.d.sync += self.sum.eq(Mux(load, c2, self.sum) + product)
        return m


class Saturate(wiring.Component):
    """The new weight from an update's sum: its high part, held within +-weight_max. Latency 2 clocks.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "sum": In(signed(32)),  #: (weight << p) + (x g << p - u) + dither
                "high": In(1),  #: p is 23, else 15
                "weight": Out(signed(config.weight_bits)),  #: saturated
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits, most, low = self._config.weight_bits, self._config.weight_max, 15
        taken = Signal(bits, reset_less=True)
        outside, sign = Signal(reset_less=True), Signal(reset_less=True)
        # A weight is in range where all bits from its sign on are equal, and is not the lowest of its format.
        spread = Signal()
        if bits == 8:
            m.d.sync += taken.eq(Mux(self.high, self.sum[23:31], self.sum[low : low + bits]))
            m.d.comb += spread.eq((self.sum[30] != self.sum[31]) | (~self.high & unequal(self.sum[22:31])))
        else:
            m.d.sync += taken.eq(self.sum[low : low + bits])
            m.d.comb += spread.eq(unequal(self.sum[low + most.bit_length() : 32]))
        lowest = Signal()
        m.d.sync += [outside.eq(spread), sign.eq(self.sum[31])]
        m.d.comb += lowest.eq(sign & ~taken[: most.bit_length()].any())
        with m.If(outside):
            m.d.sync += self.weight.eq(Mux(sign, -most, most))
        with m.Else():
            m.d.sync += self.weight.eq(taken)
            with m.If(lowest):
                m.d.sync += self.weight[0].eq(1)
        return m


def unequal(bits: Value) -> Value:
    """Whether some bits differ from the others."""
    return bits.any() & ~bits.all()
