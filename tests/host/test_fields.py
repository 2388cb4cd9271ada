"""Windows over images and sequences: what they see, in which order, and the weights on the features as they come."""

import re
import textwrap
from math import prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ffpga import FfpgaError, NetworkConfig, fields
from ffpga.fields import (
    Shape,
    by_feature,
    by_row,
    check_order,
    order_of,
    parse_windows,
    same_order,
    tile_order,
    windows,
    windows_of,
)
from ffpga_golden import Fields, initial_weights


@st.composite
def some_windows(draw):
    """Any windows over an image or a sequence, of one or several channels."""
    axes = draw(st.integers(1, 2))
    tile, window, stride = draw(st.sampled_from([1, 2, 4])), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    stride = min(stride, window)
    sizes = tuple(tile * (window + stride * draw(st.integers(0, 3 if axes == 1 else 2))) for _ in range(axes))
    return windows(Shape(sizes, draw(st.integers(1, 3))), tile, window, stride)


def place(shape: Shape, feature: int) -> tuple[int, ...]:
    """Where a feature is, counted by hand: channel, then row and column or place."""
    channel, rest = divmod(feature, prod(shape.sizes))
    return (channel, rest) if len(shape.sizes) == 1 else (channel, *divmod(rest, shape.sizes[1]))


@given(some_windows())
@settings(max_examples=60, deadline=None)
def test_a_block_sees_its_window_and_nothing_else(found):
    shape, edge, seen = found.shape, found.tile * found.window, set()
    assert sorted(found.order) == list(range(shape.features))
    assert len(found.positions) == len(found.fields.blocks) == len(set(found.positions))
    for block, corner in enumerate(found.positions):
        inside = {
            feature
            for feature in range(shape.features)
            if all(at <= one < at + edge for at, one in zip(corner, place(shape, feature)[1:], strict=True))
        }
        inputs = found.inputs(block).tolist()
        assert len(inputs) == found.fields.seen == len(inside) and set(inputs) == inside
        seen |= inside
    assert seen == set(range(shape.features))
    assert parse_windows(f"{found.tile},{found.window},{found.stride}", Shape.parse(str(shape))) == found


