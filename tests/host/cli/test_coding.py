"""Data of one's own on the command line: codings, names, windows, from training to prediction."""

import csv
import json

import numpy as np
import pandas
import pytest
from typer.testing import CliRunner

from ffpga import Checkpoint, ForwardForwardClassifier, NetworkConfig, load_checkpoint, load_dataset, open_device
from ffpga.cli.app import app
from ffpga.data.preparing import held_out
from ffpga.record.stored import load_run
from ffpga.report.single import _lines
from ffpga.sweep.grid import Sweep, choose_points

SMALL = ("--layers", "16,8", "--lanes", "4")
NAMES = ("ax", "ay", "pressure")
WORDS = np.array(["at rest", "walking", "going up"])
RANDOM = np.random.RandomState(7)
Y = np.arange(90) % 3
#: Accelerations of +-2 beside a pressure, which all three are needed to tell the classes apart.
X = np.stack([np.sin(Y), np.cos(Y), 101325 - 30.0 * (Y == 2)], axis=1) + RANDOM.randn(90, 3) * [0.1, 0.1, 3]
X = X.round(3)


def run(*arguments: object) -> tuple[int, str, str]:
    """(exit status, stdout, stderr)"""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def done(*arguments: object) -> str:
    status, out, err = run(*arguments)
    assert status == 0, (out, err)
    return out


def refused(*arguments: object) -> str:
    """The one line of a refused command."""
    status, out, err = run(*arguments)
    assert status == 2, (status, out, err)
    assert err.startswith("ffpga: ") and err.count("\n") == 1, err
    return err


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))


