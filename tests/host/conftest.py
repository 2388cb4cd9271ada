"""Shared by the host's tests: small data, small devices, a bad line."""

import random

import numpy as np
import pytest

from ffpga import Dataset, Device, NetworkConfig
from ffpga_golden import GoldenDevice


class LossyLine:
    """A transport that damages, drops, inserts and delays bytes in both directions, from a seed."""

    def __init__(self, inner, seed: int, rate: float) -> None:
        self.inner = inner
        self.rate = rate
        self._random = random.Random(seed)
        self._arrived = bytearray()

    def _spoil(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            if self._random.random() >= self.rate:
                out.append(byte)
                continue
            kind = self._random.randrange(3)
            if kind == 0:
                out.append(byte ^ 1 << self._random.randrange(8))
            elif kind == 1:
                out += bytes((byte, self._random.randrange(256)))
        return bytes(out)

    def write(self, data: bytes) -> None:
        self.inner.write(self._spoil(data))

    def read(self, n: int, timeout: float) -> bytes:
        self._arrived += self._spoil(self.inner.read(4096, timeout))
        if not self._arrived:
            return b""
        size = min(n, self._random.randrange(1, 80), len(self._arrived))
        data = bytes(self._arrived[:size])
        del self._arrived[:size]
        return data

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def config() -> NetworkConfig:
    return NetworkConfig(features=37, classes=3, layers=(24, 16), lanes=4)


@pytest.fixture
def golden(config) -> GoldenDevice:
    return GoldenDevice(config)


@pytest.fixture
def device(golden) -> Device:
    return Device(golden)


@pytest.fixture
def lossy():
    return LossyLine


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
