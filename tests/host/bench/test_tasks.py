"""Real tasks and what is not normal: which files are meant, the same split for all, tables, the commands."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ffpga import FfpgaError
from ffpga.bench import tasks
from ffpga.bench.anomalies import parts_of, run_anomalies
from ffpga.bench.tasks import Task, run_task, tasks_of, with_fields
from ffpga.bench.tasks_table import tasks_table
from ffpga.cli.app import app
from ffpga.data.loading import Reading


@pytest.fixture
def folder(tmp_path):
    """A table of two classes that a straight line cannot part, and windows of four users."""
    random = np.random.RandomState(2)
    place = tmp_path / "real"
    place.mkdir()
    x = random.randn(160, 2)
    x[5, 0] = np.nan
    lines = (f"{a},{b},{'in' if a * a + b * b < 1.2 else 'out'}" for a, b in x)
    (place / "ring.csv").write_text("a,b,where\n" + "\n".join(lines).replace("nan", "") + "\n")
    windows = random.randint(-99, 100, (80, 2, 16)) * (1 + 9 * (np.arange(80) % 2))[:, None, None]
    arrays = {"windows": windows.astype(np.int16), "label": np.arange(80) % 2, "user": np.arange(80) // 20}
    np.savez(place / "hapt.npz", **arrays)
    (place / "notes.md").write_text("none of the tasks")
    return place


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(tasks, "EPOCHS", 2)
    monkeypatch.setattr(tasks, "PAIRS", 500)
    monkeypatch.setattr(tasks, "MOST", 30)
    monkeypatch.setattr(tasks, "FIELDED", {"hapt": ((40,), "2,3,3")})


def test_what_is_in_a_folder(folder):
    found = {task.name: task for task in tasks_of(folder)}
    assert list(found) == ["digits", "hapt", "ring"]
    hapt = found["hapt"].reading
    assert (hapt.group, hapt.features, hapt.unit) == ("user", "spectrum", 4096)
    assert found["ring"].reading.held_out == 0.25 and found["ring"].source.endswith("ring.csv")
    assert [(task.name, task.fields) for task in with_fields(list(found.values()))] == [("hapt", "2,10,6")]
    with pytest.raises(FfpgaError, match=r"^only must be in the name of a task, not 'moon': hapt, ring, digits"):
        tasks_of(folder, "moon")
    with pytest.raises(FfpgaError, match=r"^data must be a folder of .csv and .npz files, not .*ring.csv"):
        tasks_of(folder / "ring.csv")


def test_all_have_the_same_split(folder):
    """What the others see is what ours was coded from."""
    for task in tasks_of(folder):
        data, (train_x, train_y, test_x, test_y) = task.load()
        coding = data.prepared.coding
        assert np.array_equal(coding.transform(train_x), data.train_x) and train_y is data.train_y
        assert np.array_equal(coding.transform(test_x), data.test_x) and test_y is data.test_y


def test_a_task(folder, short):
    (ring,) = tasks_of(folder, "ring", (16, 16))
    found = run_task(ring, seeds=2)
    assert found.epochs == 5 and found.samples == 121 and found.tests == 39 and found.coding == "population:5"
    assert len(found.ours) == len(found.mlp) == len(found.logistic) == 2
    row = found.as_dict()
    assert row["ours"] == np.median(found.ours) and row["seeds"]["mlp"] == found.mlp
    assert row["weight_bytes"] == 16 * (10 + 2 + 1) + 16 * 17
    line = tasks_table([row]).splitlines()[2]
    assert line.startswith("| ring | 121 / 39 | 2, 2 | ") and line.endswith(f" | {row['clocks_a_pair']:,.0f} |")


def test_the_command(folder, short, tmp_path):
    arguments = ["bench", "tasks", "--data", str(folder), "--only", "hapt", "--layers", "8", "--seeds", "1"]
    arguments += ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "found.json")]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.output
    found = json.loads((tmp_path / "found.json").read_text())
    (row,), (windows,) = found["tasks"], found["fields"]
    assert {"name", "ours", "mlp", "logistic", "coding", "weight_bytes", "clocks_a_pair"} <= row.keys()
    assert row["name"] == "hapt" and windows["fields"] == "2,3,3" and "mlp" not in windows
    page = (tmp_path / "out" / "tasks.md").read_text()
    assert "| mean |" in page and "fields 2,3,3" in page
    assert (tmp_path / "out" / "tasks.png").read_bytes().startswith(b"\x89PNG")
    kept = (tmp_path / "out" / "task-hapt.json").stat().st_mtime_ns
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 0 and (tmp_path / "out" / "task-hapt.json").stat().st_mtime_ns == kept
    assert page == (tmp_path / "out" / "tasks.md").read_text()


def test_anomalies(tmp_path):
    """A ring, and a cross inside of it, whose single values are no stranger."""
    random = np.random.RandomState(1)
    turn, arm = random.rand(500) * 2 * np.pi, random.uniform(-1, 1, 100)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (1 + 0.05 * random.randn(500, 1))
    cross = np.stack([arm, 0.05 * random.randn(100)], axis=1)
    lines = [f"{a},{b},{word}" for word, points in (("ring", ring), ("spoke", cross)) for a, b in points]
    (tmp_path / "ring.csv").write_text("a,b,where\n" + "\n".join(lines))
    train, test, normal = parts_of(Task("ring", str(tmp_path / "ring.csv"), Reading()))
    assert (len(train), len(test), normal.sum()) == (375, 150, 125) and train.shape[1] == 2
    (row,) = run_anomalies(tmp_path, ["ring"], seeds=1, said=lambda text: None, epochs=10, layers=(32, 16))
    assert 0.8 < row["ours"] < 1 and row["seeds"]["forest"] == [row["forest"]]
    with pytest.raises(FfpgaError, match=r"^task must be digits, ring, not 'moon'"):
        run_anomalies(tmp_path, ["moon"], seeds=1, said=lambda text: None)
    arguments = ["bench", "anomalies", "--data", str(tmp_path), "--task", "ring", "--seeds", "1", "--epochs", "1"]
    arguments += ["--layers", "8", "--out", str(tmp_path / "out"), "--json", str(tmp_path / "found.json")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "found.json").read_text())["tasks"][0]["name"] == "ring"
    assert "| ring | " in (tmp_path / "out" / "anomalies.md").read_text()
