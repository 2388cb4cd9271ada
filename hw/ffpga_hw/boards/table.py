"""The boards that a bitstream can be made for; one that is like another says what differs.

Sources: the boards' schematics by way of amaranth-boards (iCEBreaker, iCESugar, ULX3S, ECPIX-5, OrangeCrab r0.2, Tang
Nano 9K), of litex-boards (Colorlight i5 7.0 and i9 7.2, both Tang Nanos, Tang Primer 25K) and of the maker's constraint
file (UPduino 3: serial line over the flash's pins).
"""

from dataclasses import replace

from ffpga_golden import Fields, NetworkConfig

from ..families.ecp5 import Ecp5Clock
from ..families.gowin import Gw1nClock, Gw2aClock, Gw5aClock
from ..families.ice40 import Ice40Clock
from .board import Board
from .chips import GW1NR_9, GW2AR_18, GW5A_25, LFE5U_25F, LFE5U_45F, LFE5U_85F, LFE5UM5G_85F, UP5K


def _windows(stride: int) -> Fields:
    """Windows of 12 x 12 pixels, 3 x 3 tiles, over an image of 28 x 28; `stride` in tiles of 4 x 4."""
    return Fields.windows(tile=16, grid=(7, 7), window=3, stride=stride)


#: Clocks of an UP5K, 4 and 3 clocks a bit of 12 Mbaud.
_48_MHZ = Ice40Clock(pad=True, divr=0, divf=63, divq=4, filter_range=1)
_36_MHZ = replace(_48_MHZ, divf=47)

ICEBREAKER = Board(
    name="icebreaker",
    title="iCEBreaker",
    chip=UP5K,
    package="sg48",
    clk="35",
    rx="6",
    tx="9",
    baud=12_000_000,  # an FT2232H
    spi={"cs": "4", "mosi": "2", "miso": "47", "sck": "45", "waits": "3"},  # PMOD 1A, as Pmods have SPI
    led="37",
    led_low=True,
    crystal_hz=12_000_000,
    clock=_48_MHZ,
    slower_clock=_36_MHZ,
    preset=NetworkConfig(features=784, classes=10, layers=(200, 32), lanes=8, fields=(_windows(stride=1), None)),
    loader=("-b", "ice40_generic"),
)

#: The iCEBreaker's chip, crystal and network.
UPDUINO_V3 = replace(
    ICEBREAKER,
    name="upduino-v3",
    title="UPduino 3",
    clk="20",
    rx="15",
    tx="14",  # an FT232H
    spi={"sck": "44", "cs": "4", "mosi": "3", "miso": "48", "waits": "45"},
    led="39",
    high=("16",),  # the flash's chip select: it shares its pins with the serial line
    clock=replace(_48_MHZ, pad=False),
    slower_clock=replace(_36_MHZ, pad=False),
    loader=("-b", "ice40_generic", "-c", "ft232"),
    note="solder the jumper OSC, which brings the 12 MHz oscillator to pin 20",
)

#: The adapter of a board with Arm's DAPLink on an STM32F103: it divides 36 MHz by 16 or more, here by 36.
_DAPLINK = 1_000_000

#: The iCEBreaker's chip, crystal and network.
ICESUGAR = replace(
    ICEBREAKER,
    name="icesugar",
    title="iCESugar",
    rx="4",
    tx="6",
    spi={},
    led="40",
    baud=_DAPLINK,
    loader=(),
    drive="iCELink",
)

ULX3S_25F = Board(
    name="ulx3s-25f",
    title="ULX3S 25F",
    chip=LFE5U_25F,
    package="CABGA381",
    clk="G2",
    rx="M1",
    tx="L4",
    spi={"sck": "B11", "waits": "C11", "cs": "A10", "mosi": "A9", "miso": "B9"},  # GP0, GN0, GP1, GP2, GP3
    led="B2",
    high=("L2",),  # GPIO0 of the ESP32, which otherwise may reload the FPGA
    crystal_hz=25_000_000,
    # 90 MHz: a multiple of the baud rate that this network and the 45F's meet after place and route.
    clock=Ecp5Clock(input_div=5, feedback_div=18, output_div=6),
    preset=NetworkConfig(
        features=784, classes=10, layers=(144,), lanes=16, memory_ports=2, fields=(_windows(stride=2),)
    ),
    loader=("-b", "ulx3s"),
)

ULX3S_45F = replace(
    ULX3S_25F,
    name="ulx3s-45f",
    title="ULX3S 45F",
    chip=LFE5U_45F,
    preset=replace(ULX3S_25F.preset, layers=(400, 32), fields=(_windows(stride=1), None)),
)

