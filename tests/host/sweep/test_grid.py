"""Sweeps: which points there are, that each is done once whatever dies meanwhile, and what is made of them."""

import csv
import functools
import json
import multiprocessing.process
import os
import sys
import time

import pytest
from typer.testing import CliRunner

import ffpga
from ffpga import FfpgaError, load_dataset
from ffpga.cli.app import app
from ffpga.sweep import grid as sweep
from ffpga.sweep.grid import Point, Sweep, choose_points
from ffpga.sweep.jobs import Job, cluster, run_jobs
from ffpga.sweep.pareto import configurations, front


def run(*arguments: object) -> tuple[int, str, str]:
    """(exit status, stdout, stderr)"""
    result = CliRunner().invoke(app, ["sweep", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def scheduler():
    """Address of a scheduler with a worker, both in this process."""
    from distributed import LocalCluster

    options = {"processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as running:
        yield running.scheduler_address


AXES = {"layers": [(24, 16), (8,)], "lanes": [4, 8, 4], "gate": [0, 32]}


def test_a_grid_has_every_combination_once(data):
    points = choose_points(data, AXES, seeds=2)
    found = {(p.config.layers, p.config.lanes, p.options.gate, p.options.seed) for p in points}
    assert len(points) == len(found) == 16
    assert found == {(a, b, c, d) for a in ((24, 16), (8,)) for b in (4, 8) for c in (0, 32) for d in (0, 1)}
    assert {point.options.rate for point in points} == {15}, "the default becomes the rate that it stands for"
    assert str(points[0]).startswith("layers 24-16, lanes 4, weight_bits 8, memory_ports 1, objective contrast, ")


def test_recurrent_networks_are_an_axis(data):
    points = choose_points(data, {"layers": [(8, 8)], "recurrent": ["no", "yes"]})
    assert [point.config.recurrent for point in points] == [False, True]
    assert "recurrent" not in str(points[0]) and "recurrent yes" in str(points[1])
    assert {point.options.rate for point in points} == {15, 17}, "the default is one of its own"


def test_changed_images_are_an_axis(data):
    digits = load_dataset("digits")
    points = choose_points(digits, {"layers": [(8,)], "shift": [0, 1], "distort": [0.5]})
    assert [(point.options.shift, point.options.distort) for point in points] == [(0, 0.5), (1, 0.5)]
    assert "shift 1, distort 0.5" in str(points[1])
    with pytest.raises(FfpgaError, match="must be those of a square image"):
        choose_points(data, {"layers": [(8,)], "distort": [1]})


def test_random_points_are_the_seeds(data):
    grid = choose_points(data, AXES, seeds=2)
    drawn = choose_points(data, AXES, seeds=2, draw=3, draw_seed=7)
    assert drawn == choose_points(data, AXES, seeds=2, draw=3, draw_seed=7)
    assert len(set(drawn)) == 6 and set(drawn) < set(grid)
    assert [point.options.seed for point in drawn] == [0, 1] * 3
    assert any(drawn != choose_points(data, AXES, seeds=2, draw=3, draw_seed=seed) for seed in range(3))
    assert choose_points(data, AXES, draw=8) == choose_points(data, AXES)
    for draw in (0, 9):
        with pytest.raises(FfpgaError, match=f"random must be 1 to 8, the configurations of the grid, not {draw}"):
            choose_points(data, AXES, draw=draw)
    with pytest.raises(FfpgaError, match="a sweep must have points"):
        choose_points(data, {"lanes": []})


def test_what_is_done_is_not_done_again(npz, tmp_path, scheduler):
    samples = load_dataset(str(npz))
    points = [Point.of(samples, {"layers": (8,), "epochs": 2, "seed": seed}) for seed in range(3)]
    begin = functools.partial(Sweep, source=str(npz), data=samples, folder=tmp_path)
    seen = []
    with cluster(scheduler) as client:
        first = begin(points[:2])
        first.run(client, lambda *call: seen.append(call))
        assert seen == [("points", 0, 2), ("points", 1, 2), ("points", 2, 2)] and not first.waiting
        files = {path: path.stat().st_mtime_ns for path in (tmp_path / "points").iterdir()}
        second = begin(points)
        assert len(files) == 2 and len(second.waiting) == 1, "the third alone"
        second.run(client)
    assert len(list((tmp_path / "points").iterdir())) == 3
    assert files.items() <= {path: path.stat().st_mtime_ns for path in (tmp_path / "points").iterdir()}.items()
    assert second.rows()[:2] == first.rows()

    with ffpga.open("golden", points[2].config) as device:
        alone = ffpga.train(device, samples, epochs=2, seed=2).as_dict()
    row = second.rows()[2]
    assert (row["status"], row["accuracy"], row["weights"]) == ("done", alone["accuracy"], points[2].config.weights)
    assert row["clocks_a_pair"] == alone["clocks"] / alone["pairs"]
    assert row["last_clocks_a_pair"] == alone["epochs"][1]["clocks"] / 72
    assert row["floor_ratio"] == alone["clocks"] / alone["floor_clocks"]

    next(iter(files)).write_text('{"request": 1, "figures"')
    assert len(begin(points).waiting) == 1, "a file that is not whole"
    assert len(begin([Point.of(samples, {"layers": (8,), "epochs": 3})]).waiting) == 1, "another choice"


def test_a_worker_that_dies(tmp_path, monkeypatch):
    """One job ends its worker's process the first time, one always, one only fails; the rest is not lost.

    Processes start slowly, so that the cluster would end while the last one that died is started again.
    """
    import dask

    at_once = multiprocessing.process.BaseProcess.start
    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", lambda one: [time.sleep(0.3), at_once(one)])

    def work(*, number: int, mark: str) -> dict[str, int]:
        if number == 3:
            raise ValueError("three\nis too many")
        if number == 2 or (number == 1 and not os.path.exists(mark)):
            with open(mark, "w"):
                os._exit(1)
        return {"square": number**2}

    jobs = [Job.of(tmp_path / "answers", work, number=number, mark=str(tmp_path / "mark")) for number in range(8)]
    answers = {}
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), cluster(workers=1) as client:
        run_jobs(client, jobs, lambda job, answer: answers.update({json.loads(job.request)["number"]: answer}))
    assert answers.pop(2) == {"error": "its worker died, each of 2 times"}
    assert answers.pop(3) == {"error": "ValueError: three"}
    assert answers == {number: {"square": number**2} for number in (0, 1, 4, 5, 6, 7)}
    kept = [json.loads(job.request)["number"] for job in jobs if job.stored()]
    assert kept == [0, 1, 4, 5, 6, 7] and len(list((tmp_path / "answers").iterdir())) == 6


def test_pareto_front():
    costs, accuracies = [5, 1, 3, 3, 2, 2, 4, 9], [0.9, 0.5, 0.8, 0.7, 0.6, 0.6, 0.8, 0.9]
    assert front(costs, accuracies) == [1, 4, 5, 2, 0], "equal ones both, of equal cost or accuracy the better one"
    assert front([], []) == [] and front([1], [0]) == [0]


def test_configurations_are_means_over_seeds(data):
    def row(lanes, seed, accuracy, clocks):
        point = Point.of(data, {"layers": (8,), "lanes": lanes, "seed": seed})
        figures = {"clocks_a_pair": clocks, "last_clocks_a_pair": 1, "floor_ratio": 2, "weight_bytes": 100}
        return {**point.values, "status": "done", "accuracy": accuracy, **figures}

    rows = [row(4, 0, 0.5, 200), row(4, 1, 0.7, 300), row(8, 0, 0.6, 200), row(2, 0, 0.9, 260), row(1, 0, None, None)]
    found = configurations(rows, ["lanes"])
    assert [(c["label"], c["seeds"], c["clocks_a_pair"]) for c in found] == [
        ("lanes 4", 2, 250), ("lanes 8", 1, 200), ("lanes 2", 1, 260),
    ]  # fmt: skip
    assert found[0]["accuracy"] == pytest.approx(0.6)
    assert [c["optimal"] for c in found] == [[], ["clocks_a_pair"], ["clocks_a_pair", "weight_bytes"]]


def test_the_command(tmp_path):
    """Two points on a cluster of its own; again, without any."""
    out, figures = tmp_path / "run", tmp_path / "figures.json"
    options = ("--layers", "16,16", "--lanes", 8, "--lanes", 16, "--epochs", 1, "--out", out, "--json", figures)
    status, text, err = run(*options, "--data", "digits", "--workers", 1)
    assert status == 0 and not err and "2 points, 2 jobs waiting" in text and "Pareto-optimal" in text, text + err
    assert sorted(path.name for path in out.iterdir()) == ["pareto.png", "points", "table.csv"]
    assert (out / "pareto.png").read_bytes().startswith(b"\x89PNG")
    with (out / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["layers"], row["lanes"], row["status"]) for row in rows] == [
        ("16-16", "8", "done"), ("16-16", "16", "done"),
    ]  # fmt: skip
    assert rows[0]["accuracy"] == rows[1]["accuracy"] and float(rows[0]["clocks_a_pair"]) > float(
        rows[1]["clocks_a_pair"]
    )
    found = json.loads(figures.read_text())
    assert found["axes"] == {"layers": [[16, 16]], "lanes": [8, 16], "epochs": [1]}
    assert [c["optimal"] for c in found["configurations"]] == [["weight_bytes"], ["clocks_a_pair", "weight_bytes"]]
    table = (out / "table.csv").read_bytes()
    status, text, _ = run(*options, "--scheduler", "tcp://none:1")
    assert status == 0 and "2 points, 0 jobs waiting" in text
    assert (out / "table.csv").read_bytes() == table and json.loads(figures.read_text()) == found


def test_a_point_that_fails(npz, tmp_path, scheduler, monkeypatch):
    def failing(source, reading, *, data, configuration, options):
        raise RuntimeError("no luck")

    options = ("--data", npz, "--layers", "8", "--epochs", 1, "--scheduler", scheduler, "--out", tmp_path)
    assert run(*options)[0] == 0
    monkeypatch.setattr(sweep, "train_point", failing)
    status, text, err = run(*options, "--seeds", 2)
    assert status == 1 and "Pareto-optimal" in text
    assert err.startswith("ffpga: 1 of 2 points failed; layers 8, lanes 8, ") and err.count("\n") == 1
    assert err.endswith("seed 1: RuntimeError: no luck\n")
    with (tmp_path / "table.csv").open() as file:
        assert [(row["status"], row["message"]) for row in csv.DictReader(file)] == [
            ("done", ""), ("failed", "RuntimeError: no luck"),
        ]  # fmt: skip
    monkeypatch.undo()
    assert run(*options, "--seeds", 2)[0] == 0


def test_cells_are_packed_once_a_core(npz, tmp_path, scheduler, monkeypatch):
    def packed(*, board, configuration):
        if configuration["lanes"] == 4:
            return {"cells": 1000, "bram": 1}
        return {"cells": None, "message": f"does not fit {board}"}

    monkeypatch.setattr(sweep, "pack_core", packed)
    options = ("--layers", "8", "--lanes", 4, "--lanes", 8, "--epochs", 1, "--seeds", 2, "--out", tmp_path)
    status, text, err = run("--data", npz, *options, "--cells", "--scheduler", scheduler)
    assert status == 0 and "4 points, 6 jobs waiting" in text, err
    assert len(list((tmp_path / "cells").iterdir())) == 2
    with (tmp_path / "table.csv").open() as file:
        assert [(row["cells"], row["message"]) for row in csv.DictReader(file)] == [
            ("1000", ""), ("1000", ""), ("", "does not fit icebreaker"), ("", "does not fit icebreaker"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--layers", "64,60"), "lanes must divide every layer width, not 8 into 60: take 64"),
        (("--lanes", "8", "--lanes", "65"), "lanes must be 1 to 64, not 65"),
        (("--layers", "a"), "layers must be widths with commas between them"),
        (("--objective", "contrast", "--objective", "best"), "objective must be contrast or threshold, not 'best'"),
        (("--negatives", "some"), "negatives must be hard or random or host or own or replay, not 'some'"),
        (("--rate", "99"), "learning_rate must be 8 to 23, not 99"),
        (("--epochs", "0"), "epochs must be 1 to 1000000, not 0"),
        (("--seeds", "0"), "seeds must be 1 or more, not 0"),
        (("--random", "2"), "random must be 1 to 1, the configurations of the grid, not 2"),
        (("--seed", "2"), "seed is of a random draw: add --random N"),
        (("--workers", "0"), "workers must be 1 or more, not 0"),
        (("--workers", "1", "--scheduler", "a:1"), "workers must be left out with a scheduler, which has its own"),
        (("--board", "icebreaker"), "board icebreaker is what cells are counted for: add --cells"),
        (("--cells", "--board", "de0"), "board must be one of"),
        (("--data", "none.csv"), "data file none.csv does not exist"),
        (("--scheduler", "moon://here"), "scheduler moon://here does not answer"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_refused_on_one_line_before_anything_begins(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1 and message in err, (out, err)
    assert not list(tmp_path.iterdir())


def test_without_dask(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _, err = run("--layers", "8", "--out", tmp_path)
    assert (status, err) == (2, "ffpga: sweeps need distributed: pip install 'ffpga[sweep]'\n")