@given(some_windows(), st.integers(0, 2), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_weights_there_and_back(found, classes, seed):
    width = 2 * len(found.positions)
    classes += classes == 1
    if found.shape.features > 1000 or width > 1024:
        return
    config = NetworkConfig(
        features=found.shape.features, classes=classes, layers=(width,), lanes=2, fields=(found.fields,)
    )
    (weights,) = initial_weights(config, seed)
    spread = by_feature(config, weights, found.order)
    assert spread.shape == (found.shape.features + classes + 1, width)
    assert np.array_equal(by_row(config, spread, found.order), weights)
    # What a neuron adds up is the same on either side.
    x = np.random.RandomState(seed).randint(0, 256, found.shape.features)
    inputs = x[found.order]
    for neuron in (0, width - 1):
        rows = found.fields.inputs(neuron // 2)
        assert inputs[rows] @ weights[: len(rows), neuron] == x @ spread[: len(x), neuron].astype(np.int64)
    assert np.count_nonzero(spread[: len(x)]) == np.count_nonzero(weights[: config.seen(0)])


def test_weights_of_a_fully_connected_layer():
    config = NetworkConfig(features=6, classes=2, layers=(4,), lanes=2)
    (weights,) = initial_weights(config, 1)
    assert np.array_equal(by_feature(config, weights), weights)
    order = np.array([5, 3, 1, 0, 2, 4])
    spread = by_feature(config, weights, order)
    assert np.array_equal(spread[order], weights[:6]) and np.array_equal(spread[6:], weights[6:])
    assert np.array_equal(by_row(config, spread, order), weights)


def test_mnist():
    found = windows("28x28", 4, 3, 1)
    assert (len(found.positions), found.positions[6], found.fields.tile, found.fields.seen) == (25, (4, 4), 16, 144)
    assert found.fields.blocks[6] == (8, 9, 10, 15, 16, 17, 22, 23, 24)
    assert found.inputs(6)[:5].tolist() == [4 * 28 + 4, 4 * 28 + 5, 4 * 28 + 6, 4 * 28 + 7, 5 * 28 + 4]
    assert str(found) == "4,3,1 over 28x28"
    assert windows((28, 28), 4, 3, 1) == found and windows(Shape((28, 28)), 4, 3, 1) == found
    assert fields.windows is windows


def test_channels_of_a_sequence():
    """A window over all channels is one run of tiles."""
    found = windows("3:8", 2, 2, 2)
    assert found.positions == ((0,), (4,))
    assert found.fields == Fields(tile=2, blocks=(range(6), range(6, 12)))
    assert found.inputs(1).tolist() == [4, 5, 12, 13, 20, 21, 6, 7, 14, 15, 22, 23]
    assert windows(8, 2, 2, 2).shape == Shape.parse("8")


@pytest.mark.parametrize("text", ["28x28", "128", "6:33", "3:32x16"])
def test_shapes(text):
    shape = Shape.parse(text)
    assert str(shape) == text and Shape.of(text) == Shape.of(shape) == shape
    assert (shape.image is not None) == (text == "28x28")


@pytest.mark.parametrize("text", ["", "x", "28x", "0", "28x28x3", "28*28", "1:", ":5", "-4", "28,28", "0x8", "123456"])
def test_no_shapes(text):
    with pytest.raises(FfpgaError, match=r"^shape must be HxW \(an image\), N \(a sequence\), .* not '"):
        Shape.parse(text)


@pytest.mark.parametrize("sizes", [(), (2, 3, 4), (0,), (3, -1)])
def test_no_sizes(sizes):
    with pytest.raises(FfpgaError, match=r"^a shape must be HxW"):
        windows(sizes, 1, 1, 1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("28x28", 3, 3, 1), r"a tile must be 1, 2, 4, 8 ... along an edge and divide 28x28, not 3: take 1 or 2 or 4$"),
        (("28x28", 8, 3, 1), r"a tile must be .* and divide 28x28, not 8: take 1 or 2 or 4$"),
        (("28x28", 0, 3, 1), r"a tile must be .*, not 0"),
        (("33", 2, 3, 1), r"a tile must be 1, 2, 4, 8 ... long and divide 33, not 2: take 1$"),
        (("28x28", 4, 8, 1), r"a window must be 1 to 7 tiles along an edge, those of 4 in 28x28, not 8$"),
        (("28x20", 4, 6, 1), r"a window must be 1 to 5 tiles along an edge, those of 4 in 28x20, not 6$"),
        (("28x28", 4, 0, 1), r"a window must be 1 to 7 tiles .*, not 0$"),
        (("28x28", 4, 3, 3), r"a stride must take windows of 3 over all 7x7 tiles of 28x28, not be 3: take 1 or 2$"),
        (("28x28", 4, 3, 4), r"a stride must .*, not be 4: take 1 or 2$"),
        (("28x28", 4, 3, 0), r"a stride must .*, not be 0: take 1 or 2$"),
    ],
)
def test_no_windows(asked, message):
    with pytest.raises(FfpgaError, match=f"^{message}"):
        windows(*asked)


def test_other_kinds():
    for asked in ((4.0, 3, 1), (4, True, 1), (4, 3, "1")):
        with pytest.raises(TypeError, match=r"^a (tile|window|stride) must be an integer, not "):
            windows("28x28", *asked)


@pytest.mark.parametrize("text", ["", "4", "4,3", "4,3,1,1", "4,3,-1", "4, 3, 1", "a,b,c"])
def test_no_text_of_windows(text):
    with pytest.raises(FfpgaError, match=r"^fields must be TILE,WINDOW,STRIDE, such as 4,3,1, not '"):
        parse_windows(text, Shape((28, 28)))


