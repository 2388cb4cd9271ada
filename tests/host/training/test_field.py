"""Learning in the field: drifts and streams are what they say, and a chip on golden falls, recovers and forgets."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from ffpga import Checkpoint, Dataset, FfpgaError, NetworkConfig, load_checkpoint, load_dataset, open_device, train
from ffpga.cli.app import app
from ffpga.data.drift import SCENARIOS, drift
from ffpga.training.field.drifting import NEW, TRAINED, FieldOptions, FieldRun, Point, field_runs, learn_on, milestones
from ffpga_golden import initial_weights
from ffpga_golden.registers import NegativePolicy


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def images() -> Dataset:
    """Images of 9 x 9 pixels, 40 to train and 20 to test, of 4 classes."""
    random = np.random.RandomState(3)
    x, y = random.randint(0, 256, (60, 81)).astype(np.uint8), np.arange(60) % 4
    return Dataset("images", x[:40], y[:40], x[40:], y[40:], 4, "as they are")


def test_inverted(images):
    found = drift("inverted", images)
    assert found.old is images
    for part in ("train_x", "test_x"):
        before, after = getattr(images, part), getattr(found.drifted, part)
        assert after.dtype == np.uint8 and (before.astype(int) + after == 255).all()
    assert (found.drifted.train_y == images.train_y).all() and (found.drifted.test_y == images.test_y).all()


@pytest.mark.parametrize(("pixels", "columns"), [(None, 1), (3, 3), (8, 8)])
def test_shifted(images, pixels, columns):
    found = drift("shifted", images, pixels=pixels)
    for part in ("train_x", "test_x"):
        before, after = (getattr(data, part).reshape(-1, 9, 9) for data in (images, found.drifted))
        assert (after[:, :, columns:] == before[:, :, : 9 - columns]).all() and not after[:, :, :columns].any()


def test_shifted_by_an_eighth_of_the_edge():
    x = np.ones((8, 784), np.uint8)
    data = Dataset("ones", x, np.arange(8) % 2, x, np.arange(8) % 2, 2, "as they are")
    assert drift("shifted", data).drifted.train_x[0].reshape(28, 28).sum(axis=0).tolist() == [0] * 3 + [28] * 25


@pytest.mark.parametrize(("chosen", "new"), [(None, 3), (1, 1)])
def test_new_class(images, chosen, new):
    found = drift("new-class", images, new_class=chosen)
    assert found.old.classes == found.drifted.classes == 4, "the chip has the new class's row from the start"
    for part in ("train", "test"):
        x, y = getattr(images, f"{part}_x"), getattr(images, f"{part}_y")
        for data, mine in ((found.old, y != new), (found.drifted, y == new)):
            assert (getattr(data, f"{part}_x") == x[mine]).all() and (getattr(data, f"{part}_y") == y[mine]).all()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("replay", [0.0, 0.1, 0.29, 0.5, 0.9])
def test_a_stream_has_its_share_of_old_samples_and_none_twice(images, name, replay):
    found = drift(name, images)
    most = found.most_pairs(replay)
    stream = found.stream(most, replay, seed=5)
    assert len(stream) == most
    for n in range(1, most + 1):
        assert sum(old for old, _ in stream[:n]) == int(n * round(100 * replay)) // 100
    seen = [sample if found.same_samples else (old, sample) for old, sample in stream]
    assert len(set(seen)) == most
    fresh = [sample for old, sample in stream if not old]
    assert fresh == [sample for _, sample in found.stream(len(fresh), 0.0, seed=5)], "in the same order without replay"
    assert stream[:7] == found.stream(7, replay, seed=5) and stream != found.stream(most, replay, seed=6)
    with pytest.raises(FfpgaError, match=f"pairs must be 1 to {most}, not {most + 1}: the stream of {name}"):
        found.stream(most + 1, replay)


def test_points_and_default_pairs(images):
    assert milestones(1437) == [0, 10, 20, 50, 100, 200, 500, 1000, 1437]
    assert milestones(50) == [0, 10, 20, 50] and milestones(3) == [0, 3]
    found = drift("inverted", images)
    assert len(FieldOptions().stream(found)) == 20
    assert len(FieldOptions(pairs=33).stream(found)) == 33
    many = replace(images, train_x=np.repeat(images.train_x, 200, axis=0), train_y=np.repeat(images.train_y, 200))
    assert len(FieldOptions().stream(drift("inverted", many))) == 5000
    assert len(FieldOptions(replay=0).stream(drift("new-class", replace(images, train_y=np.arange(40) // 8)))) == 8


def test_figures_of_a_run():
    run = FieldRun("shifted", TRAINED, 0.5, 16, before=0.9)
    accuracies = [(0.4, 0.9), (0.87, 0.8), (0.88, 0.7), (0.95, 0.6), (0.95, 0.5)]
    run.points = [Point(10 * n, 5 * n, 1000 * n, *both) for n, both in enumerate(accuracies)]
    found = run.as_dict()
    assert (found["recovered_after"], found["best"], found["best_after"]) == (20, 0.95, 30)
    assert (found["fell_to"], found["end"], found["old_at_end"]) == (0.4, 0.95, 0.5)
    assert found["forgotten"] == pytest.approx(0.4) and found["points"][1]["clocks"] == 1000
    run.points = run.points[:2]
    assert run.as_dict()["recovered_after"] is None


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def chip(digits):
    """A device, and its checkpoint after 5 epochs of the digits."""
    device = open_device("golden", NetworkConfig(features=64, classes=10, layers=(64, 64), lanes=8))
    train(device, digits, epochs=5, seed=1)
    return device, Checkpoint.of(device, 5)


def test_a_chip_recovers_from_shifted_images(chip, digits):
    """Seeds 0 to 3: 93 to 97 %, then 40 to 52, in the end 86 to 92; old data then 70 to 78, replayed 94 to 97."""
    device, start = chip
    plain, replayed, anew = field_runs(device, start, drift("shifted", digits), FieldOptions(seed=1))
    assert (plain.start, plain.replay, replayed.replay, anew.start) == (TRAINED, 0, 0.5, NEW)
    assert plain.rate == 16 and plain.points[-1].pairs == 1000 and plain.points[-1].replayed == 0
    assert replayed.points[-1].replayed == 500
    assert plain.before == plain.points[0].old == replayed.before == anew.before > 0.9
    assert plain.points[0].drifted == replayed.points[0].drifted < 0.65
    assert plain.points[-1].drifted > 0.8 and replayed.points[-1].drifted > 0.7
    assert plain.points[-1].old < 0.87 < 0.9 < replayed.points[-1].old, "replay keeps what is forgotten without it"
    clocks = [point.clocks for point in plain.points]
    assert clocks[0] == 0 and clocks == sorted(clocks)

    again = learn_on(device, start, drift("shifted", digits), FieldOptions(seed=1, replay=0))
    assert again == plain, "each run starts from the same weights and the same dither"


def test_a_chip_learns_a_new_class(digits):
    """Seeds 0 to 3: the new class is at 100 % after 100 pairs of it alone; old classes fall to 50 to 62 %."""
    found = drift("new-class", digits)
    device = open_device("golden", NetworkConfig(features=64, classes=10, layers=(64, 64), lanes=8))
    train(device, found.old, epochs=5, seed=1)
    start = Checkpoint.of(device, 5)
    plain, replayed = field_runs(device, start, found, FieldOptions(seed=1))
    assert plain.before > 0.9 and plain.points[0].drifted == 0
    assert plain.recovered is not None and plain.recovered.pairs <= 100
    assert plain.points[-1].old < 0.8 < replayed.points[-1].old
    assert replayed.best.drifted > 0.7


def test_the_field_sets_rate_and_negatives(chip, digits):
    device, start = chip
    found = drift("inverted", digits)
    small = replace(found, **{part: replace(getattr(found, part), test_x=digits.test_x[:3], test_y=digits.test_y[:3])
                              for part in ("old", "drifted")})  # fmt: skip
    held = replace(start, registers={**start.registers, "negative_policy": int(NegativePolicy.HOST)})
    learn_on(device, held, small, FieldOptions(pairs=3, rate=20, negatives="random"))
    assert device.read_register("learning_rate") == 20
    assert device.read_register("negative_policy") == NegativePolicy.RANDOM
    held.registers["objective"] = 1 - start.registers["objective"]
    assert learn_on(device, held, small, FieldOptions(pairs=3)).rate == 18, "two more for the other objective"


@pytest.fixture
def pictures(tmp_path):
    """A file of 4 classes of images of 6 x 6 pixels."""
    random = np.random.RandomState(9)
    shapes, y = random.randint(0, 256, (4, 36)) * (random.rand(4, 36) < 0.5), np.arange(80) % 4
    x = np.clip(shapes[y] + random.randint(-20, 21, (80, 36)) * (shapes[y] > 0), 0, 255)
    path = tmp_path / "pictures.npz"
    np.savez(path, x=x.astype(np.uint8), y=y)
    return path


SMALL = ("--layers", "16,8", "--epochs", 3)


def test_command(pictures, tmp_path):
    out, figures = tmp_path / "field", tmp_path / "field.json"
    status, said, _ = command("field", "--data", pictures, *SMALL, "--out", out, "--json", figures, "--replay", 0.25)
    assert status == 0 and f"wrote {out / 'field.png'}" in said.replace("\n", "")
    assert [entry.name for entry in out.iterdir()] == ["field.png"]
    assert (out / "field.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads(figures.read_text())
    assert found["options"]["replay"] == 0.25 and found["training"]["epochs"] == 3 and found["checkpoint"] is None
    kinds = [(run["scenario"], run["start"], run["replay"]) for run in found["runs"]]
    three = [(TRAINED, 0), (TRAINED, 0.25), (NEW, 0)]
    assert kinds == [(name, *kind) for name in SCENARIOS for kind in (three if name != "new-class" else three[:2])]
    for run in found["runs"]:
        assert [point["pairs"] for point in run["points"]][:2] == [0, 10]
        assert f"{100 * run['best']:.1f}" in said


def test_command_from_a_checkpoint(pictures, tmp_path):
    path, figures = tmp_path / "checkpoint.npz", tmp_path / "field.json"
    assert command("train", "--data", pictures, *SMALL, "--out", tmp_path)[0] == 0
    one = ("--data", pictures, "--scenario", "inverted", "--out", tmp_path, "--json", figures, "--replay", 0)
    assert command("field", *one, *SMALL)[0] == 0
    trained = json.loads(figures.read_text())["runs"]
    assert command("field", *one, "--layers", "16,8", "--checkpoint", path)[0] == 0
    assert json.loads(figures.read_text())["runs"] == trained and len(trained) == 2

    held = load_checkpoint(path)
    replace(held, weights=initial_weights(held.config, 0)).save(path)
    assert command("field", *one, "--layers", "16,8", "--checkpoint", path)[0] == 0
    untrained = json.loads(figures.read_text())["runs"]
    assert untrained[0]["points"] == untrained[1]["points"] == trained[1]["points"]

    status, out, err = command("field", *one, "--layers", "16,16", "--checkpoint", path)
    assert status == 2 and "is of (36-16-8, 4 classes" in err and err.count("\n") == 1, out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--scenario", "fog"), "scenario must be inverted or shifted or new-class, not 'fog'"),
        (("--replay", "1"), "replay must be 0 or more and below 1, not 1"),
        (("--replay", "-0.1"), "replay must be 0 or more and below 1, not -0.1"),
        (("--replay", "nan"), "replay must be 0 or more and below 1, not nan"),
        (("--negatives", "host"), "negatives must be hard or own or random in the field, not 'host'"),
        (("--pairs", "2000"), "pairs must be 1 to 1,437, not 2,000: the stream of inverted"),
        (("--pairs", "0"), "pairs must be 1 to 1,437, not 0"),
        (("--pairs", "200", "--scenario", "new-class"), "pairs must be 1 to 144, not 200: the stream of new-class"),
        (("--pixels", "8"), "pixels must be 1 to 7 for images of 8 x 8, not 8"),
        (("--new-class", "10"), "new class must be 0 to 9, not 10"),
        (("--tests", "1"), "digits must have samples of class 9 and of others, to train and to test"),
        (("--rate", "24"), "learning_rate must be 8 to 23, not 24"),
        (("--checkpoint", "none.npz"), "checkpoint none.npz does not exist"),
        (("--objective", "best"), "objective must be contrast or threshold, not 'best'"),
        (("--recurrent", "--fields", "2,2,1"), "recurrent must be False with receptive fields"),
        (("--target", "moon"), "target must be golden, sim, serial:PORT or spi:URL, not 'moon'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_refused_on_one_line(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = command("field", *arguments)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1 and message in err, (out, err)
    assert not list(tmp_path.iterdir())


def test_shifted_needs_images(npz):
    status, _, err = command("field", "--data", npz, "--scenario", "shifted")
    assert status == 2 and "features must be those of a square image, not 37" in err and err.count("\n") == 1
