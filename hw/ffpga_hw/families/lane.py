"""Lanes around a family's multiplier: what they have in common."""

from abc import abstractmethod

from amaranth import Instance, Module, Mux, Signal, Value, signed

from ..delay import delayed
from ..engine.lanes.lane import Lane

FACTOR_BITS, PRODUCT_BITS = 18, 36


class MultiplierLane(Lane):
    """`Lane` with its factors and products in a multiplier's own registers; the accumulator is logic."""

    @abstractmethod
    def multiplier(self, a: Value, b: Value, product: Value) -> Instance:
        """Signed factors of FACTOR_BITS and, 3 clocks later, their product of PRODUCT_BITS."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        product = Signal(signed(PRODUCT_BITS))
        a, b = Signal(signed(FACTOR_BITS)), Signal(signed(FACTOR_BITS))
        held = Signal.like(self.a, reset_less=True)  # what `keep` keeps; synthesis leaves it out where nothing does
        taken = Signal.like(self.a)
        m.d.comb += [taken.eq(Mux(self.keep, held, self.a)), a.eq(taken), b.eq(self.b)]
        m.d.sync += held.eq(taken)
        m.submodules.multiplier = self.multiplier(a, b, product)
        c = delayed(m, self.c, 2)[2]
        load = delayed(m, self.load, 1, reset=True)[1]
        with m.If(self.clear):
            m.d.sync += self.sum.eq(0)
        with m.Elif(self.enable):
            m.d.sync += self.sum.eq(Mux(load, c, self.sum) + product)
        return m
