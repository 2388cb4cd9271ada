"""One lane: multiply-accumulate forward, multiply-add for an update."""

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


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
