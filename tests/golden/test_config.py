"""NetworkConfig refuses what the core cannot be built for, and says what the rule is."""

import pytest

from ffpga_golden import NetworkConfig

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


def test_json_round_trip():
    config = NetworkConfig(**GOOD, weight_bits=16, black_box=True)
    assert NetworkConfig.from_json(config.to_json()) == config
    with pytest.raises(ValueError, match="a configuration must be the JSON object"):
        NetworkConfig.from_json("{}")
