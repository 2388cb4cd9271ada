"""The virtual board among faults, arbitrary bytes and long conversations; short forms of what runs by the hour."""

import numpy as np

from ffpga import Dataset, Device, train
from ffpga_golden import GoldenDevice
from testbenches.configurations import CONFIGURATIONS
from testbenches.trust.hostile_line import figures_of, hostile_run

CONFIG = CONFIGURATIONS["awkward"].config  # its board is built for other tests too


def test_training_over_a_hostile_line():
    random = np.random.RandomState(1)
    y = np.arange(60) % CONFIG.classes
    x = random.randint(0, 256, (60, CONFIG.features), np.uint8) * (random.rand(60, CONFIG.features) < 0.4)
    data = Dataset("noise", x[:40], y[:40], x[40:], y[40:], CONFIG.classes, "u8 as they are")
    clean = figures_of(train(Device(GoldenDevice(CONFIG)), data, epochs=3))
    found = hostile_run("sim", CONFIG, data, rate=1e-3, seed=5, clean=clean, epochs=3)
    assert found["right"], found
    assert found["faults"] > 100 and found["resent"] > 100
