"""cocotb tests of a board's whole design at its SPI pins: the host's driver trains it."""

import os

import cocotb

from ffpga import Device
from ffpga_golden import GoldenDevice
from ffpga_hw.boards.table import board
from testbenches.chip.cocotb_transport import CocotbTransport, bridge

from .spi import SpiPins
from .test_training import CLOCK_RATE, CONFIG, MANY_PAIRS, SEED, differences, session

BOARD = board(os.environ.get("FFPGA_BOARD", "icebreaker")).with_line("spi")
RATIO = float(os.environ.get("FFPGA_SPI_RATIO", "0.5"))


async def power_up(dut, **options: float) -> SpiPins:
    """The board with a host whose clock is FFPGA_SPI_RATIO of the core's."""
    dut._log.info("%s, seed %d, ratio %g, %s", CONFIG, SEED, RATIO, options)
    pins = SpiPins(dut, BOARD, RATIO, seed=SEED, **options)
    await pins.start()
    return pins


async def equals_golden(pins: SpiPins) -> None:
    """A session over the pins, in which nothing may be said twice, against one with the golden device."""
    expected = session(Device(GoldenDevice(CONFIG)))

    def use() -> None:
        found = session(Device(CocotbTransport(pins, CLOCK_RATE), CONFIG, patience=1))
        for name, right in expected.items():
            assert found[name] == right, f"{name}: {found[name]}, not {right}"

    await bridge(use)()


@cocotb.test()
async def the_driver_trains_the_board(dut) -> None:
    """Every answer, weight, counter and clock equals golden, and no frame is said twice."""
    await equals_golden(await power_up(dut))


@cocotb.test()
async def the_driver_trains_the_board_in_spite_of_pauses(dut) -> None:
    """Chip select rises between bytes, and the clock stands still: nothing is lost, nor said twice."""
    await equals_golden(await power_up(dut, pauses=0.3))


@cocotb.test()
async def the_driver_trains_the_board_over_bad_wires(dut) -> None:
    """Chip select lost within bytes, bits flipped both ways, clocks lost: the same weights."""
    pins = await power_up(dut, pauses=0.1)

    def use() -> None:
        device = Device(CocotbTransport(pins, CLOCK_RATE), CONFIG, timeout=0.05, patience=100)
        pins.rate = 0.02
        found = session(device, MANY_PAIRS)
        refused, resent, damaged = found["counters"]["link_errors"], found["resent"], device.link.damaged
        assert not (wrong := differences(found)), wrong
        dut._log.info("%s: %d refused, %d damaged, %d resent", pins.faults, refused, damaged, resent)
        assert min(pins.faults.values()) > 3, pins.faults
        assert min(refused, damaged, resent) > 3, (refused, damaged, resent)

    await bridge(use)()
