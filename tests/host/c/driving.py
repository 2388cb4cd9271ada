"""What the tests of the C driver share: a small network, samples for it, and the driver at a device."""

import numpy as np

from ffpga.driver.step import StepResult
from ffpga.driver.weights import packed
from ffpga_golden import GoldenDevice, NetworkConfig, initial_weights
from testbenches.trust.microcontroller.remote import Remote

SMALL = NetworkConfig(features=37, classes=3, layers=(24, 16), lanes=4)


def samples(config: NetworkConfig, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(seed)
    x = random.randint(1, 256, (count, config.features)) * (random.rand(count, config.features) < 0.5)
    return x.astype(np.uint8), random.randint(0, max(1, config.classes), count)


def opened(program, device, config: NetworkConfig, **options) -> Remote:
    """The driver at a device, with initial weights there."""
    remote = Remote(program, device)
    remote.open(**options)
    weights = packed(config, initial_weights(config, 1))
    remote.write_weights(weights, config.weights)
    return remote


def result_of(step) -> StepResult:
    return StepResult(tuple(total for total, _ in step.entries), tuple(c for _, c in step.entries), step.label)


class Tampering(GoldenDevice):
    """Does something to its answers, once armed."""

    def __init__(self, config, tamper=lambda out: out):
        super().__init__(config)
        self.tamper, self.armed = tamper, False

    def read(self, n, timeout=0.0):
        data = super().read(n, timeout)
        return self.tamper(data) if self.armed and data else data
