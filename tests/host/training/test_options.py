"""Choices of a training run: what they become, and what is refused."""

import pytest

from ffpga import FfpgaError, NetworkConfig, open_device
from ffpga.training.options import TrainingOptions


def test_contenders():
    config = NetworkConfig(features=16, classes=5, layers=(8,), lanes=8)
    assert TrainingOptions(contenders=2).registers(config)["contenders"] == 2
    assert "contenders" not in TrainingOptions().registers(config), "the device's own: all of them"
    with pytest.raises(FfpgaError, match="contenders must be left out with random negatives, not 2: labels contend"):
        TrainingOptions(contenders=2, negatives="random")
    for classes, recurrent in ((2, False), (5, True)):
        config = NetworkConfig(features=16, classes=classes, layers=(8, 8), lanes=8, recurrent=recurrent)
        with (
            open_device("golden", config) as device,
            pytest.raises(FfpgaError, match="contenders must be left out for"),
        ):
            TrainingOptions(contenders=1).apply(device)
    with open_device("golden", NetworkConfig(features=16, classes=5, layers=(8,), lanes=8)) as device:
        with pytest.raises(FfpgaError, match="contenders must be 1 to 4, not 5"):
            TrainingOptions(contenders=5).apply(device)
        TrainingOptions(contenders=3).apply(device)
        assert device.read_register("contenders") == 3
