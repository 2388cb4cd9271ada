"""Windows of recordings: where they lie, what becomes of them, and as data sets that are split by group."""

import numpy as np
import pandas
import pytest

from ffpga import FfpgaError, load_dataset
from ffpga.data.loading import Reading, load_samples
from ffpga.data.preparation import Preparation
from ffpga.fields import Shape
from ffpga.series.spectrum import spectrum
from ffpga.series.windows import Windowing, cut, stretches, window_starts

RANDOM = np.random.RandomState(3)


def test_spectrum():
    """Each value from its formula, by a Fourier sum written out."""
    windows = RANDOM.randn(3, 2, 32)
    found = spectrum(windows)
    assert found.shape == (3, 2, 8 + 2)
    time = np.arange(32)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * time / 31)
    for n in range(3):
        for channel in range(2):
            values = windows[n, channel]
            free = values - values.mean()
            for k in range(1, 9):
                wave = np.exp(-2j * np.pi * k * time / 32)
                assert found[n, channel, k - 1] == pytest.approx(np.log(abs((free * hann * wave).sum()) + 0.05))
            assert found[n, channel, 8] == pytest.approx(values.mean())
            assert found[n, channel, 9] == pytest.approx(np.log(values.std() + 0.003))


def test_windowing():
    windows = RANDOM.randn(4, 3, 16)
    raw = Windowing(16, 8)
    assert np.array_equal(raw.of(windows), windows.reshape(4, 48)) and raw.length == 16
    assert raw.names(["ax", "ay"])[15:18] == ("ax 16", "ay 1", "ay 2")
    halved = Windowing(16, 8, "spectrum", 2.0)
    assert np.array_equal(halved.of(windows), spectrum(windows / 2).reshape(4, 18)) and halved.length == 6
    assert halved.names(["ax"]) == ("ax bin 1", "ax bin 2", "ax bin 3", "ax bin 4", "ax mean", "ax deviation")
    assert str(halved) == "spectra of 16 values, 8 apart of values / 2"


def test_windows_do_not_cross_a_change():
    label, user = np.array([0] * 10 + [1] * 9 + [0] * 4), np.array([5] * 4 + [6] * 19)
    parts = stretches(23, label, user)
    assert parts == [(0, 4), (4, 10), (10, 19), (19, 23)]
    starts = window_starts(parts, Windowing(4, 2))
    assert starts.tolist() == [0, 4, 6, 10, 12, 14, 19]
    windows = cut(np.arange(46).reshape(23, 2), starts, 4)
    assert windows.shape == (7, 2, 4) and windows[1].tolist() == [[8, 10, 12, 14], [9, 11, 13, 15]]
    assert stretches(0) == [] and stretches(1, label[:1]) == [(0, 1)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Windowing(3, 1), "^window must be 4 values or more, not 3"),
        (lambda: Windowing(8, 0), "^hop must be 1 or more, not 0: take half of the window, 4"),
        (lambda: Windowing(8, 4, "wavelet"), "^features must be raw or spectrum, not 'wavelet'"),
        (lambda: Windowing(8, 4, "raw", 0.0), "^unit must be above 0, not 0.0"),
        (
            lambda: window_starts([(0, 7), (7, 9)], Windowing(8, 4)),
            "^window must be at most 7 values, not 8: no stretch",
        ),
    ],
)
def test_faults(make, message):
    with pytest.raises(FfpgaError, match=message):
        make()


@pytest.fixture
def recording(tmp_path):
    """Two channels of five users, who rest and walk: a file, and its columns."""
    time, rows = np.arange(40), []
    for user in range(5):
        for activity, pace in (("resting", 0.0), ("walking", 0.9)):
            wave = pace * np.sin(0.8 * time + user)
            rows.append(pandas.DataFrame({"ax": wave, "ay": wave + 1, "activity": activity, "user": f"u{user}"}))
    frame = pandas.concat(rows)
    path = tmp_path / "motion.csv"
    frame.to_csv(path, index=False)
    return path, frame


@pytest.mark.parametrize("features", ["raw", "spectrum"])
def test_a_recording_as_a_data_set(features, recording):
    path, frame = recording
    reading = dict(label="activity", group="user", window=16, hop=8, features=features)
    data = load_dataset(str(path), **reading, coding="range")
    assert data.labels == ("resting", "walking") and len(data.train_x) + len(data.test_x) == 5 * 2 * 4
    length = 16 if features == "raw" else 6
    assert data.shape == Shape((length,), 2) and data.features == 2 * length
    assert len(data.test_x) == 8  # those of one user
    assert data.notes[0].startswith("40 ") and data.notes[1].startswith("of 5 groups (user) 1 are held out to test: u")
    assert data.prepared.windowing == Windowing(16, 8, features) and data.prepared.channels == ("ax", "ay")
    assert data.prepared.coding.names[length] == ("ay 1" if features == "raw" else "ay bin 1")
    again = Preparation.from_json(data.prepared.to_json())
    assert again == data.prepared
    # A later recording, without labels and with its columns in another order, is cut and coded alike.
    frame[["user", "ay", "ax"]].to_csv(path, index=False)
    later = load_samples(str(path), again, Reading(group="user"))
    assert later.labels is None and later.where(0) == "window 1, from line 2"
    assert {row.tobytes() for row in data.train_x} <= {row.tobytes() for row in later.x}


