"""A table between the layers: written, read, kept in a checkpoint, trained through without its derivative."""

import numpy as np
import pytest

import ffpga
from ffpga import Device, FfpgaError, NetworkConfig
from ffpga.training.black_box import TABLES, black_box_tables
from ffpga_golden import GoldenDevice


@pytest.fixture
def box() -> Device:
    return Device(GoldenDevice(NetworkConfig(features=37, classes=3, layers=(24, 16, 8), lanes=4, black_box=True)))


def test_tables():
    made = {name: black_box_tables(name, 2, 5) for name in TABLES}
    assert made["identity"].tolist() == [list(range(256))] * 2
    assert len(np.unique(made["staircase"][0])) == 16
    assert np.all(np.diff(made["monotone"].astype(int)) >= 0) and made["monotone"][0, [0, -1]].tolist() == [0, 255]
    assert np.any(np.diff(made["noisy"].astype(int)) < 0)
    for name in ("monotone", "noisy"):
        assert np.any(made[name][0] != made[name][1]), "each layer has its own"
        assert np.array_equal(made[name], black_box_tables(name, 2, 5))


def test_a_device_keeps_what_was_written(box, tmp_path):
    assert box.read_tables().tolist() == [list(range(256))] * 2
    tables = np.random.RandomState(3).randint(0, 256, (2, 256)).astype(np.uint8)
    box.write_tables(tables)
    assert np.array_equal(box.read_tables(), tables)
    ffpga.Checkpoint.of(box, 0).save(tmp_path / "c.npz")
    other = Device(GoldenDevice(box.config))
    ffpga.load_checkpoint(tmp_path / "c.npz").restore(other)
    assert np.array_equal(other.read_tables(), tables)


@pytest.mark.parametrize("table", TABLES)
def test_it_learns_through_any_table(box, data, table):
    assert ffpga.train(box, data, epochs=6, table=table).accuracy >= 0.9


def test_the_identity_changes_nothing(data):
    sizes = {"features": 37, "classes": 3, "layers": (24, 16), "lanes": 4}
    plain, box = (Device(GoldenDevice(NetworkConfig(**sizes, black_box=black))) for black in (False, True))
    results = [ffpga.train(device, data, epochs=1) for device in (plain, box)]
    assert ffpga.weights_sha256(results[0].weights) == ffpga.weights_sha256(results[1].weights)


def test_bad_input(box, device, tmp_path, data):
    with pytest.raises(FfpgaError, match=r"tables must be u8\[2, 256\], not int64\[2, 256\]"):
        box.write_tables(np.zeros((2, 256), np.int64))
    with pytest.raises(FfpgaError, match="need a device with a black box, which this one was built without"):
        device.read_tables()
    with pytest.raises(FfpgaError, match="need a device with a black box"):
        ffpga.train(device, data, epochs=1, table="staircase")
    with pytest.raises(FfpgaError, match="table must be identity or staircase or monotone or noisy, not 'cosine'"):
        ffpga.train(box, data, epochs=1, table="cosine")
    ffpga.Checkpoint.of(box, 0).save(tmp_path / "c.npz")
    with pytest.raises(FfpgaError, match="open a device of the checkpoint's configuration"):
        ffpga.load_checkpoint(tmp_path / "c.npz").restore(Device(GoldenDevice(NetworkConfig(features=37, classes=3))))
