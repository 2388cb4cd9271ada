"""Runs of steps against steps that are queued one by one: weights, clocks, records, progress, all the same."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from conftest import blobs

import ffpga
from ffpga import Dataset, Device, FfpgaError, NetworkConfig, TrainingOptions, train
from ffpga.driver.runs import runs_of
from ffpga.record.gathering import RunRecord
from ffpga.training.loop import predict
from ffpga.training.work import epoch_work, in_runs
from ffpga_golden import Fields, GoldenDevice

FIELDS = (Fields.windows(tile=4, grid=(4, 4), window=2, stride=2), None)
CHOICES = [
    {},
    {"objective": "threshold", "phases": "separate", "block": 300},
    {"objective": "threshold", "negatives": "host", "shift": 1, "distort": 1},
    {"negatives": "replay", "contenders": 1},
    {"negatives": "own", "polarity": "minus", "rounding": "plain"},
]


@pytest.fixture
def data() -> Dataset:
    """Images of 8 x 8 pixels."""
    x, y = blobs(samples=900, features=64)
    return Dataset("blobs", x[:600], y[:600], x[600:], y[600:], 3, "u8 features as they are")


def figures(device, data, options):
    """All that a run leaves, and the stages that it told of."""
    stages = {}
    record = RunRecord(device, data, TrainingOptions(**options).of(device.config))
    result = train(
        device,
        data,
        record=record,
        progress=lambda stage, done, total: stages.update({stage: (done, total)}),
        **options,
    )
    epochs = [replace(epoch, seconds=0.0) for epoch in result.epochs]
    slices = [
        [part.steps, *(a.tolist() for a in (part.goodness, part.updates, part.skipped, part.right))]
        for part in record.slices
    ]
    left = [w.tolist() for w in result.weights], device.counters(), device.read_register("seed"), device.infer()
    return epochs, slices, left, stages


@pytest.mark.parametrize("fields", [(), FIELDS], ids=["full", "fields"])
@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_runs_are_steps_one_by_one(data, options, fields):
    config = NetworkConfig(features=data.features, classes=data.classes, layers=(16, 16), lanes=4, fields=fields)
    order = np.random.RandomState(1).permutation(data.features) if fields else None
    queued = Device(GoldenDevice(config), config, order=order)
    run = ffpga.open("golden", config, order=order)
    assert runs_of(queued) is None and runs_of(run) is not None
    options = {"epochs": 2, "seed": 3, **options}
    assert figures(run, data, options) == figures(queued, data, options)


def test_a_run_is_of_one_kind(data):
    chosen = TrainingOptions(epochs=1, objective="threshold", phases="separate", block=7)
    works = list(epoch_work(chosen, data, 0))
    found = list(in_runs(works, 5))
    assert [work for run in found for work in run] == works
    assert {len(run) for run in found[:6]} == {5, 2} and all(len({work.negative for work in run}) == 1 for run in found)


def test_what_the_device_would_refuse(data):
    config = NetworkConfig(features=data.features, classes=data.classes, layers=(8, 8))
    with ffpga.open("golden", config) as device:
        runs, x, labels = runs_of(device), data.train_x[:3], data.train_y[:3].astype(np.int64)
        before = device.counters()
        with pytest.raises(FfpgaError, match="refused TRAIN_PAIR: it found a label"):
            runs.train(x, labels + config.classes, labels)
        with pytest.raises(FfpgaError, match="refused TRAIN_PHASE: it found a label"):
            runs.train(x, labels - config.classes, labels, True)
        device.write_register("negative_policy", 2)
        with pytest.raises(FfpgaError, match="refused TRAIN_PAIR"):
            runs.train(x, labels, labels)
        with pytest.raises(FfpgaError, match=rf"samples must be u8\[n, {data.features}\], not uint8\[3, 5\]"):
            runs.infer(x[:, :5])
        assert device.counters() == before


def test_a_test_that_is_stopped(data):
    config = NetworkConfig(features=data.features, classes=data.classes, layers=(8, 8))
    stop = threading.Event()
    stop.set()
    with ffpga.open("golden", config) as device:
        said = []
        assert predict(device, data.test_x, stop=stop, said=said) is None or len(said) == len(data.test_x)
        assert said
