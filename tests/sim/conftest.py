"""Boards and data for the tests of the simulated chip."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ffpga_sim import build

Pictures = Callable[[int, int], Path]


@pytest.fixture(autouse=True)
def quickly_built(monkeypatch) -> None:
    """Virtual boards run for a second or two here: the fastest ones would take longer to build than they save."""
    monkeypatch.setattr(build, "Flags", partial(build.Flags, compile=build.QUICKLY))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Pictures:
    """Makes a data file of so many samples of so many features: noisy pictures of three classes."""

    def made(samples: int, features: int) -> Path:
        random = np.random.RandomState(7)
        y = np.arange(samples) % 3
        x = random.randint(0, 256, (3, features))[y] * (random.rand(samples, features) < 0.7)
        path = tmp_path_factory.mktemp("data") / "pictures.npz"
        np.savez(path, x=x.astype(np.uint8), y=y)
        return path

    return made
