"""One lane: multiply-accumulate forward, multiply-add for an update, saturation of the new weight."""

from amaranth import Module, Mux, Signal, signed
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
            a.eq(self.a),
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
        limit = self._config.weight_max
        bits = limit.bit_length()
        value = Signal(signed(17))
        taken = Signal(signed(17), reset_less=True)
        above = Signal(reset_less=True)
        below = Signal(reset_less=True)
        if self._config.weight_bits == 8:
            m.d.comb += value.eq(Mux(self.high, self.sum >> 23, self.sum >> 15))
        else:
            m.d.comb += value.eq(self.sum >> 15)
        m.d.sync += [
            taken.eq(value),
            above.eq(~value[16] & value[bits:16].any()),
            below.eq(value[16] & (~value[bits:16].all() | ~value[:bits].any())),
            self.weight.eq(Mux(above, limit, Mux(below, -limit, taken))),
        ]
        return m
