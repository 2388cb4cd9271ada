"""`--fields` and `--shape`: every command that takes a network takes them, and one line says what does not fit."""

import json

import numpy as np
import pytest

import ffpga
from ffpga import NetworkConfig
from ffpga.cli.boards.synth import _sized
from ffpga.fields import windows
from ffpga.record.stored import load_run
from ffpga.sweep import grid

from .test_cli import refused, run

SMALL = ("--layers", "36,8", "--lanes", "4", "--fields", "2,2,1")
WINDOWS = windows("8x8", 2, 2, 1)


@pytest.fixture
def images(tmp_path):
    """Images of 4 x 8 pixels in which the place of a bar is the label, and the same as sequences of 2 channels."""
    random = np.random.RandomState(2)
    y = np.arange(60) % 3
    x = random.randint(0, 40, (60, 4, 8)).astype(np.uint8)
    for image, label in zip(x, y, strict=True):
        image[:, 3 * label : 3 * label + 2] = 255
    np.savez(tmp_path / "images.npz", x=x, y=y)
    np.savez(tmp_path / "flat.npz", x=x.reshape(60, -1), y=y)
    table = np.column_stack([x.reshape(60, -1)[:, :16], y])
    np.savetxt(tmp_path / "table.csv", table, "%d", ",")
    return tmp_path


def test_train_resume_eval(tmp_path):
    """A run keeps its fields and order: to go on and to test need not say them again."""
    out, figures = tmp_path / "run", tmp_path / "figures.json"
    status, said, _ = run("train", *SMALL, "--epochs", 1, "--out", out, "--json", figures)
    assert status == 0 and "layer 1 in 9 fields of 16 inputs" in " ".join(said.split())
    found = json.loads(figures.read_text())
    assert found["configuration"]["fields"][0]["blocks"] == [list(block) for block in WINDOWS.fields.blocks]
    assert found["weight_bytes"] == (4 * 4 + 10 + 1) * 36 + (36 + 1) * 8 and found["floor_clocks"] < found["clocks"]
    assert found["options"]["gate"] == 64 and found["shape"] == "8x8"
    command = " ".join(found["command"])
    assert "--fields 2,2,1" in command and "--shape" not in command and "--gate 64" in command
    held = ffpga.load_checkpoint(out / "checkpoint.npz")
    assert np.array_equal(held.order, WINDOWS.order) and held.config.fields == (WINDOWS.fields, None)

    again = ("train", "--epochs", 1, "--out", out, "--resume", "--quiet")
    for same in (SMALL[:4], SMALL, (*SMALL[:4], "--fields", "2,2,1", "--shape", "8x8")):
        assert run(*again, *same)[0] == 0
    assert "layer 1 in 1 fields" in refused(*again, *SMALL[:4], "--fields", "2,4,1")
    assert "not of (64-36-16" in refused(*again, "--layers", "36,16", "--lanes", "4")

    accuracy = tmp_path / "eval.json"
    assert run("eval", "--checkpoint", out / "checkpoint.npz", "--json", accuracy)[0] == 0
    assert json.loads(accuracy.read_text())["accuracy"] == found["accuracy"]
    assert run("eval", "--checkpoint", out / "checkpoint.npz", "--lanes", 2, "--memory-ports", 2)[0] == 0
    assert "lanes must divide every layer width, not 8 into 36" in refused(
        "eval", "--checkpoint", out / "checkpoint.npz", "--lanes", 8
    )
    status, said, _ = run("info", "--checkpoint", out / "checkpoint.npz", "--target", "golden")
    assert status == 0 and "layer 1 in 9 fields of 16 inputs" in " ".join(said.split())


def test_a_checkpoint_in_another_order(images):
    """Of two shapes whose fields are the same numbers, the one that it was trained with."""
    data, out = ("--data", images / "flat.npz"), images / "run"
    network = ("--layers", "24", "--fields", "4,2,1")
    assert run("train", *data, *network, "--shape", "2:16", "--epochs", 1, "--out", out, "--quiet")[0] == 0
    resume = ("train", *data, *network, "--epochs", 1, "--out", out, "--resume", "--quiet")
    assert run(*resume, "--shape", "2:16")[0] == 0
    held = ffpga.load_checkpoint(out / "checkpoint.npz")
    held.order = held.order[::-1]
    held.save(out / "checkpoint.npz")
    assert "of features in another order than the device's: open" in refused(*resume, "--shape", "2:16")