def test_onoff_inputs_lie_side_by_side(recording):
    path, _ = recording
    data = load_dataset(str(path), label="activity", group="user", window=16, coding="onoff")
    assert data.shape == Shape((32,), 2) and data.features == 64 and data.prepared.windowing.hop == 8
    assert data.prepared.coding.input_names[:3] == ("ax 1 above", "ax 1 below", "ax 2 above")


def test_arrays_of_series(tmp_path):
    """Series after series, with labels and groups for each; and windows that are cut already."""
    series, starts = RANDOM.randn(200, 3).astype(np.float32), np.array([0, 40, 80, 120, 160])
    labels, subject = np.array(["a", "b", "a", "b", "a"]), np.array([1, 1, 2, 2, 3])
    path = tmp_path / "watch.npz"
    np.savez(path, series=series, starts=starts, label=labels, subject=subject)
    reading = dict(group="subject", window=16, held_out=0.34, coding="range")
    data = load_dataset(str(path), **reading)
    assert data.labels == ("a", "b") and len(data.train_x) + len(data.test_x) == 5 * 4
    cut_already = cut(series, window_starts([(n, n + 40) for n in starts], Windowing(16, 8)), 16)
    np.savez(path, windows=cut_already, label=np.repeat(labels, 4), subject=np.repeat(subject, 4))
    same = load_dataset(str(path), features="raw", group="subject", held_out=0.34, coding="range")
    assert np.array_equal(same.train_x, data.train_x) and np.array_equal(same.test_y, data.test_y)
    assert same.shape == data.shape == Shape((16,), 3)


def test_windows_with_holes(tmp_path):
    rows = pandas.DataFrame({"x": RANDOM.randn(80), "label": np.repeat(["a", "b"], 40)})
    rows.loc[[3, 50], "x"] = np.nan
    rows.to_csv(tmp_path / "a.csv", index=False)
    data = load_dataset(str(tmp_path / "a.csv"), window=8, hop=8)
    assert data.notes[:2] == ("2 of 10 windows have missing values and were left out", "8 windows of 8 values, 8 apart")


SERIES = {"series": np.zeros((20, 2)), "starts": [0, 10], "label": ["a", "b"]}


@pytest.mark.parametrize(
    ("arrays", "reading", "message"),
    [
        (SERIES, {}, "a recording of 2 series: add --window"),
        (SERIES | {"starts": [0, 30]}, {}, "starts must be ascending first rows"),
        (SERIES | {"starts": [5, 9]}, {}, "starts must be ascending first rows"),
        (SERIES, {"window": 11}, "at most 10 values, not 11"),
        (SERIES | {"label": ["a"]}, {"window": 5}, r"one a sample, \[20\], not \[1\]"),
        ({"windows": np.zeros((4, 2, 8)), "label": list("abab")}, {"window": 9}, "has windows of 8 values, not 9"),
        ({"x": np.zeros((4, 2)), "y": list("abab")}, {"group": "user"}, "group must be an array, x, y, not 'user'"),
        (
            {"train_x": np.ones((9, 2)), "train_y": [1] * 9, "test_x": np.ones((9, 2)), "test_y": [1] * 9},
            {"window": 4},
            "has a test part of its own, which cannot be cut into windows",
        ),
        (SERIES | {"series": np.full((20, 2), np.nan)}, {"window": 5}, "has a missing value"),
    ],
)  # fmt: skip
def test_array_faults(arrays, reading, message, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(FfpgaError, match=message) as error:
        load_dataset(str(tmp_path / "a.npz"), **reading)
    assert "\n" not in str(error.value)


def test_other_windows_than_the_checkpoints(recording):
    path, _ = recording
    reading = dict(label="activity", group="user", window=16)
    prepared = load_dataset(str(path), **reading).prepared
    with pytest.raises(
        FfpgaError, match=r"^windows must be as the checkpoint's, windows of 16 values, 8 apart, not wind"
    ):
        load_dataset(str(path), prepared=prepared, label="activity", group="user", window=8)
    with pytest.raises(FfpgaError, match=r"^coding must be population:5, as the checkpoint's, not onoff: leave it out"):
        load_dataset(str(path), prepared=prepared, label="activity", group="user", coding="onoff")
