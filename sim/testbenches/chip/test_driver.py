"""cocotb test of the chip under the host's own driver: it trains, infers, and is compared with the golden model."""

import cocotb
import numpy as np

from ffpga import Dataset, Device, verify
from ffpga_golden import NetworkConfig

from .bench import Chip
from .cocotb_transport import CocotbTransport, bridge

CONFIG = NetworkConfig(features=12, classes=3, layers=(8, 4), lanes=4)
PAIRS = 8


def blobs() -> Dataset:
    """Three classes of noisy pictures."""
    random = np.random.RandomState(3)
    y = np.arange(24) % 3
    x = random.randint(0, 256, (3, 12))[y] * (random.rand(24, 12) < 0.6)
    return Dataset("blobs", x[:18].astype(np.uint8), y[:18], x[18:].astype(np.uint8), y[18:], 3, "u8 as they are")


@cocotb.test()
async def the_driver_trains_the_chip(dut) -> None:
    """Frames in flight, random waits on both sides; every answer, weight, counter and clock equals golden."""
    chip = Chip(dut, seed=2, idle=0.1, pressure=0.1)
    await chip.start()

    def use() -> None:
        device = Device(CocotbTransport(chip), CONFIG)
        for options in ({"objective": "threshold", "phases": "separate", "block": 4}, {"negatives": "random"}):
            found = verify(device, blobs(), pairs=PAIRS, **options)
            assert found.equal, found.difference
            assert found.pairs == PAIRS and found.inferences == 6
            assert found.clocks == found.predicted_clocks
        assert device.link.resent == 0, "nothing is lost on this line"

    await bridge(use)()