@pytest.fixture(autouse=True)
def undrawn(trained, monkeypatch):
    """Pages and pictures take seconds, and those of one run are enough."""
    monkeypatch.setattr("ffpga.report.write_report", lambda run, path: path.write_text("<p>drawn elsewhere</p>"))
    monkeypatch.setattr("ffpga.look.curves.learning_curve", lambda result, path, title: path.write_bytes(b""))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The samples as a European spreadsheet writes them."""
    path = tmp_path_factory.mktemp("data") / "sensor.csv"
    frame = pandas.DataFrame(X, columns=list(NAMES)).assign(activity=WORDS[Y])
    frame.to_csv(path, sep=";", decimal=",", index=False)
    return path


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory):
    """A run on the table."""
    out = tmp_path_factory.mktemp("run")
    said = done("train", "--data", table, "--coding", "onoff", *SMALL, "--epochs", 6, "--out", out / "a")
    return out / "a", said


def test_a_table_is_what_one_prepares_by_hand(table, trained, tmp_path):
    """Standardised by the training part, above and below the mean, as u8 arrays with numbers for labels."""
    held = held_out(np.unique(WORDS[Y], return_inverse=True)[1])
    z = 85 * (X - X[~held].mean(axis=0)) / X[~held].std(axis=0)
    coded = np.stack([np.clip(z, 0, 255), np.clip(-z, 0, 255)], axis=2).reshape(90, 6)
    labels = np.unique(WORDS[Y], return_inverse=True)[1]
    x = np.rint(coded).astype(np.uint8)
    np.savez(tmp_path / "hand.npz", train_x=x[~held], train_y=labels[~held], test_x=x[held], test_y=labels[held])
    done("train", "--data", tmp_path / "hand.npz", *SMALL, "--epochs", 6, "--out", tmp_path / "b")
    found, hand = (json.loads((folder / "run.json").read_text()) for folder in (trained[0], tmp_path / "b"))
    assert found["weights_sha256"] == hand["weights_sha256"] and found["accuracy"] == hand["accuracy"]
    assert found["data_sha256"] == hand["data_sha256"] and found["accuracy"] > 0.9


def test_what_is_said(trained):
    out, said = trained
    assert "note: numbers have decimal commas" in said and "coding onoff (as asked for), 6 inputs" in " ".join(
        said.split()
    )
    figures = json.loads((out / "run.json").read_text())
    assert figures["labels"] == ["at rest", "going up", "walking"] and figures["warnings"] == []
    assert figures["coding"]["name"] == "onoff" and figures["command"][6:8] == ["--coding", "onoff"]
    assert [row[0] for row in figures["coding"]["rows"]] == list(NAMES)
    page = (out / "report.html").read_text()
    assert "<h2>Coding</h2>" in page and "above and below the mean 10131" in page
    assert page.count("going up") > 3 and "pressure below" in page
    held = load_checkpoint(out / "checkpoint.npz").prepared
    assert held.labels == ("at rest", "going up", "walking") and held.coding.names == NAMES


def test_predict(table, trained, tmp_path):
    held = trained[0] / "checkpoint.npz"
    said = tmp_path / "said.csv"
    out = done("predict", "--checkpoint", held, "--data", table, "--out", said, "--json", tmp_path / "j")
    rows = list(csv.DictReader(said.open()))
    assert len(rows) == 90 and rows[0].keys() == {"sample", "label", "runner_up", "margin", "true"}
    right = np.mean([row["label"] == row["true"] for row in rows])
    assert [row["true"] for row in rows] == WORDS[Y].tolist() and right > 0.9
    assert json.loads((tmp_path / "j").read_text())["accuracy"] == right and f"{100 * right:.2f} %" in out
    assert all(row["label"] != row["runner_up"] and float(row["margin"]) > 0 for row in rows)
    # The device's answers, whatever its lanes; no label, other columns' order, to the terminal.
    chip = open_device("golden", NetworkConfig(features=6, classes=3, layers=(16, 8), lanes=8))
    load_checkpoint(held).restore(chip)
    frame = pandas.read_csv(table, sep=";", decimal=",")
    frame[["pressure", "ax", "ay"]].to_csv(tmp_path / "new.csv", index=False)
    again = done("predict", "--checkpoint", held, "--data", tmp_path / "new.csv", "--lanes", 8)
    found = list(csv.DictReader(again.splitlines()))
    assert [row["label"] for row in found] == [row["label"] for row in rows] and "true" not in found[0]
    for x, row in zip(load_checkpoint(held).prepared.coding.transform(X), found, strict=True):
        chip.load_sample(x)
        assert ("at rest", "going up", "walking")[chip.infer()[0]] == row["label"]


def test_inputs_of_few_bits(table, tmp_path):
    """They travel with the checkpoint: whoever goes on, tests or predicts codes alike, and cannot ask for others."""
    out, words = tmp_path / "a", ("--data", table, "--input-bits", 2)
    said = done("train", *words, "--few-bits", *SMALL, "--epochs", 2, "--out", out)
    assert "inputs of 2 bits" in " ".join(said.split())
    figures = json.loads((out / "run.json").read_text())
    assert figures["command"][figures["command"].index("--input-bits") + 1] == "2"
    assert "--few-bits" in figures["command"] and figures["configuration"]["few_bits"]
    held = load_checkpoint(out / "checkpoint.npz")
    assert held.prepared.coding.bits == 2 and set(np.unique(held.prepared.coding.transform(X))) == {0, 85, 170, 255}
    plain = done("train", *words, *SMALL, "--epochs", 2, "--out", tmp_path / "b")
    assert plain and json.loads((tmp_path / "b/run.json").read_text())["weights_sha256"] == figures["weights_sha256"]
    resumed = done("train", "--data", table, *SMALL, "--epochs", 2, "--out", out, "--resume")
    assert "inputs of 2 bits" in " ".join(resumed.split())
    done("eval", "--checkpoint", out / "checkpoint.npz", "--data", table, "--target", "golden")
    done("predict", "--checkpoint", out / "checkpoint.npz", "--data", table)
    for bits, said in ((4, "input_bits must be 2, as the checkpoint's, not 4"), (3, "input_bits must be 8, 4, 2 or 1")):
        assert said in refused(
            "train", "--data", table, *SMALL, "--epochs", 2, "--out", out, "--resume", "--input-bits", bits
        )
    # scikit-learn's way, from the same samples and seed
    chip = ForwardForwardClassifier(layers=(16, 8), lanes=4, epochs=1, input_bits=2).fit(X, WORDS[Y])
    assert chip.coding_.bits == 2 and chip.checkpoint().prepared.coding.bits == 2


@pytest.mark.parametrize("shortlist", [1, 2, 3])
def test_margins_are_those_of_what_decides(shortlist, table, tmp_path):
    """With every shortlist the answer has the greatest goodness; its margin is the one above the runner-up's."""
    out = tmp_path / "a"
    options = ("--shortlist", shortlist, "--polarity", "minus" if shortlist == 2 else "sum")
    done("train", "--data", table, *SMALL, "--epochs", 1, "--out", out, *options, "--quiet")
    said = done("predict", "--checkpoint", out / "checkpoint.npz", "--data", table)
    assert all(float(row["margin"]) >= 0 for row in csv.DictReader(said.splitlines()))


