"""A serial line of 8 data bits without parity (8N1) to byte streams and back."""

from amaranth import Cat, Const, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

#: Fewest clocks a bit: samples then stay within their bits at +-1 % baud error; from 8 on at +-2 %.
DIVISOR_MIN = 3

#: Bits of a byte on the line: start, 8 data bits with the lowest first, stop.
FRAME_BITS = 10


class _Uart(wiring.Component):
    """What both ends share: the clocks of a bit.

    Parameters
    ----------
    divisor : int
        Clocks a bit, at least 3.

    Raises
    ------
    TypeError, ValueError
        Names the value and the rule.
    """

    def __init__(self, *, divisor: int) -> None:
        if isinstance(divisor, bool) or not isinstance(divisor, int):
            raise TypeError(f"divisor must be an integer, not {divisor!r}")
        if divisor < DIVISOR_MIN:
            raise ValueError(f"divisor must be at least {DIVISOR_MIN} clocks a bit, not {divisor}")
        self._divisor = divisor
        super().__init__()


class UartReceiver(_Uart):
    """Bytes from the line, each bit sampled once, in its middle.

    The start bit's edge is found anew in every byte, so the last sample, in the stop bit, is off by 9.5 bits times the
    baud error, half a clock, and where a bit has an even number of clocks half a clock more: of half a bit +-1 % leave
    0.24 in reserve with 3 clocks a bit, 0.15 with 4, and +-2 % 0.18 with 8. A byte whose stop bit is low is dropped,
    and the line must be high before the next one is looked for. The line knows no back-pressure: a
    byte that comes while `o` still holds the last one is dropped too, and the frame's CRC tells. Parameters and errors
    are `_Uart`'s.
    """

    rx: In(1, init=1)  #: the pin, asynchronous; high at rest
    o: Out(stream.Signature(8))  #: received bytes; valid from about the middle of the stop bit

    def elaborate(self, platform: object) -> Module:
        m = Module()
        line = Signal(init=1)
        m.submodules.synchroniser = FFSynchronizer(self.rx, line, init=1, stages=2)
        timer = Signal(range(self._divisor))  # clocks until the next sample
        left = Signal(range(FRAME_BITS + 1))  # samples still to take of this byte
        rested = Signal()  # the line was high since the last byte
        shift = Signal(8)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(left == 0):
            m.d.sync += rested.eq(rested | line)
            with m.If(rested & ~line):
                m.d.sync += [left.eq(FRAME_BITS), timer.eq((self._divisor - 1) // 2 - 1)]
        with m.Elif(timer != 0):
            m.d.sync += timer.eq(timer - 1)
        with m.Else():
            m.d.sync += [left.eq(left - 1), timer.eq(self._divisor - 1), rested.eq(line)]
            with m.If(left == FRAME_BITS):
                with m.If(line):
                    m.d.sync += left.eq(0)  # a glitch, no start bit
            with m.Elif(left != 1):
                m.d.sync += shift.eq(Cat(shift[1:], line))
            with m.Elif(line & (~self.o.valid | self.o.ready)):
                m.d.sync += [self.o.payload.eq(shift), self.o.valid.eq(1)]
        return m


class UartTransmitter(_Uart):
    """Bytes to the line; one takes 10 bits and a clock. Parameters and errors are `_Uart`'s."""

    i: In(stream.Signature(8))  #: bytes to send
    tx: Out(1, init=1)  #: the pin, straight from a flip-flop; high at rest

    def elaborate(self, platform: object) -> Module:
        m = Module()
        timer = Signal(range(self._divisor))  # clocks left of this bit, less one
        left = Signal(range(FRAME_BITS + 1))  # bits still to send, with the one on the line
        shift = Signal(9, init=-1)  # the bit on the line and those to come; ones follow
        m.d.comb += [self.tx.eq(shift[0]), self.i.ready.eq(left == 0)]
        with m.If(left == 0):
            with m.If(self.i.valid):
                m.d.sync += shift.eq(Cat(Const(0, 1), self.i.payload))
                m.d.sync += [left.eq(FRAME_BITS), timer.eq(self._divisor - 1)]
        with m.Elif(timer != 0):
            m.d.sync += timer.eq(timer - 1)
        with m.Else():
            m.d.sync += [shift.eq(Cat(shift[1:], Const(1, 1))), left.eq(left - 1), timer.eq(self._divisor - 1)]
        return m
