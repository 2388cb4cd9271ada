"""Recurrent networks on the host: training, time steps, checkpoints, reports."""

import json
from dataclasses import asdict

import pytest

import ffpga
from ffpga import Checkpoint, Device, FfpgaError, NetworkConfig, TrainingOptions
from ffpga_golden import GoldenDevice

from ..cli.test_cli import LEFT, run


@pytest.fixture
def config(config) -> NetworkConfig:
    return NetworkConfig(**{**asdict(config), "recurrent": True})


@pytest.mark.parametrize("options", [{"time_steps": 2}, {"objective": "threshold", "negatives": "replay"}], ids=str)
def test_it_learns(config, data, options):
    device = Device(GoldenDevice(config))
    result = ffpga.train(device, data, epochs=10, **options)
    print(result.accuracy)
    assert result.accuracy >= 0.8
    assert device.read_register("time_steps") == options.get("time_steps", 4)


def test_defaults(config):
    plain = NetworkConfig(**{**asdict(config), "recurrent": False})
    assert TrainingOptions().first_rate(config) == 17 and TrainingOptions().first_rate(plain) == 15
    assert TrainingOptions().registers(config)["time_steps"] == 4
    assert "time_steps" not in TrainingOptions().registers(plain)


def test_faults(config, data):
    device = Device(GoldenDevice(NetworkConfig(**{**asdict(config), "recurrent": False})))
    with pytest.raises(FfpgaError, match=r"time_steps must be left out for \(37-24-16.*\), not 3: build it with --rec"):
        ffpga.train(device, data, epochs=1, time_steps=3)
    recurrent = Device(GoldenDevice(config))
    with pytest.raises(FfpgaError, match="time_steps must be 1 to 15, not 16"):
        ffpga.train(recurrent, data, epochs=1, time_steps=16)
    with pytest.raises(FfpgaError, match=r"the checkpoint is of \(.*memory\), not of the device's \(.*recurrent\)"):
        Checkpoint.of(device, 0).restore(recurrent)


def test_a_run_and_its_report(npz, tmp_path):
    figures = tmp_path / "figures.json"
    sizes = ("--layers", "24,16", "--lanes", "4", "--recurrent", "--time-steps", "3")
    status, _, err = run("train", "--data", npz, *sizes, "--epochs", "2", "--out", tmp_path / "run", "--json", figures)
    assert status == 0, err
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == LEFT
    found = json.loads(figures.read_text())
    assert found["configuration"]["recurrent"] and found["options"]["time_steps"] == 3
    # A layer is updated, or not, in every time step.
    assert found["updates"] + found["updates_skipped"] == 2 * 3 * found["pairs"]
    page = (tmp_path / "run" / "report.html").read_text()
    assert "raises it most" not in page, "the first layer has no label rows"
    status, out, err = run("eval", "--checkpoint", tmp_path / "run" / "checkpoint.npz", "--data", npz)
    assert status == 0 and f"{100 * found['accuracy']:.2f} %" in out, err