def test_eval_verify_and_resume(table, trained, tmp_path):
    """They code as the checkpoint says; to go on gives what going through gives."""
    out = trained[0]
    done("eval", "--checkpoint", out / "checkpoint.npz", "--data", table, "--json", tmp_path / "j")
    figures = json.loads((out / "run.json").read_text())
    assert json.loads((tmp_path / "j").read_text())["accuracy"] == figures["accuracy"]
    said = done("verify", "--target", "golden", "--data", table, "--coding", "population:4", *SMALL, "--pairs", 5)
    assert "equal golden and golden after 5 pairs" in " ".join(said.split())
    again = ("train", "--data", table, *SMALL, "--epochs", 6, "--out", out, "--resume")
    assert "going on from" in done(*again, "--quiet") + done(*again)
    assert "coding must be onoff, as the checkpoint's, not range: leave it out" in refused(*again, "--coding", "range")


def test_a_checkpoint_without_a_coding(table, trained, tmp_path):
    held = load_checkpoint(trained[0] / "checkpoint.npz")
    Checkpoint(held.config, held.weights, registers=held.registers).save(tmp_path / "bare.npz")
    for command in ("predict", "eval"):
        said = refused(command, "--checkpoint", tmp_path / "bare.npz", "--data", table)
        assert "bare.npz has no coding, so numbers cannot become what it was trained on: give u8 arrays" in said
    x = held.prepared.coding.transform(X)
    np.savez(tmp_path / "coded.npz", x=x, y=Y)
    rows = csv.DictReader(
        done("predict", "--checkpoint", tmp_path / "bare.npz", "--data", tmp_path / "coded.npz").splitlines()
    )
    assert {row["label"] for row in rows} == {"0", "1", "2"}
    np.savez(tmp_path / "other.npz", x=x[:, :4], y=Y)
    said = refused("predict", "--checkpoint", tmp_path / "bare.npz", "--data", tmp_path / "other.npz")
    assert "needs 6 features, not the 4 of" in said


def test_other_features_are_refused(trained, tmp_path):
    pandas.DataFrame(X[:, :2], columns=["ax", "ay"]).to_csv(tmp_path / "a.csv", index=False)
    said = refused("predict", "--checkpoint", trained[0] / "checkpoint.npz", "--data", tmp_path / "a.csv")
    assert "must have 3 features (ax, ay, pressure), as was trained on, not 2 columns (ax, ay)" in said


def test_labels_that_were_not_trained(table, trained, tmp_path):
    frame = pandas.read_csv(table, sep=";", decimal=",").replace("walking", "running")
    frame.to_csv(tmp_path / "a.csv", index=False)
    said = refused("eval", "--checkpoint", trained[0] / "checkpoint.npz", "--data", tmp_path / "a.csv")
    assert (
        "activity must be one of the classes that were trained (at rest, going up, walking), not 'running' (line 3)"
        in said
    )


def test_nothing_learned_is_said(tmp_path):
    """Features that have nothing to do with the label."""
    rows = "".join(f"{a},{b},{'no' if n % 4 else 'yes'}\n" for n, (a, b) in enumerate(RANDOM.rand(80, 2).round(3)))
    (tmp_path / "a.csv").write_text("a,b,label\n" + rows)
    arguments = ("train", "--data", tmp_path / "a.csv", "--layers", 8, "--lanes", 4, "--epochs", 1, "--rate", 23)
    said = " ".join(done(*arguments, "--out", tmp_path / "run").split())
    assert "warning: test accuracy was never above" in said and "the constant answer no reaches 75.0 %" in said
    (warning,) = json.loads((tmp_path / "run" / "run.json").read_text())["warnings"]
    assert "nothing was learned, look at the coding of the features" in warning
    assert any("Warning: test accuracy was never above" in line for line in _lines(load_run(tmp_path / "run")))
    assert "warning" not in done(*arguments, "--out", tmp_path / "quiet", "--quiet")


