"""`ffpga watch`: its table, picture and checkpoint, and what it refuses."""

import csv
import json

import numpy as np
from typer.testing import CliRunner

from ffpga import load_checkpoint
from ffpga.cli.app import app


def run(*arguments: object):
    return CliRunner().invoke(app, ["watch", *map(str, arguments)])


def test_watch(tmp_path):
    random = np.random.RandomState(0)
    table = tmp_path / "motion.csv"
    lines = []
    for label, pace in (("rest", 0.3), ("run", 1.1)):
        turn = np.cumsum(pace * (1 + 0.05 * random.randn(700)))
        lines += [f"{a:.3f},{b:.3f},{label}" for a, b in zip(np.sin(turn), np.cos(turn), strict=True)]
    table.write_text("ax,ay,activity\n" + "\n".join(lines) + "\n")
    out, figures = tmp_path / "out", tmp_path / "figures.json"
    said = ("--data", table, "--window", 16, "--hop", 4, "--learn", 120, "--layers", "16,16", "--out", out)
    result = run(*said, "--json", figures)
    assert result.exit_code == 0, result.output
    found = json.loads(figures.read_text())
    rest, other = found["stretches"]
    assert (rest["label"], other["label"]) == ("rest", "run") and found["learned"] == 120
    assert rest["last"] < 0.3 < 0.6 < other["first"]
    rows = list(csv.DictReader((out / "watch.csv").open()))
    assert rows[0]["sample"] == "121" and len(rows) == found["samples"] == 2 * 172 - 120
    assert sum(int(row["alarm"]) for row in rows) == found["alarms"] and rows[-1]["true"] == "run"
    assert all((float(row["goodness"]) < found["threshold"]) == (row["alarm"] == "1") for row in rows)
    assert (out / "watch.png").read_bytes().startswith(b"\x89PNG")
    held = load_checkpoint(out / "checkpoint.npz")
    assert held.config.classes == 0 and held.prepared.coding.name == "population:8"
    assert "alarms" in result.output and "run, 172 samples" in result.output
    unlabelled = tmp_path / "plain.csv"
    unlabelled.write_text("ax,ay\n" + "\n".join(line.rpartition(",")[0] for line in lines[:200]) + "\n")
    result = run("--data", unlabelled, "--learn", 150, "--epochs", 1, "--layers", "8", "--out", out, "--json", figures)
    assert result.exit_code == 0, result.output


def test_refused(tmp_path):
    table = tmp_path / "few.csv"
    table.write_text("a,b,label\n" + "\n".join(f"{n},{n * n},x" for n in range(30)) + "\n")
    result = run("--data", table, "--learn", 30, "--out", tmp_path)
    assert result.exit_code == 2 and "learn must be below the 30 samples of" in result.output
