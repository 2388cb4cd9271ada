"""Weights from a board to a file and back, as numbers and back."""

import numpy as np
import pytest
from typer.testing import CliRunner

from ffpga import Checkpoint, Device, NetworkConfig, load_checkpoint, open_device
from ffpga.cli.app import app
from ffpga.coding.fitted import Coding
from ffpga.data.preparation import Preparation
from ffpga.fields import by_feature, windows
from ffpga.training.floats import as_floats, row_names
from ffpga_golden import GoldenDevice

RANDOM = np.random.RandomState(4)
OVER = windows(8, tile=2, window=2, stride=1)
CONFIGS = {
    "plain": NetworkConfig(features=8, classes=3, layers=(12, 4), lanes=4),
    "wide": NetworkConfig(features=8, classes=3, layers=(12, 4), lanes=4, weight_bits=16),
    "fields": NetworkConfig(features=8, classes=3, layers=(12, 4), lanes=4, fields=(OVER.fields, None)),
    "recurrent": NetworkConfig(features=8, classes=3, layers=(12, 4), lanes=4, recurrent=True),
}
CODING = Coding.fit(RANDOM.randn(20, 4), "onoff", ["ax", "ay", "az", "pressure"])


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.stdout.split()), result.stderr


def refused(*arguments: object) -> str:
    status, out, err = run(*arguments)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1, (status, out, err)
    return err


@pytest.fixture(params=CONFIGS)
def held(request) -> Checkpoint:
    """A checkpoint of random weights."""
    config = CONFIGS[request.param]
    with open_device("golden", config, order=OVER.order if request.param == "fields" else None) as device:
        limit = config.weight_max
        shapes = [(config.rows(layer), config.layers[layer]) for layer in range(2)]
        device.write_weights([RANDOM.randint(-limit, limit + 1, shape) for shape in shapes])
        device.write_register("learning_rate", 9)
        return Checkpoint.of(device, 3, prepared=Preparation(CODING, ("rest", "walk", "fall")))


def test_numbers_and_back(held, tmp_path):
    """Exactly; rows have the names of the table's columns and of the classes."""
    held.save(tmp_path / "c.npz")
    assert run("export", "--checkpoint", tmp_path / "c.npz", "--out", tmp_path / "w.npz")[0] == 0
    with np.load(tmp_path / "w.npz", allow_pickle=False) as arrays:
        found = dict(arrays)
    unit = 4096 if held.config.weight_bits == 16 else 64
    assert found["weights1"].dtype == np.float32
    assert np.array_equal(found["weights1"] * unit, by_feature(held.config, held.weights[0], held.order))
    assert np.array_equal(found["weights2"] * unit, held.weights[1])
    rows = found["rows1"].tolist()
    assert rows[:2] == ["ax above", "ax below"] and rows[-1] == "bias" and len(rows) == len(found["weights1"])
    labelled = found["rows2"].tolist() if held.config.recurrent else rows
    assert labelled[-4:] == ["label rest", "label walk", "label fall", "bias"]
    assert found["labels"].tolist() == ["rest", "walk", "fall"]
    status, said, _ = run(
        "import", "--weights", tmp_path / "w.npz", "--like", tmp_path / "c.npz", "--out", tmp_path / "d.npz"
    )
    assert status == 0 and "; 0 of" in said
    again = load_checkpoint(tmp_path / "d.npz")
    assert all(np.array_equal(one, other) for one, other in zip(again.weights, held.weights, strict=True))
    assert (again.registers, again.prepared, again.epoch) == (held.registers, held.prepared, 0)


@pytest.mark.parametrize("held", ["plain"], indirect=True)
def test_numbers_from_elsewhere(held, tmp_path):
    held.save(tmp_path / "c.npz")
    first, second = as_floats(held)
    first[0, :3] = [0.5 / 64 + 1e-3, -5, 3]
    like = ("--like", tmp_path / "c.npz", "--out", tmp_path / "d.npz")

    def imported(**arrays) -> tuple:
        np.savez(tmp_path / "w.npz", **arrays)
        return "import", "--weights", tmp_path / "w.npz", *like

    assert "2 of 196 weights were held at a limit" in run(*imported(weights1=first, weights2=second))[1]
    assert load_checkpoint(tmp_path / "d.npz").weights[0][0, :3].tolist() == [1, -127, 127]
    said = refused(*imported(weights1=first[1:], weights2=second))
    assert "weights1 must be numbers [12, 12], rows ax above to bias, not float32[11, 12]: take the shapes" in said
    assert "weights2 must be numbers [13, 4], rows layer 1 neuron 1 to bias, not nothing" in refused(
        *imported(weights1=first)
    )
    first[2, 1] = np.nan
    assert "weights1 must be finite, not nan (row 3)" in refused(*imported(weights1=first, weights2=second))
    assert "is no .npz file" in refused("import", "--weights", __file__, *like)
    assert "does not exist" in refused("import", "--weights", tmp_path / "none.npz", *like)


@pytest.mark.parametrize("held", ["fields"], indirect=True)
def test_weights_outside_of_a_field(held, tmp_path):
    held.save(tmp_path / "c.npz")
    first, second = as_floats(held)
    np.savez(tmp_path / "w.npz", weights1=np.where(first == 0, 1, first), weights2=second)
    said = refused("import", "--weights", tmp_path / "w.npz", "--like", tmp_path / "c.npz", "--out", tmp_path / "d.npz")
    assert "weights1 must be 0 where a neuron's field does not have the input" in said
    assert row_names(held, 1)[0] == "layer 1 neuron 1"


class Board(GoldenDevice):
    """A board that keeps its weights from one command to the next, as long as it has power."""

    def close(self) -> None:
        pass


def test_a_board_and_back(held, tmp_path, monkeypatch):
    """Saved, switched off, restored: the same weights, registers and coding."""
    boards = [Board(held.config), Board(held.config)]
    monkeypatch.setattr("ffpga.driver.opening.open_line", lambda target, *rest: boards[0])
    monkeypatch.setattr(Device, "close", lambda device: None)
    held.save(tmp_path / "c.npz")
    assert "serial:x holds" in run("restore", "--target", "serial:x", "--checkpoint", tmp_path / "c.npz")[1]
    like = ("--like", tmp_path / "c.npz")
    status, said, _ = run("save", "--target", "serial:x", *like, "--out", tmp_path / "b.npz")
    assert status == 0 and "b.npz" in said.replace(" ", "")
    saved = load_checkpoint(tmp_path / "b.npz")
    assert saved.prepared == held.prepared and saved.registers["learning_rate"] == 9
    del boards[0]  # its power was off: all is as after a reset
    assert "holds" in run("restore", "--target", "serial:x", "--checkpoint", tmp_path / "b.npz")[1]
    run("save", "--target", "serial:x", *like, "--out", tmp_path / "e.npz")
    again = load_checkpoint(tmp_path / "e.npz")
    assert all(np.array_equal(one, other) for one, other in zip(again.weights, held.weights, strict=True))
    assert again.registers == held.registers
    status, _, err = run("save", "--target", "serial:x", "--out", tmp_path / "f.npz")
    if held.config.fields:
        assert status == 2 and "the device has receptive fields" in err
    else:
        assert load_checkpoint(tmp_path / "f.npz").config == held.config


def test_nothing_to_save(tmp_path):
    said = refused("save", "--target", "golden", "--out", tmp_path / "a.npz")
    assert "target golden begins anew with each command, so there is nothing to save: name serial:PORT" in said