def test_a_shape_of_other_data():
    Shape((28, 28)).check(784, "mnist")
    with pytest.raises(FfpgaError, match=r"^shape 28x28 has 784 features, digits 64: give the shape of a sample, HxW"):
        Shape((28, 28)).check(64, "digits")


def test_a_width_that_the_positions_do_not_divide():
    with pytest.raises(ValueError, match=r"layer 1 must be shared out over 25 fields .* 8 lanes, not 128: take 200$"):
        NetworkConfig(features=784, layers=(128,), fields=(windows("28x28", 4, 3, 1).fields,))


@pytest.mark.parametrize(
    "order", [[0, 1], [0, 1, 1], [0.0, 1.0, 2.0], [[0, 1, 2]], [1, 2, 3], [-1, 0, 1], range(99), "abc"]
)
def test_no_orders(order):
    with pytest.raises(FfpgaError, match=r"^order must have each of the features 0 to 2 once, not "):
        check_order(order, 3)


def test_orders():
    assert check_order(None, 3) is None
    found = check_order([2, 0, 1], 3)
    assert found.tolist() == [2, 0, 1] and not found.flags.writeable
    assert same_order(None, None) and same_order(None, np.arange(3)) and same_order(found, np.array([2, 0, 1]))
    assert not same_order(found, None) and not same_order(None, found) and not same_order(found, np.arange(3))


@given(some_windows())
@settings(max_examples=60, deadline=None)
def test_windows_are_found_again(found):
    """From a configuration and a shape; of one position any stride is the same."""
    width = 2 * len(found.positions)
    if found.shape.features > 1000 or width > 1024:
        return
    config = NetworkConfig(features=found.shape.features, classes=2, layers=(width,), lanes=2, fields=(found.fields,))
    assert np.array_equal(order_of(config, found.shape), found.order)
    again = windows_of(config, found.shape)
    assert again.fields == found.fields and np.array_equal(again.order, found.order)
    assert again == found or len(found.positions) == 1


def test_fields_of_ones_own():
    """Any tiles of a shape, in the order of its tiles."""
    cross = Fields(tile=4, blocks=((1, 3, 4, 5, 7),))
    config = NetworkConfig(features=36, classes=2, layers=(8,), fields=(cross,))
    shape = Shape((6, 6))
    assert np.array_equal(order_of(config, shape), tile_order((6, 6), 2))
    assert tile_order("6x6", 2)[:6].tolist() == [0, 1, 6, 7, 2, 3]
    assert windows_of(config, shape) is None
    plain = NetworkConfig(features=36, classes=2, layers=(8,))
    for other, lies in ((plain, shape), (config, None)):
        assert order_of(other, lies) is None and windows_of(other, lies) is None
    assert windows_of(config, Shape((8, 8))) is None
    with pytest.raises(FfpgaError, match=r"^shape 8x8 has 64 features, the network 36"):
        order_of(config, Shape((8, 8)))
    with pytest.raises(FfpgaError, match=r"^a tile must be 1, 2, 4, 8 ... long and divide 3:12"):
        tile_order("3:12", 8)


def test_the_program_in_the_documents():
    """What stands there runs, and its comments are so."""
    text = (Path(__file__).parents[2] / "host" / "docs" / "fields.md").read_text()
    block = next(part for part in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE) if "import ffpga" in part)
    names: dict = {}
    exec(textwrap.dedent(block), names)
    over, weights = names["over"], names["weights"]
    assert over.positions[:2] == ((0, 0), (0, 2)) and len(over.positions) == 9
    seen = np.flatnonzero(weights[:64, 4 * 8 : 5 * 8].any(axis=1))
    assert sorted(names["pixels"]) == [8 * row + column for row in range(2, 6) for column in range(2, 6)]
    assert set(seen) <= set(names["pixels"])
    names["chip"].close()
