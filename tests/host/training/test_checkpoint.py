"""Checkpoints: there and back, and everything that a file may be instead of one."""

import json
import pickle

import numpy as np
import pytest

from ffpga import Checkpoint, Device, FfpgaError, NetworkConfig, load_checkpoint, weights_sha256
from ffpga.files import write_whole
from ffpga_golden import GoldenDevice, initial_weights


@pytest.fixture
def trained(device):
    device.write_weights(initial_weights(device.config, 4))
    device.write_register("update_gate", 9)
    device.write_register("seed", 12345)
    return device


def test_there_and_back(trained, config, tmp_path):
    Checkpoint.of(trained, 3).save(tmp_path / "a.npz")
    held = load_checkpoint(tmp_path / "a.npz", config)
    assert (held.config, held.epoch) == (config, 3)
    other = Device(GoldenDevice(NetworkConfig(features=37, classes=3, layers=(24, 16), lanes=8, memory_ports=2)))
    held.restore(other)
    assert weights_sha256(other.read_weights()) == weights_sha256(trained.read_weights())
    for name in trained.registers:
        assert other.read_register(name) == trained.read_register(name), name


def test_another_configuration(trained, tmp_path):
    Checkpoint.of(trained, 3).save(tmp_path / "a.npz")
    for sizes in ({"layers": (24, 24)}, {"layers": (24, 16), "weight_bits": 16}):
        other = NetworkConfig(features=37, classes=3, lanes=4, **sizes)
        with pytest.raises(FfpgaError, match=r"a.npz is of \(37-24-16, .*\), not of \(37-24-.*: ask for its conf"):
            load_checkpoint(tmp_path / "a.npz", other)
        device = Device(GoldenDevice(other))
        before = weights_sha256(device.read_weights())
        with pytest.raises(FfpgaError, match=r"checkpoint is of .*, not of the device's"):
            load_checkpoint(tmp_path / "a.npz").restore(device)
        assert weights_sha256(device.read_weights()) == before


def spoilt(change):
    def make(path, good):
        with np.load(good) as file:
            fields = dict(file)
        np.savez(path, **change(fields))

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path, good: None, "does not exist: `ffpga train --out DIR` writes"),
        (lambda path, good: path.write_bytes(b""), "is no checkpoint"),
        (lambda path, good: path.write_bytes(b"hello"), "is no checkpoint"),
        (lambda path, good: path.write_bytes(good.read_bytes()[:-40]), "is no checkpoint"),
        (lambda path, good: path.write_bytes(pickle.dumps({"config": 1})), "is no checkpoint"),
        (lambda path, good: np.save(path.open("wb"), np.zeros(3)), "is no checkpoint"),
        (spoilt(lambda f: {k: v for k, v in f.items() if k != "weights1"}), "is no checkpoint"),
        (spoilt(lambda f: {**f, "config": "{}"}), "is no checkpoint"),
        (spoilt(lambda f: {**f, "registers": "[1]"}), "is no checkpoint"),
        (
            spoilt(lambda f: {**f, "weights0": f["weights0"][1:]}),
            r"holds weights \(40, 24\) in layer 0, not \(41, 24\)",
        ),
        (spoilt(lambda f: {**f, "weights0": f["weights0"] * 1.5}), "weights of layer 0 must be integers"),
        (spoilt(lambda f: {**f, "weights0": f["weights0"] * 0 + 999}), r"within \+-127, not 999"),
        (spoilt(lambda f: {**f, "registers": json.dumps({"speed": 1})}), "register must be one of .*, not 'speed'"),
        (spoilt(lambda f: {**f, "registers": json.dumps({"update_gate": 300})}), "update_gate must be 0 to 255"),
    ],
)
def test_what_is_no_checkpoint(trained, tmp_path, make, message):
    good, path = tmp_path / "good.npz", tmp_path / "a.npz"
    Checkpoint.of(trained, 1).save(good)
    make(path, good)
    before = weights_sha256(trained.read_weights())
    with pytest.raises(FfpgaError, match=message):
        load_checkpoint(path).restore(trained)
    assert weights_sha256(trained.read_weights()) == before
    assert trained.read_register("update_gate") == 9


def test_files_appear_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new" / "a.bin"
    write_whole(path, b"first")
    assert path.read_bytes() == b"first"

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(FfpgaError, match=r"cannot write .*a.bin \(No space left on device\): choose another place"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.bin"]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FfpgaError, match="cannot write"):
        write_whole(tmp_path / "file" / "a.bin", b"")
