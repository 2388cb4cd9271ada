"""The classifier as scikit-learn's users have it."""

import pickle
import subprocess
import sys

import numpy as np
import pandas
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import ffpga
from ffpga import Dataset, FfpgaError, ForwardForwardClassifier
from ffpga.estimators.refusal import Refused
from ffpga_golden import GoldenDevice


@parametrize_with_checks([ForwardForwardClassifier(layers=(16,), epochs=4)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def sensors(samples: int = 120, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Three states of a machine, in columns of very different scales."""
    random = np.random.RandomState(seed)
    y = np.array(["idle", "run", "stop"])[np.arange(samples) % 3]
    centres = np.random.RandomState(1).randn(3, 5)
    x = centres[np.arange(samples) % 3] + 0.3 * random.randn(samples, 5)
    return x * [1, 1, 0.01, 2000, 1] + [0, 0, 0, 101_325, 0], y


def small(**said: object) -> ForwardForwardClassifier:
    return ForwardForwardClassifier(**{"layers": (16, 16), "epochs": 10, **said})


def test_it_is_what_train_does():
    """The same weights as `ffpga.train` on the same coded samples, and the same answers."""
    x, y = sensors()
    fitted = small(seed=4).fit(x, y)
    coding = fitted.coding_
    assert coding.name == "population:5" and fitted.classes_.tolist() == ["idle", "run", "stop"]
    coded, numbers = coding.transform(x), np.searchsorted(fitted.classes_, y)
    data = Dataset("sensors", coded, numbers, coded, numbers, 3, "")
    config = ffpga.NetworkConfig(features=25, classes=3, layers=(16, 16), lanes=8)
    device = ffpga.open("golden", config)
    result = ffpga.train(device, data, epochs=10, seed=4)
    held = fitted.checkpoint()
    assert all(np.array_equal(one, other) for one, other in zip(held.weights, result.weights, strict=True))
    assert fitted.score(x, y) == result.accuracy > 0.9
    assert held.prepared is not None and held.prepared.labels == ("idle", "run", "stop")


def test_goodness_probabilities_and_answers_agree():
    x, y = sensors()
    fitted = small(epochs=2).fit(x, y)
    goodness, said = fitted.goodness(x), fitted.predict(x)
    assert goodness.shape == (120, 3) and np.isfinite(goodness).all()
    assert np.array_equal(fitted.classes_[goodness.argmax(axis=1)], said)
    probabilities = fitted.predict_proba(x)
    assert np.array_equal(np.argsort(probabilities), np.argsort(goodness))
    two = y != "stop"
    pair = small(epochs=2).fit(x[two], y[two])
    assert np.array_equal(pair.decision_function(x) > 0, pair.predict(x) == "run")


def test_learning_on():
    """The chip goes on from what it is, with its coding; a stream in pieces is a stream in one."""
    x, y = sensors()
    whole = small().partial_fit(x, y, classes=["idle", "run", "stop"])
    parts = small().partial_fit(x, y, classes=["idle", "run", "stop"])
    more, labels = sensors(60, seed=8)
    coding = whole.coding_
    whole.partial_fit(more, labels)
    for n in range(0, 60, 20):
        parts.partial_fit(more[n : n + 20], labels[n : n + 20])
    assert np.array_equal(whole.goodness(x), parts.goodness(x)) and whole.coding_ is coding
    fitted = small().fit(x, y)
    before = fitted.checkpoint()
    fitted.partial_fit(more[:1], labels[:1])
    after = fitted.checkpoint()
    assert after.registers["learning_rate"] == 16 and before.config == after.config
    moved = 2 * x.mean(axis=0) - x  # the sensors were turned
    first = fitted.score(moved, y)
    for _ in range(3):
        fitted.partial_fit(moved, y)
    assert fitted.score(moved, y) > first + 0.1


def test_pipeline_search_copies_and_pickles():
    x, y = sensors()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), small(epochs=3)),
        {"forwardforwardclassifier__coding": ["onoff", "population:3"], "forwardforwardclassifier__epochs": [1, 3]},
        cv=2,
    ).fit(x, y)
    assert search.best_score_ > 0.8 and len(search.cv_results_["params"]) == 4
    fitted = search.best_estimator_[-1]
    scaled = search.best_estimator_[0].transform(x)
    other = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(other.goodness(scaled), fitted.goodness(scaled))
    for each in (other, fitted):
        each.partial_fit(scaled[:30], y[:30])
    assert np.array_equal(other.goodness(scaled), fitted.goodness(scaled))
    fitted.close()
    assert np.array_equal(other.predict(scaled), fitted.predict(scaled))
    assert not hasattr(clone(fitted), "classes_")


def test_names_and_missing_values():
    x, y = sensors()
    table = pandas.DataFrame(x, columns=["ax", "ay", "az", "pressure", "t"])
    table.loc[3, "pressure"] = np.nan
    fitted = small(epochs=1).fit(table, y)
    assert fitted.feature_names_in_[3] == "pressure" == fitted.coding_.names[3] and fitted.n_features_in_ == 5
    assert fitted.coding_.missing[3] == 1
    pixels = small(epochs=1).fit((255 * np.random.RandomState(0).rand(40, 16)).astype(np.uint8), y[:40])
    assert pixels.coding_.name == "pixels"


def test_fields():
    """Windows over sequences, in the order of the features that they need."""
    x, y = sensors()
    long = np.repeat(x, 4, axis=1)
    fitted = small(fields="4,2,1", shape="5:4", coding="range", layers=(32, 16))
    with pytest.raises(Refused, match="a window must be 1 to 1 tiles"):
        fitted.fit(long, y)
    fitted.set_params(shape=20).fit(long, y)
    config = fitted.checkpoint().config
    assert (config.blocks(0), config.seen(0)) == (4, 8)
    assert fitted.score(long, y) > 0.8


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"layers": (65,)}, "lanes must divide every layer width, not 8 into 65: take 72"),
        ({"coding": "wavelet"}, "coding must be auto"),
        ({"shape": "5:4", "fields": "1,1,1"}, "shape 5:4 has 20 features, the samples 5"),
        ({"target": "board"}, "board"),
        ({"epochs": 0}, "epochs must be 1 to"),
        ({"negatives": "replay"}, "negatives must be hard, own or random, not 'replay'"),
        ({"fields": "4,2,1"}, "fields need to know how 5 features lie"),
    ],
)
def test_bad_parameters(said, message):
    x, y = sensors()
    with pytest.raises(Refused, match=message) as caught:
        small(**said).fit(x, y)
    assert isinstance(caught.value, FfpgaError) and isinstance(caught.value, ValueError)


def test_bad_labels():
    x, y = sensors()
    with pytest.raises(Refused, match=r"^y must have 2 to 32 classes, not one class, 'idle'"):
        small().fit(x, np.full(120, "idle"))
    with pytest.raises(Refused, match=r"^y must have 2 to 32 classes, not 40 \(0, 1, .*\): put some"):
        small().fit(x, np.arange(120) % 40)
    with pytest.raises(Refused, match=r"^classes must be announced at the first partial_fit"):
        small().partial_fit(x, y)
    with pytest.raises(Refused, match=r"^label must be one of the classes .*\(idle, run\), not 'stop': fit again"):
        small().partial_fit(x, y, classes=["idle", "run"])
    fitted = small(epochs=1).fit(x, y)
    before = fitted.goodness(x)
    with pytest.raises(Refused, match=r"^label must be one of .*not 'fly'"):
        fitted.partial_fit(x[:2], ["idle", "fly"])
    with pytest.raises(Refused, match=r"^classes must stay those of the first call"):
        fitted.partial_fit(x[:1], y[:1], classes=["idle", "fly"])
    assert np.array_equal(before, fitted.goodness(x))
    with pytest.raises(Refused, match=r"^features must not all be equal, not 7 in each of n_samples=120"):
        small().fit(np.full((120, 2), 7.0), y)


def test_a_board_of_other_sizes(monkeypatch):
    """It says how many inputs the coding needs, and what the board has."""
    board = ffpga.NetworkConfig(features=10, classes=3, layers=(16, 16), lanes=8)
    monkeypatch.setattr(
        "ffpga.estimators.chip.open_device",
        lambda target, config, order: ffpga.Device(GoldenDevice(board), config, order=order),
    )
    x, y = sensors()
    message = r"^coding population:5 needs a device of 25 inputs for 5 features: the device holds \(10-16-16"
    with pytest.raises(Refused, match=message):
        small(target="serial:there").fit(x, y)
    assert small(target="serial:there", coding="onoff", epochs=5).fit(x, y).score(x, y) > 0.8


def test_import_is_quick():
    code = (
        "import sys, ffpga; print('sklearn' in sys.modules, ffpga.ForwardForwardClassifier, 'sklearn' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    words = found.stdout.split()
    assert words[0] == "False" and words[-1] == "True"
    with pytest.raises(AttributeError, match="ForwardForwardRegressor"):
        _ = ffpga.ForwardForwardRegressor
