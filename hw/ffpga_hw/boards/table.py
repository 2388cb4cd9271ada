"""The boards that a bitstream can be made for: chip, pins, clock, and the network it is made for by default.

Sources: the boards' schematics by way of amaranth-boards (iCEBreaker, ULX3S, ECPIX-5) and of the maker's
constraint file (UPduino 3: serial line over the flash's pins); Lattice DS1056 and FPGA-DS-02012 for what a chip has.
"""

from dataclasses import dataclass

from ffpga_golden import NetworkConfig

from ..engine.lanes.primitives import Portable
from ..families.ecp5 import Ecp5
from ..families.ice40 import Ice40
from .pll import Ecp5Clock, Ecp5Pll, Ice40Clock, Ice40Pll

#: Bits a second of the serial line, as the host's driver opens it.
BAUD = 3_000_000


@dataclass(frozen=True, kw_only=True)
class Chip:
    """What an FPGA has, in the words of its place-and-route tool."""

    name: str
    family: str  #: ice40 or ecp5
    device: str  #: option of nextpnr
    cells: int  #: logic cells: a 4-input table and a flip-flop; on an ECP5, tables
    bram: int  #: block RAMs
    dsp: int  #: multipliers
    spram: int = 0  #: blocks of 32 KiB
    speed: str = ""  #: speed grade


UP5K = Chip(name="iCE40UP5K", family="ice40", device="up5k", cells=5280, bram=30, dsp=8, spram=4)
LFE5U_25F = Chip(name="LFE5U-25F", family="ecp5", device="25k", cells=24288, bram=56, dsp=28, speed="6")
LFE5U_45F = Chip(name="LFE5U-45F", family="ecp5", device="45k", cells=43848, bram=108, dsp=72, speed="6")
LFE5U_85F = Chip(name="LFE5U-85F", family="ecp5", device="85k", cells=83640, bram=208, dsp=156, speed="6")
LFE5UM5G_85F = Chip(name="LFE5UM5G-85F", family="ecp5", device="um5g-85k", cells=83640, bram=208, dsp=156, speed="8")


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
    led: str
    led_low: bool = False  #: the LED shines when its pin is low
    high: tuple[str, ...] = ()  #: pins that are kept high
    crystal_hz: int
    clock: Ice40Clock | Ecp5Clock
    preset: NetworkConfig
    loader: tuple[str, ...]  #: options of openFPGALoader
    note: str = ""  #: what a user must do to the board first

    @property
    def clock_hz(self) -> float:
        """Clock of the core."""
        return self.clock.output(self.crystal_hz)

    @property
    def divisor(self) -> int:
        """Clocks a bit of the serial line."""
        return round(self.clock_hz / BAUD)

    @property
    def primitives(self) -> Portable:
        """Blocks to build the core of; see `ffpga_hw.engine.lanes.primitives`."""
        return Ice40() if self.chip.family == "ice40" else Ecp5()

    @property
    def pins(self) -> dict[str, str]:
        """Port of the top and its pin."""
        fixed = {f"high_{n}": pin for n, pin in enumerate(self.high)}
        return {"clk": self.clk, "rx": self.rx, "tx": self.tx, "led": self.led, **fixed}

    def pll(self) -> Ice40Pll | Ecp5Pll:
        """The PLL that makes the core's clock."""
        if isinstance(self.clock, Ice40Clock):
            return Ice40Pll(self.clock)
        return Ecp5Pll(self.clock, source=self.crystal_hz, target=self.clock_hz)


#: 12 MHz to 48 MHz; DIVF and DIVQ as icepll gives them.
_TO_48_MHZ = {"divr": 0, "divf": 63, "divq": 4, "filter_range": 1}
#: Multiples of the baud rate, the second one within 0.4 %, that the presets meet after place and route.
_25_TO_90_MHZ = Ecp5Clock(input_div=5, feedback_div=18, output_div=6)
_UP5K_PRESET = NetworkConfig(features=784, classes=10, layers=(128, 128), lanes=8)


def _ulx3s(chip: Chip, layers: tuple[int, ...], lanes: int, clock: Ecp5Clock) -> Board:
    size = chip.name[-3:]
    return Board(
        name=f"ulx3s-{size.lower()}",
        title=f"ULX3S {size}",
        chip=chip,
        package="CABGA381",
        clk="G2",
        rx="M1",
        tx="L4",
        led="B2",
        high=("L2",),  # GPIO0 of the ESP32, which otherwise may reload the FPGA
        crystal_hz=25_000_000,
        clock=clock,
        preset=NetworkConfig(features=784, layers=layers, lanes=lanes, classes=10, memory_ports=2),
        loader=("-b", "ulx3s"),
    )


BOARDS = {
    board.name: board
    for board in (
        Board(
            name="icebreaker",
            title="iCEBreaker",
            chip=UP5K,
            package="sg48",
            clk="35",
            rx="6",
            tx="9",
            led="37",
            led_low=True,
            crystal_hz=12_000_000,
            clock=Ice40Clock(pad=True, **_TO_48_MHZ),
            preset=_UP5K_PRESET,
            loader=("-b", "ice40_generic"),
        ),
        Board(
            name="upduino-v3",
            title="UPduino 3",
            chip=UP5K,
            package="sg48",
            clk="20",
            rx="15",
            tx="14",
            led="39",
            led_low=True,
            high=("16",),  # the flash's chip select: it shares its pins with the serial line
            crystal_hz=12_000_000,
            clock=Ice40Clock(pad=False, **_TO_48_MHZ),
            preset=_UP5K_PRESET,
            loader=("-b", "ice40_generic", "-c", "ft232"),
            note="solder the jumper OSC, which brings the 12 MHz oscillator to pin 20",
        ),
        _ulx3s(LFE5U_25F, (64, 64), 16, _25_TO_90_MHZ),
        _ulx3s(LFE5U_45F, (128, 128), 16, _25_TO_90_MHZ),
        _ulx3s(LFE5U_85F, (256, 256), 32, _25_TO_90_MHZ),
        Board(
            name="ecpix5-85f",
            title="ECPIX-5 85F",
            chip=LFE5UM5G_85F,
            package="CABGA554",
            clk="K23",
            rx="R26",
            tx="R24",
            led="R21",
            led_low=True,
            crystal_hz=100_000_000,
            clock=Ecp5Clock(input_div=10, feedback_div=9, output_div=7),
            preset=NetworkConfig(features=784, layers=(256, 256), lanes=32, classes=10, memory_ports=2),
            loader=("-b", "ecpix5"),
        ),
    )
}


def board(name: str) -> Board:
    """A board by its name; ValueError where there is none."""
    if name not in BOARDS:
        raise ValueError(f"board must be one of {', '.join(BOARDS)}, not {name!r}")
    return BOARDS[name]
