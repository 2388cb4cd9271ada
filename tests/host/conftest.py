"""Shared by the host's tests: small data, small devices."""

import numpy as np
import pytest

from ffpga import Dataset, Device, NetworkConfig
from ffpga_golden import GoldenDevice


@pytest.fixture
def config() -> NetworkConfig:
    return NetworkConfig(features=37, classes=3, layers=(24, 16), lanes=4)


@pytest.fixture
def golden(config) -> GoldenDevice:
    return GoldenDevice(config)


@pytest.fixture
def device(golden) -> Device:
    return Device(golden)


def blobs(samples: int = 90, features: int = 37, classes: int = 3, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Noisy copies of one random picture a class: easy to learn."""
    rng = np.random.RandomState(seed)
    pictures = rng.randint(0, 256, (classes, features)) * (rng.rand(classes, features) < 0.5)
    y = np.arange(samples) % classes
    x = np.clip(pictures[y] + rng.randint(-20, 21, (samples, features)) * (pictures[y] > 0), 0, 255)
    return x.astype(np.uint8), y


@pytest.fixture
def data() -> Dataset:
    x, y = blobs()
    return Dataset("blobs", x[:60], y[:60], x[60:], y[60:], 3, "u8 features as they are")


@pytest.fixture
def npz(tmp_path):
    """A data file of the blobs."""
    x, y = blobs()
    path = tmp_path / "blobs.npz"
    np.savez(path, x=x, y=y)
    return path
