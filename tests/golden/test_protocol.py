"""The byte protocol against its definition written out, and at every bound."""

import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffpga_golden import COUNTERS, GoldenDevice, NetworkConfig
from ffpga_golden import protocol as p
from ffpga_golden.protocol import Opcode, Status

CONFIG = NetworkConfig(features=700, classes=3, layers=(40, 8), lanes=4)
BOX = NetworkConfig(features=5, classes=2, layers=(8, 8), black_box=True)


def cobs(data: bytes) -> bytes:
    """Cheshire & Baker 1999, byte by byte."""
    out, block = bytearray(), bytearray()
    for byte in data + b"\0":
        if byte:
            block.append(byte)
            if len(block) < 254:
                continue
            out += b"\xff" + block
        else:
            out += bytes((len(block) + 1,)) + block
        block = bytearray()
    return bytes(out)


@pytest.mark.parametrize("run", [0, 1, 2, 252, 253, 254, 255, 256, 507, 508, 509, 600])
@pytest.mark.parametrize("tail", [b"", b"\0", b"\0\0", b"\0a", b"a"])
@pytest.mark.parametrize("head", [b"", b"\0", b"b\0"])
def test_cobs(head, run, tail):
    data = head + b"x" * run + tail
    encoded = p.cobs_encode(data)
    assert 0 not in encoded and encoded == cobs(data)
    assert p.cobs_decode(encoded) == data


@pytest.mark.parametrize("broken", [b"\x01\x00", b"\x03a", b"\x05abc", b"\x02a\x04b", b"\x00", b"\xff" + b"a" * 253])
def test_cobs_of_nothing(broken):
    assert p.cobs_decode(broken) is None


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=300))
def test_frames(sequence, code, payload):
    frame = p.encode_frame(sequence, code, payload)
    body = bytes((sequence, code)) + payload
    assert frame == cobs(body + zlib.crc32(body).to_bytes(4, "little")) + b"\0"
    assert p.decode_frame(frame[:-1]) == (sequence, code, payload)
    assert p.encode_frame(sequence + 256, code, payload) == frame


def test_damaged_frames():
    frame = p.encode_frame(7, 9, b"abc")[:-1]
    for at in range(len(frame)):
        for bit in range(8):
            broken = bytearray(frame)
            broken[at] ^= 1 << bit
            assert p.decode_frame(bytes(broken)) is None
    assert p.decode_frame(b"") is None
    body = b"\x05"  # a CRC that is right, and too short a frame
    assert p.decode_frame(cobs(body + zlib.crc32(body).to_bytes(4, "little"))) is None
    assert p.decode_frame(cobs(b"\x05\x06" + zlib.crc32(b"\x05\x06").to_bytes(4, "little"))) == (5, 6, b"")


@pytest.mark.parametrize("place", [0, 1, 254, 255, 256, 257, 509, 510, 511, 512, 699])
@pytest.mark.parametrize("before", [None, 0])
def test_gaps_of_a_sample(place, before):
    x = np.zeros(CONFIG.features, np.uint8)
    x[place] = 9
    if before is not None and place:
        x[before] = 8
    packed = p.pack_sample(x)
    at, unpacked = 0, np.zeros(CONFIG.features, np.uint8)
    for gap, value in zip(packed[::2], packed[1::2], strict=True):
        at += gap
        if value:
            unpacked[at] = value
            at += 1
    assert np.array_equal(unpacked, x)
    assert np.array_equal(p.unpack_sample(CONFIG, packed), x)
    gap = place - (before is not None and place > 0) * 1
    assert len(packed) == 2 * (1 + max(0, gap - 1) // 255) + 2 * (before is not None and place > 0)


def test_samples():
    x = np.array([0, 0, 7, 9] + [0] * 696, np.uint8)
    assert p.pack_sample(x) == bytes((2, 7, 0, 9))
    assert p.pack_sample(np.zeros(5, np.uint8)) == b""
    assert not p.unpack_sample(CONFIG, b"").any()
    assert p.unpack_sample(CONFIG, b"\x01") is None
    assert p.unpack_sample(CONFIG, b"\xff\x00" * 2 + b"\xbd\x01")[699] == 1
    assert p.unpack_sample(CONFIG, b"\xff\x00" * 2 + b"\xbe\x01") is None
    assert not p.unpack_sample(CONFIG, b"\xff\x00" * 3).any(), "zeros may go beyond the end"


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        NetworkConfig(features=9, classes=0, layers=(6,), lanes=1, weight_bits=16, memory_ports=2),
        NetworkConfig(features=9, classes=2, layers=(64, 64, 128, 64), lanes=64, black_box=True),
        NetworkConfig(features=9, classes=3, layers=(8, 4), lanes=4, recurrent=True),
        NetworkConfig(features=9, classes=3, layers=(8, 4), lanes=4, few_bits=True),
    ],
)
def test_configuration_blocks(config):
    block = p.pack_config(config)
    assert struct.unpack("<HBBBBBB", block[:8]) == (
        config.features, config.classes, config.lanes, config.weight_bits, config.memory_ports,
        config.black_box + 2 * config.recurrent + 8 * config.few_bits, config.depth,
    )  # fmt: skip
    assert struct.unpack(f"<{config.depth}H", block[8:]) == config.layers
    assert p.unpack_config(block) == config


