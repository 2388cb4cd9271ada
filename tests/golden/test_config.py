"""NetworkConfig refuses what the core cannot be built for, and says what the rule is."""

import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden.protocol import pack_config, unpack_config

GOOD = {"features": 37, "classes": 5, "layers": (24, 16, 8), "lanes": 4}


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
