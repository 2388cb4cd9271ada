"""The detector of what is not normal: scikit-learn's checks, mixtures, thresholds."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import parametrize_with_checks

import ffpga
from ffpga import FfpgaError, ForwardForwardDetector
from ffpga.estimators.refusal import Refused
from ffpga.training.normal import alarm_threshold, familiarity, follow, learn_normal, mixtures
from ffpga.training.options import TrainingOptions


@parametrize_with_checks([ForwardForwardDetector(layers=(16,), epochs=4)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_mixtures():
    """A column is the sample's own or another's, whole, one time in two; the others are of samples of their own."""
    x = np.repeat(np.arange(100, dtype=np.uint8)[:, None], 12, axis=1)
    mixed = mixtures(x, x + np.uint8(100), 4, np.random.RandomState(1)).reshape(100, 4, 3)
    assert (mixed == mixed[:, :, :1]).all()
    columns = mixed[:, :, 0]
    taken = columns != np.arange(100)[:, None]
    assert 0.4 < taken.mean() < 0.6 and (columns[taken] >= 100).all() and 0.4 < taken[:, 0].mean() < 0.6
    two = [set(row[row >= 100].tolist()) for row in columns if (row >= 100).sum() > 1]
    assert all(len(found) > 1 for found in two[:5])


def rings(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of a ring, whose single values are no stranger than those of a cross inside of it."""
    random = np.random.RandomState(seed)
    turn = random.rand(samples) * 2 * np.pi
    normal = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (1 + 0.05 * random.randn(samples, 1))
    return normal, random.uniform(-1, 1, (samples, 2)) * 0.5


def test_what_does_not_come_together_is_strange():
    normal, _ = rings(400, 1)
    others, strange = rings(100, 2)
    fitted = ForwardForwardDetector(layers=(32, 16), epochs=15, false_alarms=0.1).fit(normal)
    scores = fitted.score_samples(np.concatenate([others, strange]))
    assert fitted.coding_.name == "population:8"
    assert roc_auc_score(np.arange(200) < 100, scores) > 0.9
    assert np.mean(fitted.predict(others) < 0) < 0.2 < 0.7 < np.mean(fitted.predict(strange) < 0)
    assert np.array_equal(fitted.decision_function(others), fitted.score_samples(others) - fitted.offset_)
    before = fitted.score_samples(strange).mean()
    for _ in range(10):
        fitted.partial_fit(strange)
    assert fitted.score_samples(strange).mean() > before
    assert ForwardForwardDetector(layers=(16,), epochs=1).partial_fit(normal).n_features_in_ == 2


def test_thresholds():
    goodness = np.arange(100.0)
    assert alarm_threshold(goodness, 0.05) == 4 and (goodness < 4).mean() <= 0.05
    assert alarm_threshold(goodness, 0) == 0
    normal, _ = rings(300, 1)
    fitted = ForwardForwardDetector(layers=(16,), epochs=2, contamination=0.1).fit(normal)
    assert 25 < np.sum(fitted.predict(normal) < 0) <= 30  # but for equal goodness 30


def test_wide_samples_get_fewer_centres():
    x = np.random.RandomState(0).rand(20, 300)
    assert ForwardForwardDetector(layers=(16,), epochs=1).fit(x).coding_.name == "population:3"
    with pytest.raises(Refused, match=r"^features must be at most 500 for a population of two centres each, not 501"):
        ForwardForwardDetector(layers=(16,)).fit(np.ones((3, 501)))


@pytest.mark.parametrize("name", ["false_alarms", "held_out", "contamination"])
def test_bad_shares(name):
    for value in (-0.1, 1.5, "many"):
        with pytest.raises(Refused, match=f"^{name} must be a share, .*, not {value!r}"):
            ForwardForwardDetector(**{name: value}).fit(rings(20, 0)[0])


def test_a_device_with_labels_is_refused():
    device = ffpga.open("golden", ffpga.NetworkConfig(features=4, classes=2, layers=(8,)))
    with pytest.raises(FfpgaError, match=r"^learning what is normal needs a device of 0 classes, not 2"):
        learn_normal(device, np.zeros((3, 4), np.uint8), 2, TrainingOptions(negatives="host"))


def test_runs_are_what_commands_do(monkeypatch):
    """A golden device in this process takes its pairs at once: weights, goodness, counters as one by one."""
    random = np.random.RandomState(3)
    x = random.randint(0, 256, (300, 6)).astype(np.uint8)
    found = []
    for runs in (True, False):
        if not runs:
            monkeypatch.setattr("ffpga.training.normal.unlabelled_runs_of", lambda device: None)
        config = ffpga.NetworkConfig(features=6, classes=0, layers=(8, 8))
        device = ffpga.open("golden", config, order=np.arange(6)[::-1])
        learn_normal(device, x, 3, TrainingOptions(objective="threshold", negatives="host", epochs=2))
        goodness = familiarity(device, x[:20])
        found.append((device.read_weights(), goodness, device.counters(), device.read_register("seed"), device.infer()))
    (weights, goodness, *rest), (others, same, *as_well) = found
    assert all(np.array_equal(one, other) for one, other in zip(weights, others, strict=True))
    assert np.array_equal(goodness, same) and rest == as_well


def test_progress_and_goodness():
    """Goodness is the sum of squares of all layers, in units of an activity of 1."""
    device = ffpga.open("golden", ffpga.NetworkConfig(features=4, classes=0, layers=(8,)))
    x = np.random.RandomState(0).randint(0, 256, (5, 4)).astype(np.uint8)
    seen: list[tuple[str, int, int]] = []
    follow(device, x, x, "stream", lambda *said: seen.append(said))
    assert seen == [("stream", 5, 5)]
    device.load_sample(x[2])
    assert familiarity(device, x)[2] == device.infer()[1] / (4096 * 8)
