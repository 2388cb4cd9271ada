"""From a neuron's pre-activation to its activity and its square."""

from amaranth import Array, Cat, Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS, ACTIVITY_MAX

from .multiply import product


class Activation(wiring.Component):
    """``y = activity(sum + 255 weight)`` and ``y ** 2``.

    The weight comes a clock ahead of the sum; `y` is there 2 clocks after the sum and `square` 2 clocks later.

    Parameters
    ----------
    config : NetworkConfig
    table : bool
        Whether the low byte's square comes from a table, which is a block RAM, instead of from logic.
    """

    def __init__(self, *, config: NetworkConfig, table: bool) -> None:
        self._config, self._table = config, table
        super().__init__(
            {
                "weight": In(signed(config.weight_bits)),  #: the label's; 0 where there is none
                "sum": In(signed(config.sum_bits)),  #: the others' part of the pre-activation
                "first_layer": In(1),  #: its inputs are in 1/256
                "y": Out(ACTIVITY_BITS),  #: activity, value / 64
                "square": Out(2 * ACTIVITY_BITS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        self._activity(m)
        self._square(m)
        return m

    def _activity(self, m: Module) -> None:
        config, weight = self._config, self.weight
        # 255 w + half is 256 w + (half - w). Where labels are in the first layer and weights short, that is a byte.
        s0, s1 = config.activity_shift[0], config.activity_shift[0] - 3
        half = Mux(self.first_layer, 1 << s0 - 1, 1 << s1 - 1)
        byte = config.weight_bits == 8 and config.label_layer == 0
        low = Signal(8 if byte else signed(config.weight_bits + 1))
        label_part = Signal(signed(config.weight_bits + 9), reset_less=True)
        rounded = Signal(signed(config.sum_bits + 2), reset_less=True)
        m.d.comb += low.eq(half - weight)
        m.d.sync += [
            label_part.eq(Cat(low[:8], weight + (low >> 8)).as_signed()),
            rounded.eq(self.sum + label_part),
        ]
        top0, top1 = s0 + ACTIVITY_BITS, s1 + ACTIVITY_BITS
        above = rounded[min(top0, len(rounded) - 1) : -1].any() | (~self.first_layer & rounded[top1:top0].any())
        shifted = Mux(self.first_layer, rounded[s0:top0], rounded[s1:top1])
        with m.If(rounded[-1]):
            m.d.sync += self.y.eq(0)
        with m.Else():
            m.d.sync += self.y.eq(Mux(above, ACTIVITY_MAX, shifted))

    def _square(self, m: Module) -> None:
        """(2^8 h + l)^2 = 2^16 h^2 + 2^9 h l + l^2; of logic, l^2 = (2^4 k + n)^2 = 2^8 k^2 + n^2 + 2^5 k n."""
        low, high = self.y[:8], self.y[8:]
        nibbles = Array(n * n for n in range(16))

        def square(nibble: Signal, name: str) -> Signal:
            """A table of four inputs a bit, without a carry."""
            made = Signal(8, name=name, reset_less=True)
            m.d.sync += made.eq(nibbles[nibble])
            return made

        # A clock has time for two adders: h l is in two parts.
        parts = [Signal(10, name=f"part{n}", reset_less=True) for n in range(2)]
        m.d.sync += [part.eq(product(low, high[2 * n : 2 * n + 2])) for n, part in enumerate(parts)]
        if self._table:
            m.submodules.squares = squares = memory.Memory(shape=16, depth=256, init=[n * n for n in range(256)])
            port = squares.read_port()
            m.d.comb += port.addr.eq(low)
            low_square = port.data
        else:
            cross = Signal(8, reset_less=True)
            m.d.sync += cross.eq(product(low[:4], low[4:]))
            low_square = (Cat(square(low[:4], "n"), square(low[4:], "k")) + (cross << 5))[:16]
        mixed = (parts[0] + (parts[1] << 2))[:ACTIVITY_BITS]
        m.d.sync += self.square.eq(Cat(low_square, square(high, "h")) + (mixed << 9))
