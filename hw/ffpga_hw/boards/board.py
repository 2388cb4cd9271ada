"""What a board is: a chip, what is wired to its pins, and the network it is made for by default."""

from dataclasses import dataclass

from ffpga_golden import NetworkConfig
from ffpga_golden.protocol import BAUD

from ..engine.lanes.primitives import Portable
from ..families.chip import Chip
from ..families.pll import Clock, Pll


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
    led: str
    led_low: bool = False  #: the LED shines when its pin is low
    button: str = ""  #: pin of a button that resets the core; "" for none
    button_low: bool = False  #: its pin is low when it is pressed
    high: tuple[str, ...] = ()  #: pins that are kept high
    low_voltage: tuple[str, ...] = ()  #: ports whose pins are of 1.8 V
    crystal_hz: int
    clock: Clock  #: settings of the PLL
    preset: NetworkConfig
    loader: tuple[str, ...]  #: options of openFPGALoader; none if it does not know the board
    drive: str = ""  #: name of the USB drive that takes a copy of a bitstream, where there is no loader
    note: str = ""  #: what a user must do to the board first

    @property
    def clock_hz(self) -> float:
        """Clock of the core."""
        return self.clock.output(self.crystal_hz)

    @property
    def divisor(self) -> int:
        """Clocks a bit of the serial line."""
        return round(self.clock_hz / self.baud)

    @property
    def primitives(self) -> Portable:
        """Blocks to build the core of; see `ffpga_hw.engine.primitives`."""
        return self.chip.primitives

    @property
    def pins(self) -> dict[str, str]:
        """Port of the top and its pin."""
        fixed = {f"high_{n}": pin for n, pin in enumerate(self.high)}
        button = {"button": self.button} if self.button else {}
        return {"clk": self.clk, "rx": self.rx, "tx": self.tx, "led": self.led, **button, **fixed}

    @property
    def constraints(self) -> str:
        """The file of pins for the placer."""
        rest = {"rx": 1, "button": int(self.button_low)}
        return self.chip.constraints(self.pins, self.crystal_hz, rest=rest, low=self.low_voltage)

    def pll(self) -> Pll:
        """The PLL that makes the core's clock."""
        return self.clock.pll(self.crystal_hz)
