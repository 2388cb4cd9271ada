"""The record of a run: what the answers to the steps say, summed up; and what the host calculates itself."""

import json
from dataclasses import asdict

import numpy as np
import pytest

import ffpga
from ffpga import Checkpoint, Device, FfpgaError, NetworkConfig, TrainingOptions
from ffpga.record.answers import BINS, bin_edges, decode, goodness_bins
from ffpga.record.beliefs import label_goodness, shortlist_goodness
from ffpga.record.gathering import RunRecord, weight_histogram
from ffpga.record.provenance import described
from ffpga.record.stored import load_run
from ffpga.training.work import epoch_work
from ffpga_golden import GoldenDevice, initial_weights

WAYS = [
    {},
    {"objective": "threshold"},
    {"objective": "threshold", "phases": "separate", "block": 7},
    {"objective": "threshold", "phases": "separate", "polarity": "minus", "negatives": "random"},
    {"negatives": "host", "gate": 40, "polarity": "minus"},
]


def stepped(device, data, options):
    """An epoch by hand: its works, their answers, and their answers' payloads."""
    options.apply(device)
    device.write_weights(initial_weights(device.config, options.seed))
    works = list(epoch_work(options, data, 0))
    payloads = []
    for work in works:
        work.submit(device, data, raw=payloads.append)
    device.flush()
    return works, [ffpga.StepResult.unpack(payload) for payload in payloads], payloads


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_answers_are_decoded_as_the_driver_unpacks_them(device, data, options):
    """Phase by phase and layer by layer, in the order that `StepResult` states."""
    chosen = TrainingOptions(**options)
    _, answers, payloads = stepped(device, data, chosen)
    found, depth = decode(payloads, device.config, chosen), device.config.depth
    phases = 2 if chosen.phases == "paired" else 1
    assert found.squares.shape == found.probabilities.shape == (len(answers), phases, depth)
    for n, answer in enumerate(answers):
        for phase in range(phases):
            for layer in range(depth):
                contrast = chosen.objective == "contrast"
                entry = 2 * layer + phase if contrast else depth * phase + layer
                assert found.squares[n, phase, layer] == answer.squares[entry]
                assert found.probabilities[n, phase, layer] == answer.probabilities[entry]


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_slices_sum_up_every_step(config, data, options):
    """Counted again, one answer at a time."""
    chosen = TrainingOptions(**options)
    works, answers, _ = stepped(Device(GoldenDevice(config)), data, chosen)
    device = Device(GoldenDevice(config))
    record = RunRecord(device, data, TrainingOptions(**options, epochs=1))
    ffpga.train(device, data, record=record, epochs=1, **options)
    sign = -1 if chosen.polarity == "minus" else 1
    values, depth = chosen.registers(config), config.depth
    counts, skipped, right = np.zeros((depth, 2, BINS), int), [0] * depth, [0] * depth
    for work, answer in zip(works, answers, strict=True):
        for layer in range(depth):
            if work.negative is None:
                places = (2 * layer, 2 * layer + 1) if chosen.objective == "contrast" else (layer, depth + layer)
                both = [answer.squares[place] for place in places]
                counts[layer, [0, 1], goodness_bins(np.array(both))] += 1
                right[layer] += sign * both[0] > sign * both[1]
                zero = [answer.probabilities[place] == 0 for place in places]
                skipped[layer] += zero[0] if chosen.objective == "contrast" else sum(zero)
            else:
                square = answer.squares[layer]
                counts[layer, int(work.negative), goodness_bins(np.array([square]))] += 1
                right[layer] += (sign * square > sign * values[f"threshold{layer}"]) != work.negative
                skipped[layer] += answer.probabilities[layer] == 0
    assert len(record.slices) > 1
    assert np.array_equal(sum(part.goodness.astype(int) for part in record.slices), counts)
    assert sum(part.skipped.astype(int) for part in record.slices).tolist() == skipped
    assert sum(part.right.astype(int) for part in record.slices).tolist() == right
    assert sum(part.steps for part in record.slices) == len(works)


def test_the_counters_tell_the_same(device, data):
    options = TrainingOptions(epochs=3)
    record = RunRecord(device, data, options)
    result = ffpga.train(device, data, record=record, epochs=3)
    assert sum(int(part.skipped.sum()) for part in record.slices) == result.total("updates_skipped")
    whole = result.total("updates") + result.total("updates_skipped")
    assert sum(int(part.updates.sum()) for part in record.slices) == whole
    assert record.accuracies == [epoch.accuracy for epoch in result.epochs]
    assert record.ends[-1] == 3 and record.ends == sorted(record.ends)


def test_a_long_run_keeps_some_of_its_epochs(device, data, monkeypatch):
    monkeypatch.setattr("ffpga.record.gathering.MOMENTS_AT_MOST", 3)
    monkeypatch.setattr("ffpga.record.gathering.MOMENTS", 8)
    record = RunRecord(device, data, TrainingOptions(epochs=8))
    ffpga.train(device, data, record=record, epochs=8)
    assert record.ends == [1, 4, 7] and len(record.accuracies) == len(record.saturated) == 8


