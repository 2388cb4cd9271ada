"""Registers: their addresses, widths, ranges and first values, and how sizes become temperatures and thresholds."""

import pytest

from ffpga_golden import Network, NetworkConfig, initial_weights, registers
from ffpga_golden.registers import temperature, threshold

LABELLED = NetworkConfig(features=784, classes=10, layers=(128, 64), lanes=8)


def rows(config):
    return {r.name: (r.address, r.width, r.reset, r.low, r.high) for r in registers(config)}


def test_registers_of_a_labelled_network():
    assert rows(LABELLED) == {
        "learning_rate": (0, 5, 17, 8, 23),
        "objective": (1, 1, 0, 0, 1),
        "polarity": (2, 1, 0, 0, 1),
        "update_gate": (3, 8, 0, 0, 255),
        "negative_policy": (4, 2, 0, 0, 3),
        "shortlist": (5, 6, 2, 1, 10),
        "seed": (6, 32, 1, 1, 0xFFFF_FFFF),
        "rounding": (7, 1, 0, 0, 1),
        "temperature0": (8, 5, 13, 0, 31),
        "temperature1": (9, 5, 12, 0, 31),
        "threshold0": (12, 32, 2 * 4096 * 128, 0, 0xFFFF_FFFF),
        "threshold1": (13, 32, 2 * 4096 * 64, 0, 0xFFFF_FFFF),
        "contenders": (16, 5, 9, 1, 9),
    }


def test_registers_of_other_networks():
    unlabelled = rows(NetworkConfig(features=9, classes=0, layers=(8,), lanes=8, weight_bits=16))
    assert unlabelled["learning_rate"] == (0, 5, 11, 8, 15)
    assert unlabelled["negative_policy"] == (4, 2, 2, 0, 2)
    assert unlabelled["shortlist"] == (5, 6, 1, 1, 1)
    two = rows(NetworkConfig(features=9, classes=2, layers=(8,), lanes=8))
    assert two["shortlist"] == (5, 6, 2, 1, 2) and "contenders" not in two, "one wrong label has no rival"
    assert "contenders" not in rows(NetworkConfig(features=9, classes=5, layers=(8, 8), lanes=8, recurrent=True))


def test_addresses_do_not_meet():
    table = registers(NetworkConfig(features=9, classes=3, layers=(8, 8, 8, 8)))
    assert [r.address for r in table] == list(range(17))


def test_a_register_keeps_its_low_bits():
    network = Network(LABELLED)
    for register in registers(LABELLED):
        network.write_register(register.name, 0xFFFF_FFFF)
        assert network.registers[register.name] == (1 << register.width) - 1
        network.write_register(register.name, 0)
        assert network.registers[register.name] == (register.name == "seed")


@pytest.mark.parametrize(
    ("value", "eight", "sixteen"), [(8, 8, 8), (15, 15, 15), (16, 16, 8), (23, 23, 15), (3, 11, 11)]
)
def test_learning_rates_as_the_core_decodes_them(value, eight, sixteen):
    for bits, expected in ((8, eight), (16, sixteen)):
        network = Network(NetworkConfig(features=9, classes=2, layers=(8,), weight_bits=bits))
        network.write_register("learning_rate", value)
        assert network._rate == expected


def test_temperatures_and_thresholds():
    assert [temperature(width, 4.0) for width in (1, 8, 64, 128, 1024)] == [6, 9, 12, 13, 16]
    assert temperature(128, 1e-9) == 31 and temperature(1, 1e9) == 0
    for k in range(8, 31):  # a logarithm of k and a half, but for a ten-thousandth
        assert [temperature(1, 256 / 2 ** (k + 0.5 + step)) for step in (-1e-4, 1e-4)] == [k, k + 1]
    assert [threshold(64, theta) for theta in (0, 0.5, 2)] == [0, 131072, 524288]
    assert threshold(64, 1e9) == 0xFFFF_FFFF
    for wrong in (0, -1):
        with pytest.raises(ValueError, match=f"alpha must be above 0, not {wrong}"):
            temperature(8, wrong)
    with pytest.raises(ValueError, match=r"theta must be 0 or more, not -0\.5"):
        threshold(8, -0.5)


@pytest.mark.parametrize("bits", [8, 16])
def test_initial_weights_have_their_deviations(bits):
    """Within six standard errors, in units of a weight; the bias is 0."""
    config = NetworkConfig(features=400, classes=32, layers=(64, 64), weight_bits=bits)
    unit = 64 if bits == 8 else 4096
    first, second = (w / unit for w in initial_weights(config, 5))
    for part, deviation in ((first[:400], 0.5 / 40**0.5), (first[400:-1], 0.2), (second[:-1], 1 / 8)):
        rounding = 1 / unit**2 / 12
        expected = (deviation**2 + rounding) ** 0.5
        assert abs(part.std() / expected - 1) < 6 / (2 * part.size) ** 0.5
        assert abs(part.mean()) < 6 * expected / part.size**0.5
    assert not first[-1].any() and not second[-1].any()
    assert max(abs(w).max() for w in initial_weights(config, 5)) <= config.weight_max
    assert (
        abs(initial_weights(NetworkConfig(features=1, classes=2, layers=(1024,), weight_bits=8), 1)[0][0]).max() == 127
    )
