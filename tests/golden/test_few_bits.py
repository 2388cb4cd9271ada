"""Samples in few bits: the stream bit by bit, what is refused, and the device's command."""

import numpy as np
import pytest

from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_golden.protocol import (
    BITS,
    Opcode,
    Status,
    least_bits,
    pack_bits,
    packed_size,
    quantised,
    scale,
    unpack_bits,
)


def spelled(x, bits: int) -> str:
    """The stream as text of 0 and 1, by the protocol's words."""
    said = ""
    for first in range(0, len(x), 8):
        eight = [int(value) for value in x[first : first + 8]]
        said += "1" if any(eight) else "0"
        for value in eight if any(eight) else []:
            level = value * (2**bits - 1) // 255
            said += "1" if value else "0"
            said += f"{level:0{bits}b}"[::-1] if value and bits > 1 else ""
    return said + "0" * (-len(said) % 8)


def as_bytes(said: str) -> bytes:
    return bytes(int(said[at : at + 8][::-1], 2) for at in range(0, len(said), 8))


def drawn(random, features: int, bits: int):
    share = random.choice([0.0, 0.05, 0.3, 1.0])
    x = random.randint(0, 256, features) * (random.rand(features) < share)
    return quantised(x.astype(np.uint8), bits)


def config_of(features: int, **options) -> NetworkConfig:
    return NetworkConfig(features=features, layers=(8,), **{"classes": 2, "few_bits": True, **options})


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("features", [1, 7, 8, 9, 16, 37, 250])
def test_streams_are_what_the_protocol_says(features, bits):
    random = np.random.RandomState(features)
    for _ in range(20):
        x = drawn(random, features, bits)
        packed = pack_bits(x, bits)
        assert packed == as_bytes(spelled(x, bits)) and len(packed) == packed_size(x, bits)
        assert np.array_equal(unpack_bits(config_of(features), bits, packed), x)
        assert np.array_equal(unpack_bits(config_of(features), bits, packed + bytes(3)), x)
        assert unpack_bits(config_of(features), bits, packed[:-1]) is None


def test_an_example():
    x = np.array([0, 0, 255, 0, 0, 0, 0, 0], np.uint8)
    assert pack_bits(x, 4) == b"\xf9\x00" and pack_bits(x, 1) == b"\x09\x00"
    assert pack_bits(np.zeros(16, np.uint8), 8) == b"\x00"


@pytest.mark.parametrize(
    ("features", "bits", "said", "values"),
    [
        (8, 2, "1" "100" + "0000000" "00000", [0]),  # a level of 0 is no input
        (8, 2, "1" "110" "101" "111" + "00000" "000", [85, 170, 255]),
        (3, 1, "1" "011" + "0000", [0, 255, 255]),  # the last eight are three
        (3, 1, "1" "011" + "0001", None),  # there is no fourth feature
        (3, 1, "0" + "0000000" "00000001", None),
        (9, 1, "0" "1" "1" + "00000", [0] * 8 + [255]),
        (16, 1, "", None),
        (64, 1, "0" * 8, [0]),
        (65, 1, "0" * 8, None),
        (8, 8, "1" "1" "111111", None),  # cut within a level
        (8, 4, "1" "0000000" "1" "1110" + "000", [0] * 7 + [119]),
        (8, 4, "1" "0000000", None),
    ],
)  # fmt: skip
def test_what_a_stream_is(features, bits, said, values):
    found = unpack_bits(config_of(features), bits, as_bytes(said))
    if values is None:
        assert found is None
    else:
        assert found.tolist() == values + [0] * (features - len(values))


def test_levels():
    every = np.arange(256, dtype=np.uint8)
    for bits, factor in zip(BITS, (1, 17, 85, 255), strict=True):
        near = quantised(every, bits)
        assert scale(bits) == factor and not (near % factor).any() and len(np.unique(near)) == 2**bits
        assert (2 * np.abs(near.astype(int) - every) < factor).all() or bits == 8
        assert np.array_equal(quantised(near, bits), near)
    assert np.array_equal(quantised(every, 8), every)
    assert [least_bits(np.array(x, np.uint8)) for x in ([0], [255], [0, 170], [85, 17], [255, 254])] == [1, 1, 2, 4, 8]


def test_the_device_takes_them_where_it_was_built_to():
    config = config_of(9, classes=0)
    device, x = GoldenDevice(config), np.array([0, 85, 0, 0, 0, 0, 0, 0, 170], np.uint8)
    load = Opcode.LOAD_BITS
    assert device.execute(load, b"\x21" + pack_bits(x, 2)) == (Status.OK, b"")
    assert device._samples[0] is None and np.array_equal(device._samples[1], x)
    for head in (0x00, 0x30, 0x22, 0x2F, 0xF0, 0xA0):
        assert device.execute(load, bytes((head,)) + pack_bits(x, 2))[0] == Status.BAD_VALUE
    assert device.execute(load, b"\x21" + pack_bits(x, 2)[:-1])[0] == Status.BAD_VALUE
    assert device.execute(load, b"\x21")[0] == Status.BAD_VALUE
    assert device.execute(load, b"")[0] == Status.BAD_LENGTH
    assert np.array_equal(device._samples[1], x), "a sample that is refused leaves the one that was there"
    plain = GoldenDevice(NetworkConfig(features=9, layers=(8,)))
    assert plain.execute(load, b"\x20" + pack_bits(x, 2))[0] == Status.BAD_OPCODE
    with pytest.raises(TypeError, match="few_bits must be True or False, not 1"):
        config_of(9, few_bits=1)
