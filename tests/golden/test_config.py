"""NetworkConfig refuses what the core cannot be built for, and says what the rule is."""

import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden.protocol import pack_config, unpack_config

GOOD = {"features": 37, "classes": 5, "layers": (24, 16, 8), "lanes": 4}

WIDE = {"layers": (1024,), "lanes": 1}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"features": 0}, ValueError, r"features must be 1 to 1000, not 0"),
        ({"features": 2.0}, TypeError, r"features must be an integer, not 2\.0"),
        ({"classes": 1}, ValueError, r"classes must be 2 to 32, or 0 for unlabelled data, not 1"),
        ({"classes": 33}, ValueError, r"classes must be 0 to 32, not 33"),
        ({"layers": ()}, ValueError, r"layers must be 1 to 4 widths, not 0"),
        ({"layers": 8}, TypeError, r"layers must be a sequence of widths, not 8"),
        ({"lanes": 5}, ValueError, r"lanes must divide every layer width, not 5 into 24"),
        ({"lanes": 65}, ValueError, r"lanes must be 1 to 64, not 65"),
        ({"weight_bits": 12}, ValueError, r"weight_bits must be 8 or 16, not 12"),
        ({"memory_ports": 3}, ValueError, r"memory_ports must be 1 or 2, not 3"),
        ({"black_box": 1}, TypeError, r"black_box must be True or False, not 1"),
        ({"black_box": True, "layers": (8,)}, ValueError, r"black_box must be False with one layer"),
        ({"recurrent": 1}, TypeError, r"recurrent must be True or False, not 1"),
        ({"recurrent": True, "classes": 0}, ValueError, r"recurrent must be False without labels"),
        ({"recurrent": True, "layers": (8,)}, ValueError, r"recurrent must be False with 1 layers: take 2 or 3"),
        ({"recurrent": True, "layers": (8, 8, 8, 8)}, ValueError, r"recurrent must be False with 4 layers"),
        ({"recurrent": True, "black_box": True}, ValueError, r"recurrent must be False with a black box"),
        ({"layers": (1024, 1024), "lanes": 1}, ValueError, r"weights must fit 65,536 words"),
    ],
)
def test_refusals(change, error, message):
    with pytest.raises(error, match=message):
        NetworkConfig(**{**GOOD, **change})


def test_what_is_not_said():
    assert NetworkConfig(features=64) == NetworkConfig(
        features=64, classes=10, layers=(64, 64), lanes=8, weight_bits=8, memory_ports=1, black_box=False,
        recurrent=False,
    )  # fmt: skip


def test_sizes_of_the_up5k_network():
    config = NetworkConfig(features=784, classes=10, layers=(128, 128), lanes=8)
    assert config.groups == (16, 16)
    assert [config.rows(n) for n in range(2)] == [795, 129]
    assert config.words == (795 + 129) * 16
    assert config.activity_shift == (8, 5)


def test_rows_of_a_recurrent_network():
    """Each layer's inputs from below, then from above, then the labels of the top layer, then the bias."""
    config = NetworkConfig(**GOOD, recurrent=True)
    assert [config.rows(n) for n in range(3)] == [37 + 16 + 1, 24 + 8 + 1, 16 + 5 + 1]
    assert (config.label_layer, config.first_label) == (2, 16)
    plain = NetworkConfig(**GOOD)
    assert [plain.rows(n) for n in range(3)] == [37 + 5 + 1, 25, 17]
    assert (plain.label_layer, plain.first_label) == (0, 37)


@pytest.mark.parametrize("option", ["black_box", "recurrent"])
def test_round_trips(option):
    config = NetworkConfig(**GOOD, weight_bits=16, **{option: True})
    assert unpack_config(pack_config(config)) == config
    assert NetworkConfig.from_json(config.to_json()) == config
    with pytest.raises(ValueError, match="a configuration must be the JSON object"):
        NetworkConfig.from_json("{}")