@pytest.mark.parametrize("cut", [0, 7, 8, 9, 11])
def test_no_configuration_blocks(cut):
    block = p.pack_config(CONFIG)
    with pytest.raises(ValueError, match=re.escape("must be 10 to 20 bytes and say its depth")):
        p.unpack_config(block[:cut])
    with pytest.raises(ValueError, match="a configuration block"):
        p.unpack_config(block + b"\0")
    with pytest.raises(ValueError, match="a configuration block"):
        p.unpack_config(block[:6] + b"\x04" + block[7:])


@pytest.mark.parametrize(
    ("config", "opcode", "payload"),
    [
        (CONFIG, Opcode.IDENTIFY, b"\x01\x02\x03\x04"),
        (CONFIG, Opcode.READ_REGISTER, b"\x00"),
        (CONFIG, Opcode.WRITE_REGISTER, b"\x00\x09\x00\x00\x00"),
        (CONFIG, Opcode.READ_WEIGHTS, b"\x00\x00\x00\x07"),
        (NetworkConfig(features=5, layers=(8,), weight_bits=16), Opcode.READ_WEIGHTS, b"\x00\x00\x00\x07"),
        (CONFIG, Opcode.WRITE_WEIGHTS, b"\x00\x00\x00\x07"),
        (CONFIG, Opcode.LOAD_SAMPLE, b"\x00\x01\x02"),
        (NetworkConfig(features=5, layers=(8,), few_bits=True), Opcode.LOAD_BITS, b"\x10\x00"),
        (CONFIG, Opcode.TRAIN_PAIR, b"\x00\x01"),
        (CONFIG, Opcode.TRAIN_PHASE, b"\x00\x01"),
        (CONFIG, Opcode.INFER, b""),
        (CONFIG, Opcode.COUNTERS, b""),
        (NetworkConfig(features=5, classes=0, layers=(40, 70), lanes=2), Opcode.ACTIVITIES, b"\x00\x01"),
        (NetworkConfig(features=5, classes=0, layers=(40, 70), lanes=2), Opcode.ACTIVITIES, b"\x01\x01"),
        (NetworkConfig(features=5, classes=0, layers=(40, 70), lanes=2), Opcode.ACTIVITIES, b"\x01\x02"),
        (BOX, Opcode.WRITE_TABLE, b"\x00\x01" + bytes(32)),
        (BOX, Opcode.READ_TABLE, b"\x00\x07"),
    ],
)  # fmt: skip
def test_sizes_of_answers(config, opcode, payload):
    device = GoldenDevice(config)
    device.execute(Opcode.LOAD_SAMPLE, b"\x00\x01\x02")
    if not config.classes:
        device.execute(Opcode.LOAD_SAMPLE, b"\x01\x01\x02")
    status, answer = device.execute(opcode, payload)
    assert status == Status.OK
    assert len(answer) == p.answer_size(config, opcode, payload)
    varies = (Opcode.IDENTIFY, Opcode.READ_WEIGHTS, Opcode.COUNTERS, Opcode.ACTIVITIES, Opcode.READ_TABLE)
    assert p.kept_bytes(config.depth, opcode) == 3 + (p.PAYLOAD_MAX if opcode in varies else len(answer))


def test_answers_of_a_run():
    """Of each step its sums of squares in 5 bytes, each with its c, then the label."""
    squares = np.array([[0x0102030405, 7], [0, 2**40 - 1], [9, 256]], np.int64)
    chances, labels = np.array([[1, 2], [255, 0], [3, 4]], np.uint8), np.array([9, 0, 255], np.uint8)
    assert p.pack_answers(squares, chances, labels) == [
        bytes((5, 4, 3, 2, 1, 1, 7, 0, 0, 0, 0, 2, 9)),
        bytes((0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0)),
        bytes((9, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 4, 255)),
    ]
    assert p.pack_answers(squares[:0], chances[:0], labels[:0]) == []


