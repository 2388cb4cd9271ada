"""Codings: each kind beside its formula, what is constant, missing or outside, and every fault's name."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ffpga import FfpgaError
from ffpga.coding.choice import CENTRES, FEW_FEATURES
from ffpga.coding.fitted import Coding
from ffpga.coding.kinds import centres_of

RANDOM = np.random.RandomState(5)
#: Accelerations beside a pressure, as a sensor has them.
SENSOR = np.stack([RANDOM.normal(0, 1, 200), RANDOM.normal(0.3, 2, 200), RANDOM.normal(101325, 40, 200)], axis=1)
NAMES = ("ax", "ay", "pressure")


def test_pixels():
    x = RANDOM.randint(0, 256, (5, 3))
    coding = Coding.fit(x, "pixels")
    assert coding.transform(x).dtype == np.uint8 and np.array_equal(coding.transform(x), x)
    assert coding.transform(np.array([[-4.0, 300.0, np.nan]])).tolist() == [[0, 255, 0]]
    assert coding.outside(np.array([[-4.0, 300.0, np.nan], [0, 255, 1]])).tolist() == [1, 1, 0]
    assert not coding.warnings and coding.input_names == ("feature 1", "feature 2", "feature 3")


def test_range():
    coding = Coding.fit(SENSOR, "range", NAMES)
    low, high = SENSOR.min(axis=0), SENSOR.max(axis=0)
    assert np.array_equal(coding.transform(SENSOR), np.rint((SENSOR - low) * 255 / (high - low)))
    assert set(coding.transform(SENSOR).min(axis=0)) == {0} and set(coding.transform(SENSOR).max(axis=0)) == {255}
    assert coding.input_names == NAMES
    assert coding.describe()[2] == f"pressure: {low[2]:.6g} to {high[2]:.6g} scaled to 0 to 255"


def test_onoff():
    """Two inputs a feature, side by side: above and below the mean."""
    coding = Coding.fit(SENSOR, "onoff", NAMES)
    z = 85 * (SENSOR - SENSOR.mean(axis=0)) / SENSOR.std(axis=0)
    coded = coding.transform(SENSOR)
    assert coded.shape == (200, 6) == (200, coding.inputs)
    assert np.array_equal(coded[:, 0::2], np.rint(np.clip(z, 0, 255)))
    assert np.array_equal(coded[:, 1::2], np.rint(np.clip(-z, 0, 255)))
    assert not (coded[:, 0::2] * coded[:, 1::2]).any()
    assert coding.input_names[4:] == ("pressure above", "pressure below")


def test_population():
    """Triangles between centres at the quantiles: at most two inputs of a feature, next to each other, sum 255."""
    coding = Coding.fit(SENSOR, "population:5", NAMES)
    centres = np.quantile(SENSOR, [0, 0.25, 0.5, 0.75, 1], axis=0).T
    coded = coding.transform(SENSOR).reshape(200, 3, 5).astype(int)
    for feature in range(3):
        for centre in range(5):
            triangle = np.interp(SENSOR[:, feature], centres[feature], np.eye(5)[centre])
            assert np.array_equal(coded[:, feature, centre], np.rint(255 * triangle))
    assert set(np.unique(coded.sum(axis=2))) <= {254, 255, 256} and ((coded > 0).sum(axis=2) <= 2).all()
    assert coding.transform(centres[:, :1].T).reshape(3, 5).tolist() == [[255, 0, 0, 0, 0]] * 3
    assert coding.input_names[10] == f"pressure near {centres[2, 0]:.6g}"


def test_centres_where_values_are_equal():
    assert centres_of(np.array([0.0] * 90 + [1, 2, 3, 4, 5, 6, 7, 8]), 5).tolist() == [0, 2, 4, 6, 8]
    assert centres_of(np.array([3.0, 1, 1, 1]), 5).tolist() == [1, 3]
    assert centres_of(np.array([]), 5).size == 0
    coding = Coding.fit(np.array([[0.0], [1], [1]]), "population:4", ["on"])
    assert coding.transform(np.array([[0], [1], [0.25]])).tolist() == [[255, 0, 0, 0], [0, 255, 0, 0], [191, 64, 0, 0]]
    assert coding.describe() == ["on: triangles between 0, 1 (no other values, so 2 inputs stay 0)"]
    assert coding.input_names == ("on near 0", "on near 1", "on unused", "on unused")


@pytest.mark.parametrize("kind", ["range", "onoff", "population:5", "population:8"])
def test_constant_missing_outside(kind):
    x = SENSOR.copy()
    x[:, 1] = 9.1  # a deviation of rounding errors
    x[3:7, 2] = np.nan
    coding = Coding.fit(x, kind, NAMES)
    k = coding.per_feature
    coded = coding.transform(x)
    assert not coded[:, k : 2 * k].any() and not coded[3:7, 2 * k :].any() and coded[:, :k].any()
    assert coding.transform(x + [[0, 5, 0]])[:, k : 2 * k].max() == 0
    constant, missing = coding.warnings
    assert constant == "constant in the training part, so coded as 0: ay; leave out what never changes"
    assert missing == "4 missing values are coded as nothing seen, all inputs 0: pressure"
    assert coding.rows()[1] == ("ay", "nothing: all 9.1 in the training part")
    assert coding.rows()[2][1].endswith("; 4 missing, coded as nothing seen")
    far = np.array([[1e9, 9.1, np.nan], [-np.inf, 9.2, 1e9]])
    assert coding.outside(far).tolist() == [2, 1, 1]
    ends = np.array([[x[:, 0].max(), 9.1, 0]])
    if kind != "onoff":
        assert np.array_equal(coding.transform(far[:1])[:, :k], coding.transform(ends)[:, :k])
    assert coding.transform(far[:1])[0, :k].max() == 255


def test_nothing_but_holes():
    x = np.array([[np.nan, 1.0], [np.nan, 2.0]])
    for kind in ("range", "onoff", "population"):
        coding = Coding.fit(x, kind)
        assert not coding.transform(np.array([[5.0, np.nan]])).any()
        assert coding.warnings[0].startswith("constant in the training part, so coded as 0: feature 1;")
        assert "no value" in coding.rows()[0][1]


@pytest.mark.parametrize(
    ("x", "kind", "why"),
    [
        (RANDOM.randint(0, 256, (20, 64)) * (RANDOM.rand(20, 64) < 0.5), "pixels", "all integers 0 to 255, .* of them"),
        (RANDOM.randint(0, 17, (20, 64)), "onoff", "64 features are more than 40"),
        (RANDOM.randint(1, 256, (20, 64)), "onoff", "64 features are more than 40"),
        (RANDOM.rand(20, FEW_FEATURES), f"population:{CENTRES}", "40 features are at most 40"),
        (RANDOM.randint(0, 256, (20, 16)), f"population:{CENTRES}", "16 features are at most 40"),
        (RANDOM.rand(20, FEW_FEATURES + 1), "onoff", "41 features are more than 40"),
        (RANDOM.rand(20, 501), "range", "501 features leave room for one input each"),
    ],
)
def test_auto(x, kind, why):
    coding = Coding.fit(x)
    assert coding.name == kind
    assert coding.inputs <= 1000 and re.search(why, str(coding))


@pytest.mark.parametrize("kind", ["auto", "pixels", "range", "onoff", "population:7"])
def test_json(kind):
    """A coding read back codes as the one that was written, to the bit."""
    x = RANDOM.randint(0, 256, (30, 4)).astype(float) if kind == "pixels" else RANDOM.normal(0, 1e-7, (30, 4)) + 1 / 3
    x[:, 1] = 7
    x[:5, 2] = np.nan
    coding = Coding.fit(x, kind, ["a", "b", "ü", "d"])
    again = Coding.from_json(coding.to_json())
    assert again == coding and hash(again) == hash(coding) and again.to_json() == coding.to_json()
    assert again.fitted.tobytes() == coding.fitted.tobytes()
    assert np.array_equal(again.transform(x), coding.transform(x)) and again.rows() == coding.rows()
    assert coding != Coding.fit(x[1:] + (kind != "pixels"), kind, ["a", "b", "ü", "d"])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "auto"}, {"kind": "wavelet"}, {"centres": "5"}, {"centres": 99}, {"names": ["a"]}, {"names": []},
        {"names": ["a", 3]}, {"fitted": [[1, 2]]}, {"fitted": [[3, 2, 1], [1, 2, 3]]}, {"low": [1]},
        {"fitted": [[None, 1, 2], [1, 2, 3]]}, {"high": [1, 1e999]}, {"missing": [-1, 0]}, {"why": 1}, {"fitted": 3},
    ],
)  # fmt: skip
def test_json_that_is_none(change):
    held = json.loads(Coding.fit(RANDOM.rand(9, 2), "population:3", ["a", "b"]).to_json())
    Coding.from_json(json.dumps(held))
    with pytest.raises(ValueError):
        Coding.from_json(json.dumps(held | change))


@pytest.mark.parametrize("text", ["[]", "3", "{}", "null", "x"])
def test_json_of_something_else(text):
    with pytest.raises(ValueError):
        Coding.from_json(text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Coding.parse("wavelet"), r"^coding must be auto, pixels, range, onoff or population\[:K\], such"),
        (lambda: Coding.parse("onoff:3"), r"^coding must be .*, not 'onoff:3'"),
        (lambda: Coding.parse("population:1"), r"^a population must have 2 to 32 centres, not 1: take population:5"),
        (lambda: Coding.fit(SENSOR[:, 0]), r"^samples must be an array \[samples, features\], not \[200\]"),
        (lambda: Coding.fit(SENSOR.astype(str)), r"^features must be numbers, not <U\d+: convert them"),
        (lambda: Coding.fit(SENSOR[:0]), r"^a coding must be fitted to samples, not to none"),
        (lambda: Coding.fit(SENSOR, "pixels", NAMES), r"^coding pixels takes numbers 0 to 255, not -\d\S* \(ax\)"),
        (lambda: Coding.fit(SENSOR, "range", ["a"]), r"^names must be one a feature, 3, not 1"),
        (lambda: Coding.fit(SENSOR / [1, 1, 0], "range"), r"^feature 3 must be finite, not inf \(sample 1\): cor"),
        (
            lambda: Coding.fit(RANDOM.rand(3, 300), "population:5"),
            r"^coding population:5 makes 1,500 inputs of 300 features, a device has at most 1000: take onoff or range",
        ),
        (lambda: Coding.fit(RANDOM.rand(3, 700), "onoff"), r"at most 1000: take range, or choose"),
        (lambda: Coding.fit(RANDOM.rand(3, 1001)), r"^features must be 1 to 1000, not 1001: choose or pool some"),
        (
            lambda: Coding.fit(SENSOR, "onoff", NAMES).transform(SENSOR[:, :2]),
            r"^coding onoff needs 3 features \(ax, ay, pressure\), not the 2 of the samples: give the columns",
        ),
        (lambda: Coding.fit(SENSOR, "onoff", NAMES).outside(SENSOR[:, :2]), r"needs 3 features"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_faults(make, message):
    with pytest.raises(FfpgaError, match=message) as error:
        make()
    assert "\n" not in str(error.value)


FINITE = st.floats(-1e30, 1e30, allow_subnormal=False) | st.just(float("nan"))


@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=FINITE), st.integers(0, 3))
def test_any_numbers(x, n):
    """Whatever the training part is, it can be coded, read back, and says the same of itself."""
    coding = Coding.fit(x, ("range", "onoff", "population:5", "auto")[n])
    coded = coding.transform(x)
    assert coded.dtype == np.uint8 and coded.shape == (len(x), coding.inputs)
    assert np.array_equal(Coding.from_json(coding.to_json()).transform(x), coded)
    assert not coding.outside(x).any() and len(coding.describe()) == x.shape[1]
    assert not coded.reshape(len(x), x.shape[1], -1)[np.isnan(x)].any()


# Few bits -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bits", [4, 2, 1])
@pytest.mark.parametrize("kind", ["pixels", "range", "onoff", "population:5"])
def test_inputs_of_few_bits_are_the_nearest_of_their_values(kind, bits):
    x = RANDOM.randint(0, 256, (20, 3)) if kind == "pixels" else SENSOR
    exact, coarse = Coding.fit(x, kind), Coding.fit(x, kind, bits=bits)
    step = 255 // (2**bits - 1)
    assert np.array_equal(coarse.transform(x), np.rint(exact.transform(x) / step) * step)
    assert len(np.unique(coarse.transform(x))) == 2**bits and exact != coarse
    assert Coding.from_json(coarse.to_json()) == coarse and Coding.from_json(coarse.to_json()).bits == bits
    assert f"inputs of {bits} bit" in str(coarse) and "bit" not in str(exact)


@pytest.mark.parametrize("bits", [0, 3, 16, True, "2"])
def test_there_are_no_other_bits(bits):
    with pytest.raises(FfpgaError, match=f"^input_bits must be 8, 4, 2 or 1, not {bits!r}$"):
        Coding.fit(SENSOR, "range", bits=bits)
    said = json.loads(Coding.fit(SENSOR, "range").to_json())
    with pytest.raises(ValueError, match="no coding"):
        Coding.from_json(json.dumps({**said, "bits": bits}))
