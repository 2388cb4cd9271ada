"""A board's top: PLL, reset, serial line, core, and an LED that shows it at work."""

from amaranth import ClockDomain, ClockSignal, Elaboratable, Module, ResetSignal, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import connect

from .board import Board
from .reset import ResetUntilLocked
from .spi import SpiPeripheral
from .uart import UartReceiver, UartTransmitter

#: Clocks that the core stays in reset after the PLL locked, as a power of two: 5 us at 48 MHz, where the first 3 us
#: after configuration read wrong words from an iCE40's block RAM.
RESET_BITS = 8


class Top(Elaboratable):
    """Everything between the pins.

    Parameters
    ----------
    board : Board
    core : wiring.Component
        With streams of bytes `i` and `o`, and `beat` for the LED.

    Attributes
    ----------
    ports : dict of Signal
        The pins `clk`, those of the line, `led`, `button` where there is one, and `high_*`, which are kept high.
    """

    def __init__(self, *, board: Board, core: wiring.Component) -> None:
        self._board = board
        self._core = core
        self.ports = {name: Signal(name=name) for name in board.pins}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        board, pins = self._board, self.ports
        m.domains.sync = ClockDomain()
        m.domains.power = ClockDomain(reset_less=True)
        m.submodules.pll = pll = board.pll()
        m.submodules.reset = reset = ResetUntilLocked(bits=RESET_BITS)
        m.submodules.core = core = self._core
        m.d.comb += [
            pll.i.eq(pins["clk"]),
            ClockSignal("power").eq(pll.o),
            ClockSignal("sync").eq(pll.o),
            reset.locked.eq(pll.locked & ~(pins["button"] ^ board.button_low) if board.button else pll.locked),
            ResetSignal("sync").eq(reset.reset),
        ]
        if board.line == "spi":
            m.submodules.spi = spi = SpiPeripheral()
            m.d.comb += [getattr(spi, name).eq(pins[name]) for name in ("sck", "cs", "mosi")]
            m.d.comb += [pins[name].eq(getattr(spi, name)) for name in ("miso", "waits")]
            connect(m, spi.o, core.i)
            connect(m, core.o, spi.i)
        else:
            m.submodules.receiver = receiver = UartReceiver(divisor=board.divisor)
            m.submodules.transmitter = transmitter = UartTransmitter(divisor=board.divisor)
            m.d.comb += [receiver.rx.eq(pins["rx"]), pins["tx"].eq(transmitter.tx)]
            connect(m, receiver.o, core.i)
            connect(m, core.o, transmitter.i)

        m.d.comb += pins["led"].eq(core.beat ^ board.led_low)
        m.d.comb += [pin.eq(1) for name, pin in pins.items() if name.startswith("high_")]
        return m
