"""The accuracy table: what is run, what is not run again, what it says."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import ffpga
from ffpga import FfpgaError
from ffpga.bench.accuracy import UNSUPERVISED, Trial, place, run_trial, run_trials, trial_config, trial_data
from ffpga.bench.accuracy_table import accuracy_table
from ffpga.bench.baselines import BASELINES
from ffpga.bench.pictures.accuracy import draw, front
from ffpga.bench.trials import GROUPS
from ffpga.cli.app import app


@pytest.fixture(scope="module")
def digits():
    return ffpga.load_dataset("digits")


MNIST = ffpga.Dataset(
    "images", *[np.zeros((10, 784), np.uint8), np.arange(10)] * 2, 10, "", shape=ffpga.fields.Shape((28, 28))
)


def test_trials_have_names_of_their_own(tmp_path):
    trials = [trial for group in GROUPS.values() for trial in group()]
    files = {place(tmp_path, trial, 0) for trial in trials}
    assert len(files) == len(trials)
    for trial in trials:
        if trial.kind not in BASELINES:
            ffpga.TrainingOptions(**trial.options)
            trial_config(trial, trial_data(trial, MNIST))


@pytest.mark.parametrize(
    ("trial", "least"),
    [
        (Trial("plain", (32, 32), options={"epochs": 4}), 0.85),
        (Trial("fields", (72, 16), windows=(2, 2, 1), options={"epochs": 4}), 0.85),
        (Trial("half", (32, 32), options={"epochs": 4}, half=True), 0.7),
        (Trial("free", (32, 32), kind=UNSUPERVISED, options={"epochs": 1, "rate": 18, "alpha": 1.0}), 0.85),
        *((Trial(name, (32, 32), kind=name), 0.85) for name in BASELINES),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_every_kind_of_trial(digits, trial, least):
    figures = run_trial(trial, digits, 0)
    assert least <= figures["accuracy"] <= 1
    assert json.loads(json.dumps(figures))["accuracy"] == figures["accuracy"]


def test_nothing_is_run_twice(tmp_path):
    trials = [Trial("one", (16,), options={"epochs": 1}, least=0.1), Trial("two", (8,), options={"epochs": 1})]
    ran = []

    def run(trials, jobs=1):
        return run_trials(
            [replace(trial, seeds=2) for trial in trials],
            "digits",
            tmp_path,
            jobs=jobs,
            on_end=lambda trial, seed, _: ran.append((trial.name, seed)),
        )

    rows = run(trials, jobs=2)
    assert sorted(ran) == [("one", 0), ("one", 1), ("two", 0), ("two", 1)]
    assert [row["name"] for row in rows] == ["one", "two"]
    assert rows[0]["median"] == np.median(rows[0]["accuracies"]) and rows[0]["reached"] and rows[1]["reached"] is None
    ran.clear()
    assert run(trials) == rows and not ran
    place(tmp_path, trials[0], 1).write_text("{")  # damaged
    changed = [trials[0], Trial("two", (8,), options={"epochs": 2})]
    run(changed)
    assert sorted(ran) == [("one", 1), ("two", 0), ("two", 1)]
    table = accuracy_table(rows)
    assert table.count("\n") == 3 and "| one |" in table and "10.0 %" in table
    rows[0]["reached"] = False
    assert "10.0 %, missed" in accuracy_table(rows)
    rows[1] |= {"name": "blocks of 10, slow", "options": {"block": 10}}
    assert [path.name for path in draw(rows, tmp_path)] == ["accuracy.png", "phases.png"]
    assert (tmp_path / "phases.png").read_bytes().startswith(b"\x89PNG")


def test_the_command(tmp_path):
    figures = tmp_path / "figures.json"
    arguments = ["bench", "accuracy", "--data", "digits", "--group", "grid", "--only", "16-16 8", "--seeds", "1"]
    result = CliRunner().invoke(app, [*arguments, "--epochs", "1", "--out", str(tmp_path), "--json", str(figures)])
    assert result.exit_code == 0, result.output
    assert "| 16-16 8 bit |" in result.output
    assert json.loads(figures.read_text())["trials"][0]["name"] == "16-16 8 bit"
    left = {"accuracy.json", "accuracy.md", "accuracy.png", "16-16-8-bit-seed0.json", "figures.json"}
    assert {path.name for path in tmp_path.iterdir()} == left
    for wrong, message in (
        (
            ["--group", "all"],
            "group must be main, tables, negatives, phases, grid, fields, contenders, baselines, not 'all'",
        ),
        (["--only", "???"], "only must be in the name of a trial, not '???'"),
    ):
        result = CliRunner().invoke(app, ["bench", "accuracy", "--data", "digits", *wrong])
        assert result.exit_code == 2 and message in result.output


def test_fields_are_trained_in_their_order_and_drawn(tmp_path):
    """Windows over halved images, as the trials have them, and what a row says of them."""
    by_name = {trial.name: trial for trial in (*GROUPS["fields"](), *GROUPS["contenders"]())}
    assert trial_config(by_name["144 fields 4,3,2"], MNIST).weight_bytes == 22_320
    small = by_name["14x14 72 fields 2,3,2"]
    assert trial_config(small, trial_data(small, MNIST)).weight_bytes == 3_384
    trials = [replace(small, half=False, windows=(2, 2, 2), layers=(32,), options={"epochs": 1})]
    trials.append(Trial("32-32 8 bit", (32, 32), options={"epochs": 1}))
    rows = run_trials(trials, "digits", tmp_path, jobs=1)
    assert rows[0]["weight_bytes"] == 32 * (16 + 11) and rows[0]["floor_a_pair"] < rows[0]["clocks_a_pair"]
    held = json.loads(place(tmp_path, trials[0], 0).read_text())["figures"]
    assert rows[0]["weights_sha256"] == [held["weights_sha256"]] and len(held["weights_sha256"]) == 64
    assert [path.name for path in draw(rows, tmp_path)] == ["accuracy.png", "fields.png"]
    assert [path.name for path in draw(rows[1:], tmp_path)] == ["accuracy.png"]


def test_what_is_worth_its_bytes():
    costs = ((10, 0.9), (20, 0.8), (20, 0.95), (30, 0.95), (40, 0.97))
    rows = [{"weight_bytes": cost, "median": accuracy} for cost, accuracy in costs]
    assert front(rows, "weight_bytes") == [rows[0], rows[2], rows[4]]


def test_fields_need_images(digits):
    with pytest.raises(FfpgaError, match="fields needs images, digits has a sample of 64 features"):
        trial_config(Trial("fields", (8,), windows=(2, 2, 2)), replace(digits, shape=None))


def test_halving_needs_images(digits):
    with pytest.raises(FfpgaError, match="an even number of pixels"):
        run_trial(
            Trial("half", (8,), half=True),
            ffpga.Dataset("odd", *[np.zeros((4, 9), np.uint8), np.arange(4)] * 2, 4, ""),
            0,
        )
