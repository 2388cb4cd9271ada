"""The vectorised arithmetic against the formulas written out in Python integers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffpga_golden import NetworkConfig
from ffpga_golden import arithmetic as a
from ffpga_golden.dither import ROTATE, Generator, field_bits, rotate, step, step_back

U8 = st.integers(0, 255)
ACTIVITY = st.integers(0, 4095)


@given(st.integers(-(2**22), 2**22), st.sampled_from([5, 8]))
def test_activity(z, shift):
    expected = min(4095, (max(z, 0) + (1 << shift - 1)) >> shift)
    assert a.activity(np.array([z], np.float32), shift)[0] == expected


@given(st.integers(-(2**30), 2**30), st.sampled_from([11, 14]))
def test_activity_of_16_bit_weights(z, shift):
    expected = min(4095, (max(z, 0) + (1 << shift - 1)) >> shift)
    assert a.activity(np.array([z], np.float64), shift)[0] == expected


@given(U8, st.integers(-4095, 4095))
def test_local_error(c, d):
    assert a.local_error(c, np.array([d], np.float32))[0] == (c * d + 16) >> 5


@given(U8, st.integers(-32633, 32633), st.integers(8, 23), st.data())
def test_change_is_exact(x, g, u, data):
    dither = data.draw(st.integers(0, (1 << u) - 1))
    got = a.change(np.array([x], np.float32), np.array([g], np.float32), np.array([[dither]], np.float32), u)
    assert got[0, 0] == (x * g + dither) >> u


@given(st.integers(-(2**35), 2**35), st.integers(0, 31), U8)
def test_probability(margin, k, gate):
    d = min(127, max(-128, margin >> k))
    c = math.floor(255 / (1 + math.exp(d / 16)) + 0.5)
    assert a.probability(margin, k, gate) == (c if c >= gate else 0)


@given(st.lists(ACTIVITY, min_size=1, max_size=64))
def test_normalise_against_float(ys):
    """Within the table's precision: 7 leading bits and an 8-bit factor, 3 % together, and half a unit of rounding."""
    y = np.array(ys, np.float32)
    total = int(a.sum_of_squares(y))
    got = a.normalise(y, total)
    if total == 0:
        assert not got.any()
        return
    exact = np.minimum(255, y * 32 * np.sqrt(len(ys) / total))
    assert np.all(np.abs(got - exact) <= 0.03 * exact + 0.51)
    assert np.all((got >= 0) & (got <= 255))


@given(st.one_of(st.integers(1, 300), st.integers(1, 2**36)))
def test_leading_bits(total):
    """G = f 4^q with 1 <= f < 4; the index is f in units of 1/32, cut off."""
    index, q = a.leading(total)
    assert 4**q <= total < 4 ** (q + 1)
    assert index == total * 32 // 4**q


def test_normaliser_table_is_a_mantissa():
    for width in (1, 2, 3, 8, 100, 128, 1024):
        index = np.arange(32, 128)
        m = a.norm_table(width)[index]
        assert m.min() >= 64
        assert a.norm_offset(width) >= 0


def test_saturation_is_symmetric():
    assert a.saturate(np.array([-500.0, -127, 0, 127, 500]), 127).tolist() == [-127, -127, 0, 127, 127]


@pytest.mark.parametrize("seed", [1, 0xDEADBEEF])
def test_generator_blocks_equal_single_steps(seed):
    s, states = seed | 1, []
    for _ in range(9000):
        s = step(s)
        states.append(s)
    generator = Generator(seed)
    got = np.concatenate([generator.states(n) for n in (1, 4096, 3, 4900)])
    assert got.tolist() == states
    assert generator.state == states[-1]


@given(st.integers(0, 2**32 - 1))
def test_the_generator_goes_back(s):
    assert step_back(step(s)) == s and step(step_back(s)) == s


@pytest.mark.parametrize("width", [3, 32, 40, 128])
@pytest.mark.parametrize("u", [8, 15, 16, 17, 23])
def test_dither_field(width, u):
    got = Generator(99).dither(5, width, u)
    s = 99
    for row in range(5):
        s = step(s)
        for j in range(width):
            p = field_bits(u)
            assert got[row, j] == (rotate(s, ROTATE * j) & (1 << p) - 1) >> (p - u)


def test_dither_is_uniform():
    """Mean and spread of 2^17 draws lie within six standard errors of a uniform distribution's."""
    draws = Generator(5).dither(4096, 32, 12) / 4096
    assert abs(draws.mean() - 0.5) < 6 * math.sqrt(1 / 12 / draws.size)
    assert abs(draws.var() - 1 / 12) < 6 * math.sqrt(1 / 180 / draws.size)


@pytest.mark.parametrize(("inputs", "exact"), [(516, np.float32), (517, np.float64)])
def test_float32_is_taken_as_long_as_it_is_exact(inputs, exact):
    """The largest sum, of the inputs, a label and the bias, must stay below 2^24."""
    x = np.full(inputs, 255.0, np.float32)
    assert ((inputs + 2) * 255 * 127 < 1 << 24) == (exact is np.float32)
    assert a.exact_dtype(NetworkConfig(features=1000, layers=(8,)), x) is exact
    assert a.exact_dtype(NetworkConfig(features=1000, layers=(8,), weight_bits=16), x[:1]) is np.float64


def test_preactivation_is_exact_where_float32_would_not_be():
    config = NetworkConfig(features=1000, layers=(8,))
    x = np.full(1000, 255.0, np.float32)
    w = np.full((1000, 8), 127.0)
    exact = a.exact_dtype(config, x)
    assert a.preactivation(x.astype(exact), w.astype(exact))[0] == 1000 * 255 * 127


def test_the_normalisers_shift_of_every_width():
    """32 sqrt(width) = h 2^a with 1 <= h < 2: a is that of integers, also next to a power of two."""
    for width in range(1, 1025):
        assert a.norm_offset(width) == 10 - ((1024 * width).bit_length() - 1) // 2, width
