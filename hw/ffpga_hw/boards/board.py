"""What a board is: a chip, what is wired to its pins, and the network it is made for by default."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ffpga_golden import NetworkConfig
from ffpga_golden.protocol import BAUD

from ..engine.lanes.primitives import Portable
from ..families.chip import Chip
from ..families.pll import Clock, Pll

#: What may be between the pins and the core.
LINES = ("uart", "spi")
#: Ports of a board's SPI; see `SpiPeripheral`.
SPI = ("sck", "cs", "mosi", "miso", "waits")


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board.

    Pins are named from the FPGA's side: `rx` is what it receives on.
    """

    name: str  #: as on the command line
    title: str
    chip: Chip
    package: str  #: option of nextpnr
    clk: str  #: pin of the crystal
    rx: str
    tx: str
    baud: int = BAUD  #: bits a second of its serial line
    spi: Mapping[str, str] = field(default_factory=dict, hash=False)  #: pin of each of `SPI`; empty for a board without
    line: str = "uart"  #: one of `LINES`; see `with_line`
    led: str
    led_low: bool = False  #: the LED shines when its pin is low
    button: str = ""  #: pin of a button that resets the core; "" for none
    button_low: bool = False  #: its pin is low when it is pressed
    high: tuple[str, ...] = ()  #: pins that are kept high
    low_voltage: tuple[str, ...] = ()  #: ports whose pins are of 1.8 V
    crystal_hz: int
    clock: Clock  #: settings of the PLL
    slower_clock: Clock | None = None  #: those for a network that is too slow for `clock`
    preset: NetworkConfig
    loader: tuple[str, ...]  #: options of openFPGALoader; none if it does not know the board
    drive: str = ""  #: name of the USB drive that takes a copy of a bitstream, where there is no loader
    note: str = ""  #: what a user must do to the board first

    @property
    def clock_hz(self) -> float:
        """Clock of the core."""
        return self.clock.output(self.crystal_hz)

    @property
    def slower(self) -> "Board | None":
        """The same board with its slower clock, if it has one."""
        if self.slower_clock is None:
            return None
        return replace(self, clock=self.slower_clock, slower_clock=None)

    def with_clock(self, mhz: float) -> "Board":
        """The same board with that clock and no other one; ValueError where it is none of its own."""
        clocks = {f"{made.clock_hz / 1e6:g}": made for made in (self, self.slower) if made}
        if f"{mhz:g}" not in clocks:
            raise ValueError(f"clock must be {' or '.join(clocks)} MHz on {self.title}, not {mhz:g}")
        return replace(clocks[f"{mhz:g}"], slower_clock=None)

    @property
    def divisor(self) -> int:
        """Clocks a bit of the serial line."""
        return round(self.clock_hz / self.baud)

    @property
    def spi_hz(self) -> float:
        """Fastest clock of its SPI that its timing is held to: half the core's."""
        return self.clock_hz / 2

    def with_line(self, line: str) -> "Board":
        """The same board behind another line; ValueError where it has no pins for it."""
        if line not in LINES:
            raise ValueError(f"line must be one of {', '.join(LINES)}, not {line!r}")
        if line == "spi" and not self.spi:
            raise ValueError(f"line must be uart on {self.title}, not spi: no pins for SPI are known")
        return replace(self, line=line)

    @property
    def primitives(self) -> Portable:
        """Blocks to build the core of; see `ffpga_hw.engine.primitives`."""
        return self.chip.primitives

    @property
    def pins(self) -> dict[str, str]:
        """Port of the top and its pin."""
        fixed = {f"high_{n}": pin for n, pin in enumerate(self.high)}
        button = {"button": self.button} if self.button else {}
        line = {"rx": self.rx, "tx": self.tx} if self.line == "uart" else {name: self.spi[name] for name in SPI}
        return {"clk": self.clk, **line, "led": self.led, **button, **fixed}

    @property
    def constraints(self) -> str:
        """The file of pins for the placer."""
        rest = {"rx": 1, "cs": 1, "button": int(self.button_low)}
        clocks = {"clk": float(self.crystal_hz)} | ({"sck": self.spi_hz} if self.line == "spi" else {})
        return self.chip.constraints(self.pins, clocks, rest=rest, low=self.low_voltage)

    def pll(self) -> Pll:
        """The PLL that makes the core's clock."""
        return self.clock.pll(self.crystal_hz)
