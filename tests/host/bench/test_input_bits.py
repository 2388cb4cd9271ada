"""Accuracy against the bits of an input: what is trained and sent, the stored table, what is refused."""

import json
from pathlib import Path

import pytest

from ffpga import FfpgaError
from ffpga.bench.speed import input_bits
from ffpga.bench.speed.input_bits import bits_table, run_bits, tasks_for
from ffpga.bench.tasks import Task
from ffpga.data.loading import Reading

ROOT = Path(__file__).parents[3]


def test_each_number_of_bits_is_trained_once(tmp_path, monkeypatch):
    task = Task("digits", "digits", Reading(), layers=(8,))
    (row,) = run_bits([(task, 1)], tmp_path, seeds=2, said=lambda text: None)
    assert [one["bits"] for one in row["bits"]] == [8, 4, 2, 1] and row["epochs"] == 1 and row["network"] == "64-8"
    sizes = [row["pairs_bytes"], *(one["bytes"] for one in row["bits"])]
    assert sizes == sorted(sizes, reverse=True) and len({one["accuracy"] for one in row["bits"]}) > 1
    assert all(len(one["seeds"]) == 2 and min(one["seeds"]) <= one["accuracy"] for one in row["bits"])
    monkeypatch.setattr(input_bits, "train", None)
    assert run_bits([(task, 1)], tmp_path, seeds=2, said=lambda text: None) == [row]
    first = row["bits"][0]
    assert f"| digits | 64-8 | 1 | ({sizes[0]:.0f}) | {100 * first['accuracy']:.2f} ({sizes[1]:.0f}) |" in bits_table(
        [row]
    )


def test_tasks_that_there_are_not(tmp_path):
    (tmp_path / "one.csv").write_text("a,label\n1,2\n")
    with pytest.raises(FfpgaError, match=r"^tasks must have hapt, and have digits, one: name others with --only$"):
        tasks_for("digits", tmp_path)


def test_the_table_is_stored():
    found = json.loads((ROOT / "host" / "results" / "bits.json").read_text())
    assert f"\n\n{bits_table(found['rows'])}\n\n" in (ROOT / "host" / "docs" / "data.md").read_text()
    by_name = {row["name"]: row for row in found["rows"]}
    assert len(by_name) >= 4 and by_name["MNIST"]["weight_bytes"] == 31_000
    sizes = {one["bits"]: one["bytes"] for one in by_name["MNIST"]["bits"]}
    assert sizes[2] <= 140 and sizes[1] <= 105
