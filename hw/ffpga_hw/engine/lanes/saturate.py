"""Saturation of the new weight that an update leaves in a lane's accumulator."""

from amaranth import Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig


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
                "host": In(1),  #: instead of all that,
                "given": In(signed(config.weight_bits)),  #: this one, also a clock later; not the lowest of its format
                "take": In(1),  #: a clock after the sum: `weight` changes at the end of this clock
                "weight": Out(signed(config.weight_bits)),  #: saturated
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits, most, low = self._config.weight_bits, self._config.weight_max, 15
        taken = Signal(bits, reset_less=True)
        above, below = Signal(reset_less=True), Signal(reset_less=True)  # out of range; both: it is the host's
        # A weight is in range where all bits from its sign on are equal, and is not the lowest of its format.
        spread, sign = Signal(), self.sum[31]
        if bits == 8:
            m.d.sync += taken.eq(Mux(self.high, self.sum[23:31], self.sum[low : low + bits]))
            m.d.comb += spread.eq((self.sum[30] != sign) | (~self.high & unequal(m, self.sum[22:30], sign)))
        else:
            m.d.sync += taken.eq(self.sum[low : low + bits])
            m.d.comb += spread.eq(unequal(m, self.sum[low + most.bit_length() : 31], sign))
        m.d.sync += [above.eq(self.host | (spread & ~sign)), below.eq(self.host | (spread & sign))]
        lowest = taken[-1] & ~taken[: most.bit_length()].any()
        with m.If(self.take):
            with m.Switch(Cat(above, below)):
                with m.Case(0):
                    m.d.sync += self.weight.eq(Cat(taken[0] | lowest, taken[1:]))
                with m.Case(1):
                    m.d.sync += self.weight.eq(most)
                with m.Case(2):
                    m.d.sync += self.weight.eq(-most)
                with m.Default():
                    m.d.sync += self.weight.eq(self.given)
        return m


def unequal(m: Module, bits: Value, sign: Value) -> Value:
    """Whether some bits differ from the sign.

    Three of them and the sign make a table; `keep` holds synthesis to that, which knows nothing of a multiplier's
    delay and would make a chain.
    """
    differ = Signal(-(-len(bits) // 3), attrs={"keep": 1})
    for n in range(len(differ)):
        group = bits[3 * n : 3 * n + 3]
        m.d.comb += differ[n].eq((group ^ sign.replicate(len(group))).any())
    return differ.any()
