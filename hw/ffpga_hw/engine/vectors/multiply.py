"""A multiplier for a factor that stays: few logic cells, three registers deep."""

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Multiplier(wiring.Component):
    """``product = a * factor``, 2 clocks after `a` and at least 3 after `factor`, which stays while products count.

    The factor becomes digits of -1, 0, 1 and 2 to the base 4: each bit of a digit's row is one table of four inputs.
    The -1 of a row is its complement; the ones that complete it are carried into the adders.

    Parameters
    ----------
    bits : int
        Bits of `a`, with its sign.
    """

    def __init__(self, *, bits: int) -> None:
        self._bits = bits
        super().__init__({"a": In(signed(bits)), "factor": In(8), "product": Out(signed(bits + 9))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = self._bits
        codes, carry = [], Const(0, 1)
        for place in range(4):
            code = Signal(2, name=f"code{place}")
            low, high = self.factor[2 * place], self.factor[2 * place + 1]
            m.d.sync += code.eq(Cat(low ^ carry, high ^ (low & carry)))  # 3 means -1 and a carry; 4 is 0 and a carry
            carry = high & (low | carry)
            codes.append(code)
        top = Signal()
        m.d.sync += top.eq(carry)

        def row(code: Signal) -> Value:
            return Mux(code[1], Mux(code[0], ~self.a, self.a << 1), Mux(code[0], self.a, 0))[: bits + 1].as_signed()

        minus = [code.all() for code in codes]
        low, high = (Signal(signed(bits + 4), name=name, reset_less=True) for name in ("low", "high"))
        extra = Signal(signed(bits), reset_less=True)
        for pair, place in ((low, 0), (high, 2)):
            # 4 more for a minus in the upper row: 3 here, the last one in the next adder.
            upper = Cat(minus[place + 1].replicate(2), row(codes[place + 1])).as_signed()
            m.d.sync += pair.eq(add(row(codes[place]), upper, minus[place]))
        with m.If(top):
            m.d.sync += extra.eq(self.a)
        with m.Else():
            m.d.sync += extra.eq(0)
        upper = add(high, extra << 4, minus[3])
        m.d.sync += self.product.eq(add(low, upper << 4, minus[1]))
        return m


def add(a: Value, b: Value, carry: Value) -> Value:
    """``a + b + carry`` of signed operands, in one carry chain.

    The carry is added to a one: nextpnr's router goes around in circles where a cell has the same signal twice.
    """
    return (Cat(Const(1, 1), a).as_signed() + Cat(carry, b).as_signed())[1:].as_signed()


def product(a: Value, b: Value) -> Value:
    """``a * b``, two bits of `b` at a time; whether a row is added is chosen in the adder's own tables."""
    if len(b) > 2:
        half = len(b) // 2
        return (product(a, b[:half]) + (product(a, b[half:]) << half))[: len(a) + len(b)]
    first = Mux(b[0], a, 0)
    return Cat(first[:1], Mux(b[1], first[1:] + a, first[1:]))