@pytest.mark.parametrize(
    ("coding", "shape", "fields"), [("onoff", "4", "2,2,1"), ("onoff", "8", "2,2,1"), ("population:4", "4", "4,2,1")]
)
def test_fields_over_the_inputs_of_features(coding, shape, fields, tmp_path):
    """A shape is of the features, or of the inputs, which lie side by side: a tile of as many is a feature."""
    x, y = RANDOM.randn(60, 4), np.arange(60) % 2
    x[:, 1] += 3 * y
    pandas.DataFrame(x).assign(label=y).to_csv(tmp_path / "a.csv", index=False)
    done("train", "--data", tmp_path / "a.csv", "--coding", coding, "--shape", shape, "--fields", fields, "--layers",
         24, "--lanes", 4, "--epochs", 1, "--out", tmp_path / "run", "--quiet")  # fmt: skip
    held = load_checkpoint(tmp_path / "run" / "checkpoint.npz")
    k = held.prepared.coding.per_feature
    assert held.config.fields_of(0).tile == k and held.config.blocks(0) == 3
    assert held.order.tolist() == list(range(4 * k))
    data = load_dataset(str(tmp_path / "a.csv"), prepared=held.prepared)
    assert data.features == 4 * k


def test_fields_over_coded_images(tmp_path):
    np.savez(tmp_path / "a.npz", x=RANDOM.randint(0, 256, (20, 16)).astype(np.uint8), y=np.arange(20) % 2)
    said = refused("train", "--data", tmp_path / "a.npz", "--coding", "onoff", "--shape", "4x4", "--fields", "2,1,1")
    assert "shape 4x4 is an image, and coding onoff makes 2 inputs of each pixel: take --coding pixels or range" in said


def test_field_and_sweep(table, tmp_path):
    done("field", "--data", table, "--coding", "range", "--scenario", "new-class", "--epochs", 1, "--layers", "8,8",
         "--samples", 30, "--tests", 9, "--pairs", 3, "--out", tmp_path, "--json", tmp_path / "j")  # fmt: skip
    assert json.loads((tmp_path / "j").read_text())["configuration"]["features"] == 3
    data = load_dataset(str(table), coding="onoff")
    (point,) = choose_points(data, {"epochs": [1], "layers": [(8, 8)]})
    sweep = Sweep([point], source=str(table), data=data, folder=tmp_path, reading={"coding": "onoff"})
    (job,) = sweep.waiting
    assert job.function(**json.loads(job.request))["pairs"] == len(data.train_x)  # as a worker does


def test_a_recording(tmp_path):
    """From windows of some people's recordings to predictions of another's."""
    time, rows = np.arange(60), []
    for user in range(4):
        for activity, pace in (("resting", 0.05), ("walking", 1.0)):
            wave = pace * np.sin(0.8 * time + user) + 0.01 * RANDOM.randn(60)
            rows.append(pandas.DataFrame({"ax": wave, "ay": wave[::-1], "activity": activity, "user": user}))
    frame = pandas.concat(rows)
    frame.to_csv(tmp_path / "a.csv", index=False)
    done("train", "--data", tmp_path / "a.csv", "--label", "activity", "--group", "user", "--window", 16, "--features",
         "spectrum", *SMALL, "--epochs", 4, "--out", tmp_path / "run", "--quiet")  # fmt: skip
    figures = json.loads((tmp_path / "run" / "run.json").read_text())
    assert figures["accuracy"] == 1 and figures["notes"][1].startswith("of 4 groups (user) 1 are held out")
    assert {"--window", "--features", "--group", "--label"} <= set(figures["command"])
    frame[["ay", "ax"]].to_csv(tmp_path / "new.csv", index=False)
    said = done("predict", "--checkpoint", tmp_path / "run" / "checkpoint.npz", "--data", tmp_path / "new.csv")
    assert len(said.splitlines()) == 1 + (480 - 16) // 8 + 1