ULX3S_85F = replace(
    ULX3S_25F,
    name="ulx3s-85f",
    title="ULX3S 85F",
    chip=LFE5U_85F,
    # 84.375 MHz, 28 clocks a bit: an address takes 5 ns to the memories of so many lanes.
    clock=Ecp5Clock(input_div=8, feedback_div=27, output_div=8),
    preset=replace(ULX3S_45F.preset, layers=(800, 32), lanes=32),
)

ECPIX_5_85F = Board(
    name="ecpix5-85f",
    title="ECPIX-5 85F",
    chip=LFE5UM5G_85F,
    package="CABGA554",
    clk="K23",
    rx="R26",
    tx="R24",
    baud=12_000_000,  # an FT2232H
    led="R21",
    led_low=True,
    crystal_hz=100_000_000,
    clock=Ecp5Clock(input_div=25, feedback_div=21, output_div=7),  # 84 MHz, 7 clocks a bit
    preset=ULX3S_85F.preset,
    loader=("-b", "ecpix5"),
)

ORANGECRAB_25F = replace(
    ULX3S_25F,
    name="orangecrab-25f",
    title="OrangeCrab 25F",
    chip=replace(LFE5U_25F, speed="8"),
    package="CSFBGA285",
    clk="A9",
    rx="N17",
    tx="M18",
    spi={},
    led="K4",
    led_low=True,
    high=(),
    crystal_hz=48_000_000,
    clock=Ecp5Clock(input_div=8, feedback_div=15, output_div=7),  # 90 MHz
    loader=("-b", "orangeCrab"),
    note="wire a serial adapter of 3.3 V: its tx to pin 0, its rx to pin 1",
)

COLORLIGHT_I5 = replace(
    ULX3S_25F,
    name="colorlight-i5",
    title="Colorlight i5",
    clk="P3",
    rx="H18",
    tx="J17",
    led="U16",
    led_low=True,
    high=(),
    spi={},
    baud=_DAPLINK,
    loader=("-b", "colorlight-i5"),
    note="its serial adapter is on the extension board",
)

COLORLIGHT_I9 = replace(
    COLORLIGHT_I5,
    name="colorlight-i9",
    title="Colorlight i9",
    chip=LFE5U_45F,
    led="L2",
    preset=ULX3S_45F.preset,
    loader=("-b", "colorlight-i9"),
)

TANGNANO9K = Board(
    name="tangnano9k",
    title="Tang Nano 9K",
    chip=GW1NR_9,
    package="QN88P",
    clk="52",
    rx="18",
    tx="17",
    led="10",
    led_low=True,
    button="3",
    button_low=True,
    low_voltage=("led", "button"),  # the bank of the RAM inside the package
    crystal_hz=27_000_000,
    clock=Gw1nClock(input_div=1, feedback_div=2, output_div=16),  # 54 MHz
    preset=NetworkConfig(features=784, classes=10, layers=(200,), lanes=8, fields=(_windows(stride=1),)),
    loader=("-b", "tangnano9k"),
)

TANGNANO20K = Board(
    name="tangnano20k",
    title="Tang Nano 20K",
    chip=GW2AR_18,
    package="QN88",
    clk="4",
    rx="70",
    tx="69",
    led="15",
    led_low=True,
    button="88",
    crystal_hz=27_000_000,
    clock=Gw2aClock(input_div=1, feedback_div=3, output_div=8),  # 81 MHz
    preset=replace(ICEBREAKER.preset, memory_ports=2),
    loader=("-b", "tangnano20k"),
)

TANGPRIMER25K = Board(
    name="tangprimer25k",
    title="Tang Primer 25K",
    chip=GW5A_25,
    package="MG121N",
    clk="E2",
    rx="B3",
    tx="C3",
    led="E8",
    button="H11",
    button_low=True,
    crystal_hz=50_000_000,
    clock=Gw5aClock(input_div=1, feedback_div=1, multiplier=18, output_div=10),  # 90 MHz
    preset=TANGNANO20K.preset,
    loader=("-b", "tangprimer25k"),
    note="line, LED and button are on its dock",
)

BOARDS = {
    made.name: made
    for made in (
        ICEBREAKER,
        UPDUINO_V3,
        ICESUGAR,
        ULX3S_25F,
        ULX3S_45F,
        ULX3S_85F,
        ECPIX_5_85F,
        ORANGECRAB_25F,
        COLORLIGHT_I5,
        COLORLIGHT_I9,
        TANGNANO9K,
        TANGNANO20K,
        TANGPRIMER25K,
    )
}


def board(name: str) -> Board:
    """A board by its name; ValueError where there is none."""
    if name not in BOARDS:
        raise ValueError(f"board must be one of {', '.join(BOARDS)}, not {name!r}")
    return BOARDS[name]