def test_receptive_fields_are_drawn_where_they_are(images):
    out = images / "run"
    network = ("--layers", "16", "--lanes", "4", "--fields", "2,2,2")
    assert run("train", "--data", images / "images.npz", *network, "--epochs", 2, "--out", out, "--quiet")[0] == 0
    held, over = load_run(out), windows("4x8", 2, 2, 2)
    assert held.images and held.image == (4, 8) and len(over.positions) == 2
    fields = held.arrays["fields"]
    assert fields.shape == (32 + 3 + 1, 16)
    for neuron in range(16):
        seen = fields[:32, neuron].reshape(4, 8) != 0
        column = over.positions[neuron // 8][1]
        assert seen[:, column : column + 4].any() and not np.delete(seen, range(column, column + 4), axis=1).any()
    weights = ffpga.load_checkpoint(out / "checkpoint.npz").weights[0]
    assert np.array_equal(ffpga.fields.by_row(held.config, fields, over.order), weights)
    assert "Receptive fields" in (out / "report.html").read_text()
    assert run("bench", "learning", out, "--out", images / "learning.png")[0] == 0
    assert (images / "learning.png").stat().st_size > 1000


def test_shifted_images_need_not_be_square(images):
    options = ("--layers", "16", "--lanes", "4", "--fields", "2,2,2", "--epochs", 1, "--quiet")
    shift = ("--shift", 1, "--out", images / "run")
    assert run("train", "--data", images / "images.npz", *options, *shift)[0] == 0
    said = refused("train", "--data", images / "images.npz", *options, *shift, "--shape", "2:16")
    assert "samples of images must be images, not 2:16: leave out what needs images" in said


def test_verify_and_wave_and_field(tmp_path):
    figures = tmp_path / "figures.json"
    status, said, _ = run("verify", "--target", "golden", *SMALL, "--pairs", 20, "--tests", 5, "--json", figures)
    assert status == 0 and "equal" in said and json.loads(figures.read_text())["equal"]
    out = ("--out", tmp_path / "field")
    options = ("--samples", 40, "--tests", 20, "--pairs", 5, "--scenario", "shifted", *out)
    assert run("field", *SMALL, "--epochs", 1, *options)[0] == 0
    assert run("train", *SMALL, "--epochs", 1, "--out", tmp_path / "run", "--quiet")[0] == 0
    checkpoint = ("--checkpoint", tmp_path / "run" / "checkpoint.npz")
    assert run("field", "--layers", "36,8", "--lanes", "4", *checkpoint, *options, "--json", figures)[0] == 0
    assert json.loads(figures.read_text())["configuration"]["fields"][1] is None
    assert "a tile must be" in refused("wave", "--layers", "36,8", "--fields", "3,2,1", "--no-open")


def test_benches(tmp_path):
    options = ("--epochs", 1, "--pairs", 10, "--tests", 10, "--no-measure", "--out", tmp_path)
    status, said, _ = run("bench", "clocks", *SMALL, "--memory-ports", 1, *options)
    assert status == 0 and "layer 1 in 9 fields of 16 inputs" in " ".join(said.split())
    assert run("bench", "early-stop", *SMALL, "--epochs", 1, "--seeds", 1)[0] == 0


def test_info_and_generate_without_data(tmp_path):
    """A square number of features is an image; other shapes are said."""
    figures = tmp_path / "figures.json"
    assert run("info", *SMALL, "--json", figures)[0] == 0
    assert json.loads(figures.read_text())["configuration"]["fields"][0]["tile"] == 4
    words = ("--features", 66, "--layers", "64", "--lanes", "8", "--fields", "1,5,4")
    assert "fields need the shape of a sample of 66 features: add --shape, HxW" in refused("info", *words)
    assert run("info", *words, "--shape", "2:33", "--json", figures)[0] == 0
    assert len(json.loads(figures.read_text())["configuration"]["fields"][0]["blocks"]) == 8
    assert "shape 8x8 has 64 features, the network 66" in refused("info", *words, "--shape", "8x8")
    assert "shape 8x8 has 64 features, the network 66" in refused("info", *words[:2], "--shape", "8x8")
    assert "shape must be HxW" in refused("generate", *words, "--shape", "2*33", "--out", tmp_path / "a.v")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fields", "3,2,1"), "a tile must be 1, 2, 4, 8 ... along an edge and divide 8x8, not 3: take 1 or 2 or 4"),
        (("--fields", "2,5,1"), "a window must be 1 to 4 tiles along an edge, those of 2 in 8x8, not 5"),
        (("--fields", "2,3,2"), "a stride must take windows of 3 over all 4x4 tiles of 8x8, not be 2: take 1"),
        (("--fields", "2,2"), "fields must be TILE,WINDOW,STRIDE, such as 4,3,1, not '2,2'"),
        (("--fields", "2,2,1", "--layers", "64"), "shared out over 9 fields in multiples of 8 lanes, not 64: take 72"),
        (("--fields", "2,2,1", "--layers", "72", "--lanes", "16"), "lanes must divide every layer width"),
        (("--fields", "2,2,1", "--layers", "144", "--lanes", "48"), "in multiples of 48 lanes, not 144: take 432"),
        (("--fields", "2,2,1", "--shape", "28x28"), "shape 28x28 has 784 features, digits 64: give the shape"),
        (("--shape", "wide"), "shape must be HxW (an image), N (a sequence), C:HxW or C:N (of C channels), such as"),
        (("--fields", "2,2,1", "--layers", "72,8", "--recurrent"), "recurrent must be False with receptive fields"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["train", "verify"])
def test_what_does_not_fit(name, words, said):
    target = ("--target", "golden")
    assert said in refused(name, *target, *words)


def test_a_table_says_no_shape(images):
    table = ("--data", images / "table.csv", "--layers", "8", "--lanes", "2", "--fields", "2,1,1", "--coding", "range")
    out = ("--epochs", 1, "--out", images / "run", "--quiet")
    assert "fields need the shape of a sample of 16 features: add --shape" in refused("train", *table, *out)
    assert run("train", *table, *out, "--shape", "4x4")[0] == 0
    assert "fields need the shape of a sample of table" in refused("sweep", *table[:2], *table[6:8])


def test_a_boards_network():
    """Its fields stay with its own features and layers alone."""
    preset = NetworkConfig(features=64, layers=(72, 8), lanes=8, fields=(WINDOWS.fields, None))
    assert _sized(preset, {}, None, None) == preset
    assert _sized(preset, {"weight_bits": 16}, None, None).fields == preset.fields
    assert _sized(preset, {"layers": (64, 64)}, None, None) == NetworkConfig(features=64, layers=(64, 64))
    other = _sized(preset, {"features": 16, "layers": (8,)}, "4,1,1", None)
    assert other == NetworkConfig(features=16, layers=(8,), fields=(windows("4x4", 4, 1, 1).fields,))
    sequence = _sized(preset, {"layers": (24, 8)}, "4,2,1", "4:16")
    assert sequence.fields == (windows("4:16", 4, 2, 1).fields, None)


def test_a_sweep_over_fields(tmp_path):
    """One axis: fields of the first layer, or none; every line of the table says which."""
    data = ffpga.load_dataset("digits")
    axes = {"layers": [(36,)], "lanes": [4], "epochs": [1], "fields": [None, "2,2,1"]}
    points = grid.choose_points(data, axes)
    assert [point.options.gate for point in points] == [0, 64] and points[1].values["fields"] == "2,2,1"
    sweep = grid.Sweep(points, source="digits", data=data, folder=tmp_path)
    for job in list(sweep.waiting):
        sweep._answers[job.key] = job.function(**json.loads(job.request))
    none, some = sweep.rows()
    assert (none["fields"], some["fields"]) == ("none", "2,2,1") and none.keys() == some.keys()
    assert some["weight_bytes"] == 27 * 36 and 0.3 < some["accuracy"] < 1
    with ffpga.open("golden", points[1].config, order=WINDOWS.order) as device:
        assert ffpga.train(device, data, epochs=1).accuracy == some["accuracy"]