@pytest.mark.parametrize(("weights", "kept"), [(1, 31), (12, 29), (26, 15), (27, 14), (58, 7)])
def test_answers_are_kept_for_repeats_as_long_as_there_is_room(weights, kept):
    """447 bytes, of which each takes 3 beside its own, and 31 answers: the oldest ones go first."""
    device = GoldenDevice(CONFIG)
    device.write(p.encode_frame(0, Opcode.IDENTIFY, b"abcd"))
    frames = [p.encode_frame(n, Opcode.READ_WEIGHTS, bytes((n, 0, 0, weights))) for n in range(1, 51)]
    answers = []
    for frame in frames:
        device.read(1 << 10)
        device.write(frame)
        answers.append(device.read(1 << 10))
    for place, (frame, answer) in enumerate(zip(frames, answers, strict=True)):
        device.write(frame)
        found = device.read(1 << 10)
        if place >= 50 - kept:
            assert found == answer
        elif place >= 50 - 31:
            assert found == b"", "it was executed, and its answer is gone"
        else:
            assert p.decode_frame(found[:-1]) == (51, Status.BAD_SEQUENCE, b"")


def test_each_command_has_its_length():
    whole = range(4, p.PAYLOAD_MAX + 1)
    lengths = {
        Opcode.IDENTIFY: [4], Opcode.READ_REGISTER: [1], Opcode.WRITE_REGISTER: [5], Opcode.READ_WEIGHTS: [4],
        Opcode.WRITE_WEIGHTS: whole, Opcode.TRAIN_PAIR: [2], Opcode.TRAIN_PHASE: [2], Opcode.INFER: [0],
        Opcode.COUNTERS: [0], Opcode.ACTIVITIES: [2], Opcode.WRITE_TABLE: [2 + p.PART], Opcode.READ_TABLE: [2],
    }  # fmt: skip
    boxed = GoldenDevice(BOX)
    unlabelled = GoldenDevice(NetworkConfig(features=5, classes=0, layers=(8,)))
    for opcode, allowed in lengths.items():
        device = unlabelled if opcode == Opcode.ACTIVITIES else boxed
        for length in range(p.PAYLOAD_MAX + 3):
            status, _ = device.execute(opcode, bytes(length))
            assert (status != Status.BAD_LENGTH) == (length in allowed), (opcode, length)
    assert boxed.execute(Opcode.LOAD_SAMPLE, b"")[0] == Status.BAD_LENGTH
    assert boxed.execute(Opcode.LOAD_SAMPLE, b"\0")[0] == Status.OK


def test_numbers_that_never_change():
    """A host and a bitstream of different ages must understand each other: what is on the line is fixed."""
    assert [(opcode.name, opcode.value) for opcode in Opcode] == [
        ("IDENTIFY", 1), ("READ_REGISTER", 2), ("WRITE_REGISTER", 3), ("READ_WEIGHTS", 4), ("WRITE_WEIGHTS", 5),
        ("LOAD_SAMPLE", 6), ("TRAIN_PAIR", 7), ("TRAIN_PHASE", 8), ("INFER", 9), ("COUNTERS", 10), ("ACTIVITIES", 11),
        ("WRITE_TABLE", 12), ("READ_TABLE", 13), ("LOAD_BITS", 14),
    ]  # fmt: skip
    assert [status.value for status in Status] == list(range(8))
    assert [status.name for status in p.REFUSED] == ["BAD_CRC", "BAD_SEQUENCE", "NO_SESSION"]
    assert (p.VERSION, p.WINDOW, p.KEPT, p.HELD, p.PAYLOAD_MAX, p.PART, len(COUNTERS)) == (3, 31, 447, 4, 58, 32, 9)


def test_frames_that_never_end():
    device = GoldenDevice(CONFIG)
    for _ in range(3):
        device.write(b"x" * (1 << 20))
    device.write(b"\0")
    device.read(100)
    device.write(p.encode_frame(0, Opcode.IDENTIFY, b"abcd"))
    assert p.decode_frame(device.read(100)[:-1])[1] == Status.OK


def test_long_frames_are_kept_whole():
    """Up to 2 MiB, with which a sample of as many bytes as the device says it takes is well in reach."""
    device = GoldenDevice(CONFIG)
    device.write(p.encode_frame(0, Opcode.IDENTIFY, b"abcd"))
    frame = p.encode_frame(1, Opcode.LOAD_SAMPLE, b"\x01" * (3 << 19))
    device.write(frame[:-1])
    device.write(frame[-1:])
    *_, answer, _ = device.read(1 << 10).split(p.DELIMITER)
    assert p.decode_frame(answer)[1] == Status.BAD_LENGTH