def test_bins_and_edges_agree():
    edges = bin_edges()
    assert len(edges) == BINS + 1 and edges[0] == 0
    squares = np.array([0, 1, 2, 5, 1000, 4096 * 64, 2**34 - 1])
    bins = goodness_bins(squares)
    assert np.all((edges[bins] <= squares * (1 + 1e-12)) & (squares < edges[bins + 1] * (1 + 1e-12)))
    assert goodness_bins(np.array([2**40]))[0] == BINS - 1


@pytest.mark.parametrize(("bits", "most"), [(8, 127), (16, 8191)])
def test_weights_at_a_limit_have_bins_of_their_own(bits, most):
    config = NetworkConfig(features=3, classes=2, layers=(4,), lanes=4, weight_bits=bits)
    weights = np.array([[-most, most, most - 1, 0, 1 - most, 5]])
    counts = weight_histogram(config, weights)
    assert counts.sum() == 6 and counts[0] == 1 and counts[-1] == 1
    assert counts[127] == (1 if bits == 8 else 2)  # 5 of 16-bit weights is below a 64th


SIZES = [{}, {"weight_bits": 16}, {"black_box": True}, {"layers": (16,)}, {"recurrent": True}]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_hosts_goodness_is_the_devices(config, data, sizes):
    """With every label on the shortlist, the best sum and its label are what the device answers."""
    config = NetworkConfig(**{**asdict(config), **sizes})
    device = Device(GoldenDevice(config))
    ffpga.train(device, data, epochs=2, shortlist=3, **({"table": "staircase"} if config.black_box else {}))
    found = label_goodness(Checkpoint.of(device, 2), data.test_x).sum(axis=2)
    for sample, sums in zip(data.test_x, found, strict=True):
        device.load_sample(sample)
        assert device.infer() == (int(np.argmax(sums)), int(sums.max()))


@pytest.mark.parametrize("sizes", [{}, {"recurrent": True}], ids=str)
def test_a_shortlist_of_one_is_the_hosts(config, data, sizes):
    device = Device(GoldenDevice(NetworkConfig(**{**asdict(config), **sizes})))
    ffpga.train(device, data, epochs=2, shortlist=1)
    held = Checkpoint.of(device, 2)
    found = shortlist_goodness(held, data.test_x, label_goodness(held, data.test_x))
    for sample, goodness in zip(data.test_x, found, strict=True):
        device.load_sample(sample)
        assert device.infer() == (int(np.argmax(goodness)), int(goodness.max()))


def saved(folder, device, data, **options):
    chosen = TrainingOptions(**options)
    record = RunRecord(device, data, chosen)
    result = ffpga.train(device, data, record=record, **options)
    record.save(folder, {**described(device.config, data, chosen), **result.as_dict()})
    return record, result


def test_a_record_is_read_again(device, data, tmp_path):
    record, result = saved(tmp_path / "run", device, data, epochs=2, rate=19)
    run = load_run(tmp_path / "run")
    assert run.name == "run" and run.config == device.config and not run.images
    assert run.figures["weights_sha256"] == result.as_dict()["weights_sha256"]
    assert np.array_equal(run.arrays["predictions"], record.predictions)
    wrong = np.flatnonzero(record.predictions != data.test_y)
    assert len(wrong) > 0 and set(run.arrays["mistakes"]) <= set(wrong)
    margins = run.arrays["mistakes_margin"]
    assert np.all(np.diff(margins) <= 0)
    assert np.array_equal(run.arrays["mistakes_x"], data.test_x[run.arrays["mistakes"]])


def test_faults(device, data, tmp_path):
    with pytest.raises(FfpgaError, match=r"has no run\.json: name a folder that `ffpga train` has left"):
        load_run(tmp_path)
    saved(tmp_path, device, data, epochs=1)
    figures = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**figures, "format": 0}))
    with pytest.raises(FfpgaError, match="must be of format 1, not 0: train again"):
        load_run(tmp_path)
    for shape, message in (
        ("wide", "^shape must be HxW"),
        ("6x6", "^shape 6x6 has 36 features, the network 37"),
        (37, r"has no whole record \("),
    ):
        (tmp_path / "run.json").write_text(json.dumps({**figures, "shape": shape}))
        with pytest.raises(FfpgaError, match=message):
            load_run(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(figures))
    (tmp_path / "run.npz").write_bytes(b"no archive")
    with pytest.raises(FfpgaError, match=r"has no whole record \(.*\): train again"):
        load_run(tmp_path)


@pytest.mark.parametrize("options", [{}, {"shortlist": 1}, {"shortlist": 3, "polarity": "minus"}], ids=str)
def test_the_margins_are_of_what_decided(config, data, options):
    """A true label that was on the shortlist lost by something, and the answer was always on it."""
    device = Device(GoldenDevice(config))
    record = RunRecord(device, data, TrainingOptions(epochs=1, rate=19, **options))
    ffpga.train(device, data, record=record, epochs=1, rate=19, **options)
    found = record._mistakes()
    assert len(found["mistakes"]) > 3
    assert np.all(found["mistakes_margin"][found["mistakes_listed"]] >= 0)
    if options.get("shortlist") == 3:
        assert found["mistakes_listed"].all()
    elif options:
        assert not found["mistakes_listed"].any()
