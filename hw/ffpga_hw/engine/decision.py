"""From sums of squares to the probability c, and the scan for the label of highest goodness."""

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.arithmetic import probability_table

from .compare import better, subtract
from .scorer import slot_bits


class Decision(wiring.Component):
    """c = T[clamp(+-(a - b) >> k)], 0 below the gate; k // 4 + k % 4 clocks and a fixed number.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._bits = max(33, config.goodness_bits + 1)
        super().__init__(
            {
                "start": In(1),
                "a": In(config.goodness_bits),  #: sum of squares
                "b": In(self._bits - 1),  #: sum of squares, or threshold
                "negate": In(1),  #: turn the margin's sign
                "k": In(5),  #: temperature shift
                "gate": In(8),  #: update gate
                "c": Out(8),  #: probability, 255 = 1
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        entries = probability_table().tolist()
        m.submodules.table = table = memory.Memory(shape=8, depth=256, init=entries[128:] + entries[:128])
        port = table.read_port()
        margin = Signal(signed(self._bits + 1), reset_less=True)
        left = Signal(5)
        index = Signal(8)
        negate = Signal()
        m.d.comb += port.addr.eq(index)
        with m.FSM():
            with m.State("IDLE"):
                # -d >> k is ~(d - 1 >> k), so a turned sign is a complement at the end.
                m.d.sync += [left.eq(self.k), negate.eq(self.negate)]
                m.d.sync += margin.eq(subtract(self.a, self.b, self.negate).as_signed())
                with m.If(self.start):
                    m.next = "SHIFT"
            with m.State("SHIFT"):
                with m.If(left >= 4):
                    m.d.sync += [left.eq(left - 4), margin.eq(margin >> 4)]
                with m.Elif(left != 0):
                    m.d.sync += [left.eq(left - 1), margin.eq(margin >> 1)]
                with m.Else():
                    m.d.sync += index.eq(
                        Mux(
                            margin[7:].all() | ~margin[7:].any(),
                            margin[:8],
                            Mux(margin[-1], 0x80, 0x7F),
                        )
                        ^ negate.replicate(8)
                    )
                    m.next = "READ"
            with m.State("READ"):
                m.next = "GATE"
            with m.State("GATE"):
                m.d.sync += self.c.eq(Mux(port.data < self.gate, 0, port.data))
                m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        return m


class Selector(wiring.Component):
    """The label of highest goodness among those not excluded, the lowest on a tie; classes + 3 clocks.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        classes = max(2, config.classes)
        super().__init__(
            {
                "start": In(1),
                "excluded": In(classes),  #: a bit a label
                "lowest": In(1),  #: goodness is minus the sum of squares
                "slot": Out(slot_bits(config)),  #: label read, 1 clock ahead of
                "total": In(config.goodness_bits),  #: its sum of squares
                "label": Out(range(classes)),  #: the best
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        classes = max(2, self._config.classes)
        at = Signal(range(classes))
        reading, read = Signal(), Signal()
        label, current = Signal.like(at), Signal.like(at)
        ready, found = Signal(), Signal()
        total = Signal.like(self.total, reset_less=True)
        best = Signal.like(self.total, reset_less=True)
        allowed = Signal()
        m.d.comb += [self.slot.eq(at), allowed.eq(~self.excluded.bit_select(current, 1))]
        m.d.sync += [read.eq(reading), label.eq(at), ready.eq(read), current.eq(label), total.eq(self.total)]
        with m.If(ready & allowed & (~found | better(total, best, self.lowest))):
            m.d.sync += [best.eq(total), self.label.eq(current), found.eq(1)]
        m.d.sync += self.done.eq(ready & ~read)
        with m.If(self.start):
            m.d.sync += [at.eq(0), reading.eq(1), found.eq(0)]
        with m.Elif(reading):
            m.d.sync += at.eq(at + 1)
            with m.If(at == classes - 1):
                m.d.sync += reading.eq(0)
        return m
