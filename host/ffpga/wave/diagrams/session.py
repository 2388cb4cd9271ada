"""The session whose recording the timing diagrams are made from: a network small enough to be seen whole."""

from pathlib import Path

import numpy as np

from ffpga_golden.config import NetworkConfig
from ffpga_golden.initial import initial_weights

from ...driver.device import Device
from ...driver.opening import open_device
from ..signals import Recording

#: 6 features, 3 labels, two layers of two groups of four neurons; one port.
CONFIG = NetworkConfig(features=6, classes=3, layers=(8, 8), lanes=4)
#: Training pairs, of label 1; and a register to read, for a frame that is short.
SAMPLES = ((0, 200, 0, 120, 80, 7), (9, 0, 0, 30, 255, 1))
LABEL, REGISTER = 1, "learning_rate"
#: Initial weights, and a learning rate at which weights move at once.
SEED, RATE = 4, 11


def record(path: Path) -> Recording:
    """Records the session on the virtual board and reads it back."""
    with open_device("sim", CONFIG, wave=path) as device:
        run(device)
    return Recording(path)


def run(device: Device) -> None:
    """The session, with the recorder on from the first pair."""
    device.write_weights(initial_weights(CONFIG, SEED))
    device.write_register("learning_rate", RATE)
    device.transport.trace()  # type: ignore[attr-defined]
    for sample in SAMPLES:
        device.submit_sample(np.array(sample, np.uint8))
        device.submit_pair(LABEL)
    device.flush()
    device.read_register(REGISTER)
    device.transport.stop_trace()  # type: ignore[attr-defined]