@pytest.mark.parametrize(
    ("most", "beyond", "message"),
    [
        ({"features": 1000}, {"features": 1001}, "features must be 1 to 1000, not 1001"),
        ({"features": 1}, {"features": 0}, "features must be 1 to 1000, not 0"),
        ({"classes": 32}, {"classes": 33}, "classes must be 0 to 32, not 33"),
        ({"classes": 2}, {"classes": 1}, "classes must be 2 to 32"),
        ({"classes": 0}, {"classes": -1}, "classes must be 0 to 32, not -1"),
        ({"layers": (4,) * 4}, {"layers": (4,) * 5}, "layers must be 1 to 4 widths, not 5"),
        ({"layers": (4,)}, {"layers": ()}, "layers must be 1 to 4 widths, not 0"),
        ({"layers": (64,), "lanes": 64}, {"layers": (65,), "lanes": 65}, "lanes must be 1 to 64, not 65"),
        ({"lanes": 1}, {"lanes": 0}, "lanes must be 1 to 64, not 0"),
        ({"layers": (1024,)}, {"layers": (1028,)}, "layer width must be 1 to 1024, not 1028"),
        ({"layers": (1,), "lanes": 1}, {"layers": (0,), "lanes": 1}, "layer width must be 1 to 1024, not 0"),
        ({"features": 58, **WIDE}, {"features": 59, **WIDE}, "65,536 words"),
    ],
)  # fmt: skip
def test_bounds(most, beyond, message):
    NetworkConfig(**{**GOOD, **most})
    with pytest.raises(ValueError, match=message):
        NetworkConfig(**{**GOOD, **beyond})


def test_a_width_that_fits_is_named():
    with pytest.raises(ValueError, match="not 8 into 25: take 32"):
        NetworkConfig(features=5, layers=(25,), lanes=8)


def test_derived_sizes():
    one = NetworkConfig(features=784, classes=10, layers=(128, 64), lanes=8)
    assert (one.depth, one.weight_max, one.rate_max) == (2, 127, 23)
    assert (one.inputs(0), one.inputs(1)) == (784, 128)
    assert (one.bias_row(0), one.bias_row(1)) == (794, 128)
    assert (one.base(0), one.base(1), one.base(2)) == (0, 795 * 16, 795 * 16 + 129 * 8)
    assert (one.weights, one.weight_bytes) == (8 * one.words, 795 * 128 + 129 * 64)
    assert one.goodness_bits == 31, "128 squares of 24 bits"
    assert (one.total_bits, one.total_bytes) == (32, 4)
    assert one.sum_bits == 26, "786 inputs of 255 times 127: 25 bits and the sign"
    other = NetworkConfig(features=9, classes=0, layers=(1024, 8, 8), lanes=8, weight_bits=16)
    assert (other.weight_max, other.rate_max, other.activity_shift) == (8191, 15, (14, 11, 11))
    assert other.rows(0) == 10 and other.bias_row(0) == 9
    assert other.weight_bytes == 2 * other.weights
    assert (other.goodness_bits, other.total_bits, other.total_bytes) == (34, 35, 5)
    assert other.sum_bits == 32, "1,025 inputs of 255 times 8,191: 31 bits and the sign"
    assert NetworkConfig(features=9, classes=0, layers=(1,), lanes=1).goodness_bits == 24
    few, more, labelled, higher = (
        NetworkConfig(features=features, classes=classes, layers=layers)
        for features, classes, layers in ((63, 0, (8,)), (64, 0, (8,)), (63, 2, (8,)), (1, 0, (64, 8)))
    )
    assert few.sum_bits == 22, "64 inputs: 2,072,640"
    assert more.sum_bits == labelled.sum_bits == higher.sum_bits == 23, "65 inputs: 2,105,025"


def test_what_it_says_of_itself():
    assert str(NetworkConfig(**GOOD, black_box=True)) == (
        "37-24-16-8, 5 classes, 4 lanes, 8-bit weights, 1-port memory, black box"
    )
    assert "unlabelled" in str(NetworkConfig(features=5, classes=0, layers=(8,)))
