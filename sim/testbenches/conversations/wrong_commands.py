"""Commands that a device must answer with a status other than OK: of the wrong length, value or kind."""

import struct
from collections.abc import Callable, Iterator
from random import Random

import numpy as np

from ffpga_golden import NetworkConfig, registers
from ffpga_golden.protocol import BITS, PART, PAYLOAD_MAX, Opcode, pack_bits, pack_sample, quantised

#: Least and most bytes of each command's payload; a sample may be as long as it likes.
LENGTHS = {
    Opcode.IDENTIFY: (4, 4),
    Opcode.READ_REGISTER: (1, 1),
    Opcode.WRITE_REGISTER: (5, 5),
    Opcode.READ_WEIGHTS: (4, 4),
    Opcode.WRITE_WEIGHTS: (4, PAYLOAD_MAX),
    Opcode.TRAIN_PAIR: (2, 2),
    Opcode.TRAIN_PHASE: (2, 2),
    Opcode.INFER: (0, 0),
    Opcode.COUNTERS: (0, 0),
    Opcode.ACTIVITIES: (2, 2),
    Opcode.WRITE_TABLE: (2 + PART, 2 + PART),
    Opcode.READ_TABLE: (2, 2),
}


def wrong_commands(
    config: NetworkConfig, random: Random, sample: Callable[[], np.ndarray]
) -> Iterator[tuple[int, bytes]]:
    """Opcode and payload of each, and of the few commands between them that set the stage.

    Parameters
    ----------
    config : NetworkConfig
    random : Random
    sample : callable
        Draws one, u8[features].
    """
    classes = config.classes
    known = {register.name: register.address for register in registers(config)}
    yield 0, b""
    yield max(Opcode) + 1, b"\x01\x02"
    yield Opcode.ACTIVITIES, bytes((config.depth, 0))
    yield Opcode.ACTIVITIES, bytes((0, -(-config.layers[0] // PART)))
    yield Opcode.READ_TABLE, bytes((config.depth - 1, 0))
    yield Opcode.READ_TABLE, bytes((0, 256 // PART))
    yield Opcode.WRITE_TABLE, bytes((config.depth - 1, 0)) + bytes(PART)
    yield 255, b""
    yield Opcode.LOAD_SAMPLE, b""
    for opcode, (least, most) in LENGTHS.items():
        if least:
            yield opcode, bytes(least - 1)
        yield opcode, bytes(most + 1)
    for length in (PAYLOAD_MAX + 1, PAYLOAD_MAX + 6, 128, 200):
        yield random.choice((Opcode.COUNTERS, Opcode.INFER, Opcode.WRITE_WEIGHTS)), bytes(length)
    yield Opcode.TRAIN_PHASE, b"\x02\x00"
    if classes:
        yield Opcode.WRITE_REGISTER, struct.pack("<BI", known["negative_policy"], 2)
        yield Opcode.TRAIN_PAIR, bytes((classes, 0))
        yield Opcode.TRAIN_PAIR, bytes((0, classes))
        yield Opcode.TRAIN_PAIR, bytes((1, 1))
        yield Opcode.TRAIN_PHASE, bytes((0, classes))
    for bit in range(5, 8):
        yield Opcode.READ_REGISTER, bytes((1 << bit,))
        yield Opcode.WRITE_REGISTER, bytes((1 << bit, 1, 1, 1, 1))
    unknown = next(address for address in range(8, 18) if address not in known.values())
    yield Opcode.WRITE_REGISTER, bytes((unknown, 1 if unknown < 16 else 0)) + b"\x02\x03\x04"
    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, config.lanes, 1)
    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", config.words - 1, config.lanes - 1, 2)
    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, 0, 0)
    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, 0, 255)
    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0xFFFF, 0, 1)
    yield Opcode.WRITE_WEIGHTS, struct.pack("<HB", 0, 0) + bytes(range(1, config.weight_bits // 8))
    yield Opcode.WRITE_WEIGHTS, struct.pack("<HB", config.words - 1, config.lanes - 1) + b"\x01\x02\x03\x04"
    yield Opcode.WRITE_WEIGHTS, struct.pack("<HB", config.words, 0) + b"\x01\x02"
    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 1 << 15, 0, 1)
    yield Opcode.LOAD_SAMPLE, b"\x00\x01"
    yield Opcode.LOAD_SAMPLE, b"\x02\x00\x01"
    yield Opcode.LOAD_SAMPLE, bytes((1 + bool(classes),)) + pack_sample(sample())
    powers = [1 << bit for bit in range(12) if 1 << bit >= config.features]
    for place in (config.features, config.features + 255, 1025, *powers):  # the first is one too far
        skipped, gap = divmod(place, 255)
        yield Opcode.LOAD_SAMPLE, b"\x00" + b"\xff\x00" * skipped + bytes((gap, 9))
    yield Opcode.INFER, b""
    yield Opcode.LOAD_BITS, b""
    yield Opcode.LOAD_BITS, b"\x10"
    if config.few_bits:
        yield from _few_bits(config, random, sample)
    skipped, gap = divmod(config.features - 1, 255)
    yield Opcode.LOAD_SAMPLE, b"\x00" + b"\xff\x00" * skipped + bytes((gap, 9))
    yield Opcode.INFER, b""


def _few_bits(config: NetworkConfig, random: Random, sample: Callable[[], np.ndarray]) -> Iterator[tuple[int, bytes]]:
    """Samples in few bits, and what is there behind each: of no slot or bits, too short, a 1 behind, a level of 0."""
    slots = 1 if config.classes else 2
    for head in (0x00, 0x30, 0xF0, 0x10 + slots, 0x18, 0x84):
        yield Opcode.LOAD_BITS, bytes((head,)) + pack_bits(quantised(sample(), 1), 1)
        yield Opcode.INFER, b""
    for bits in BITS:
        head, x = bytes((bits << 4,)), quantised(sample(), bits)
        stream = pack_bits(x, bits)
        yield Opcode.LOAD_BITS, head + stream[:-1]
        yield Opcode.LOAD_BITS, head + stream[:-1] + bytes(4)  # a CRC's bytes are none of the sample's
        yield Opcode.INFER, b""
        for behind in (0, random.randrange(1, 9)):
            yield Opcode.LOAD_BITS, head + stream + bytes(behind) + b"\x80"
        yield Opcode.INFER, b""
        yield Opcode.LOAD_BITS, head + stream + bytes(random.randrange(1, 5))
        yield Opcode.INFER, b""
        x[0] = 255
        stream = pack_bits(x, bits)
        if bits > 1:  # the first feature's level is 0
            without = int.from_bytes(stream, "little") & ~(((1 << bits) - 1) << 2)
            stream = without.to_bytes(len(stream), "little")
        yield Opcode.LOAD_BITS, head + stream
        yield Opcode.INFER, b""
