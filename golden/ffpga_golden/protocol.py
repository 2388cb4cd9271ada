"""The byte protocol between host and device: frames, opcodes, status codes, samples.

A frame is ``sequence, opcode, payload, CRC-32 (little-endian)``, made free of zeros by COBS (Cheshire & Baker
1999) and ended by a zero byte. An answer has a status code in place of the opcode. CRC-32 is that of IEEE 802.3
(`zlib.crc32`). Empty frames are ignored, so a zero byte resynchronises a line.
"""

import struct
import zlib
from enum import IntEnum

import numpy as np

from .config import NetworkConfig
from .fields import Fields
from .registers import COUNTERS

VERSION = 3
WINDOW = 31  #: frames that may be unanswered at once, as long as their answers are not more than KEPT
KEPT = 447  #: bytes of answers that a device keeps for repeats, each counted with ANSWER_OVERHEAD
ANSWER_OVERHEAD = 3  #: bytes beside an answer's payload in the memory of answers
HELD = 4  #: frames that a device takes while it works, with no more samples than it has slots; others hold the line
PAYLOAD_MAX = 58  #: payload bytes of any frame but a sample's: with sequence, opcode and CRC 64 bytes
PART = 32  #: values of a table or of activities that one command carries
DELIMITER = b"\x00"
#: Bits of a level.
BITS = (8, 4, 2, 1)
#: Features that one bit says of whether any of them is not 0.
EIGHT = 8
BAUD = 3_000_000  #: bits a second of a board's serial line, unless the board and its host are told another rate
#: Those of the boards, in the order in which a host tries them: 12 Mbaud where the board's USB adapter reaches it, 1
#: Mbaud where it does not reach 3.
BAUDS = (BAUD, 12_000_000, 1_000_000)


class Opcode(IntEnum):
    """Commands. Integers in payloads are little-endian."""

    IDENTIFY = 1  #: session u32 -> session u32, version u8, configuration (see `pack_config`)
    READ_REGISTER = 2  #: register u8 -> value u32
    WRITE_REGISTER = 3  #: register u8, value u32 ->
    READ_WEIGHTS = 4  #: word u16, lane u8, count u8 -> count weights, lane by lane, then word by word
    WRITE_WEIGHTS = 5  #: word u16, lane u8, weights ->
    LOAD_SAMPLE = 6  #: slot u8 (0; unlabelled: 0 positive, 1 negative), (gap u8, value u8)... ->
    TRAIN_PAIR = 7  #: label u8, negative label u8 -> see `StepResult`
    TRAIN_PHASE = 8  #: negative u8 (0, 1), label u8 -> see `StepResult`
    INFER = 9  #: -> label u8, sum of squares u40
    COUNTERS = 10  #: -> u32 each, in the order of `registers.COUNTERS`
    ACTIVITIES = 11  #: layer u8, part u8 -> normalised activities u8 of up to PART neurons; unlabelled devices only
    WRITE_TABLE = 12  #: layer u8, part u8, u8[PART] -> ; black boxes only: the table of inputs 32 part to 32 part + 31
    READ_TABLE = 13  #: layer u8, part u8 -> u8[PART]; black boxes only
    LOAD_BITS = 14  #: 16 b + slot u8, a stream of bits (`pack_bits`) -> ; devices of few bits only


class Status(IntEnum):
    """First byte of an answer after the sequence number."""

    OK = 0
    BAD_CRC = 1  #: refused, not executed; the answer's sequence number is the one expected
    BAD_SEQUENCE = 2  #: refused like BAD_CRC
    NO_SESSION = 3  #: refused like BAD_CRC: identify first (the device was reset)
    BAD_OPCODE = 4
    BAD_LENGTH = 5
    BAD_VALUE = 6  #: label, register, weight address, slot or sample out of range
    NO_SAMPLE = 7  #: no sample was loaded


#: Statuses of frames that were refused and so did not use up their sequence number.
REFUSED = (Status.BAD_CRC, Status.BAD_SEQUENCE, Status.NO_SESSION)


def answer_size(config: NetworkConfig, opcode: int, payload: bytes) -> int:
    """Bytes of the payload with which a command that was executed is answered."""
    if opcode == Opcode.READ_WEIGHTS:
        return payload[3] * config.weight_bits // 8
    if opcode == Opcode.ACTIVITIES:
        return min(PART, config.layers[payload[0]] - PART * payload[1])
    sizes = {
        Opcode.IDENTIFY: 5 + len(pack_config(config)),
        Opcode.READ_REGISTER: 4,
        Opcode.TRAIN_PAIR: 12 * config.depth + 1,
        Opcode.TRAIN_PHASE: 6 * config.depth + 1,
        Opcode.INFER: 6,
        Opcode.COUNTERS: 4 * len(COUNTERS),
        Opcode.READ_TABLE: PART,
    }
    return {int(code): size for code, size in sizes.items()}.get(opcode, 0)


def kept_bytes(depth: int, opcode: int) -> int:
    """Bytes of KEPT that the answer to a command takes, at most, on a device of `depth` layers."""
    sizes = {
        Opcode.READ_REGISTER: 4,
        Opcode.WRITE_REGISTER: 0,
        Opcode.WRITE_WEIGHTS: 0,
        Opcode.LOAD_SAMPLE: 0,
        Opcode.LOAD_BITS: 0,
        Opcode.TRAIN_PAIR: 12 * depth + 1,
        Opcode.TRAIN_PHASE: 6 * depth + 1,
        Opcode.INFER: 6,
        Opcode.WRITE_TABLE: 0,
    }
    return {int(code): size for code, size in sizes.items()}.get(opcode, PAYLOAD_MAX) + ANSWER_OVERHEAD


def cobs_encode(data: bytes) -> bytes:
    """`data` without zero bytes, undelimited."""
    out = np.frombuffer(b"\x00" + data, np.uint8).copy()
    (zeros,) = (out == 0).nonzero()
    distances = np.empty_like(zeros)
    distances[:-1], distances[-1] = zeros[1:] - zeros[:-1], len(out) - zeros[-1]
    if distances.max() < 255:
        out[zeros] = distances
        return out.tobytes()
    blocks = []
    for block in data.split(b"\x00"):
        while len(block) >= 254:
            blocks.append(b"\xff" + block[:254])
            block = block[254:]
        blocks.append(bytes((len(block) + 1,)) + block)
    return b"".join(blocks)


def cobs_decode(frame: bytes) -> bytes | None:
    """The inverse of `cobs_encode` for a frame without its delimiter; None where it is no such frame."""
    out, at, whole = bytearray(frame), 0, []
    while at < len(frame):
        code = frame[at]
        if code == 0 or at + code > len(frame):
            return None
        if code == 255:
            whole.append(at + code)  # no zero was here
        out[at] = 0
        at += code
    for place in reversed(whole):
        del out[place : place + 1]
    return bytes(out[1:])


def encode_frame(sequence: int, code: int, payload: bytes = b"") -> bytes:
    """A whole frame with its delimiter."""
    body = bytes((sequence & 255, code)) + payload
    return cobs_encode(body + struct.pack("<I", zlib.crc32(body))) + DELIMITER


def decode_frame(frame: bytes) -> tuple[int, int, bytes] | None:
    """(sequence, code, payload) of a frame without its delimiter; None where it is damaged."""
    body = cobs_decode(frame)
    if body is None or len(body) < 6 or zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little"):
        return None
    return body[0], body[1], body[2:-4]


def pack_sample(x: np.ndarray) -> bytes:
    """A sample, u8[features], as (gap, value) pairs: `gap` zeros, then a non-zero value; (255, 0) skips 255 zeros.

    Example: 0 0 7 9 is ``2 7 0 9``.
    """
    (index,) = x.nonzero()
    if not len(index):
        return b""
    pairs = np.empty((len(index), 2), np.int64)
    pairs[0, 0] = index[0]
    pairs[1:, 0] = index[1:] - index[:-1] - 1
    pairs[:, 1] = x[index]
    if pairs[:, 0].max() <= 255:
        return pairs.astype(np.uint8).tobytes()
    out = bytearray()
    for gap, value in pairs.tolist():
        while gap > 255:
            out += b"\xff\x00"
            gap -= 255
        out += bytes((gap, value))
    return bytes(out)


def unpack_sample(config: NetworkConfig, data: bytes) -> np.ndarray | None:
    """The sample u8[features] that `data` holds, or None where it is out of range."""
    if len(data) % 2:
        return None
    pairs = np.frombuffer(data, np.uint8).reshape(-1, 2).astype(np.int64)
    stored = pairs[:, 1] != 0
    place = np.cumsum(pairs[:, 0] + stored) - stored
    place = place[stored]
    if len(place) and place[-1] >= config.features:
        return None
    x = np.zeros(config.features, np.uint8)
    x[place] = pairs[stored, 1]
    return x


# Samples in few bits --------------------------------------------------------------------------------------------------
def scale(bits: int) -> int:
    """By what a level of so many bits is multiplied to become the value of an input."""
    return 255 // (2**bits - 1)


def quantised(x: np.ndarray, bits: int) -> np.ndarray:
    """Inputs u8 as the nearest values that a level of so many bits has, u8: none is in the middle between two.

    With 8 bits they stay as they are.
    """
    if bits == 8:
        return x
    values = np.rint(np.arange(256) / scale(bits)).astype(np.uint8) * np.uint8(scale(bits))
    return values[x]


def least_bits(x: np.ndarray) -> int:
    """Fewest bits whose levels all inputs u8 are."""
    for bits in BITS[::-1]:
        if not (x % scale(bits)).any():
            return bits
    raise AssertionError("a level of 8 bits is any value")


def packed_size(x: np.ndarray, bits: int) -> int:
    """Bytes of `pack_bits`, without making them."""
    starts = np.arange(0, len(x), EIGHT)
    stored = x != 0
    several = np.logical_or.reduceat(stored, starts)
    features = np.minimum(EIGHT, len(x) - starts)[several].sum()
    levels = bits * np.count_nonzero(stored) if bits > 1 else 0
    return -(-int(len(starts) + features + levels) // 8)


def pack_bits(x: np.ndarray, bits: int) -> bytes:
    """A sample, u8[features], all of whose values are levels of so many bits, as a stream of bits.

    Of every eight features a bit says whether any of them is not 0; if so a bit of each of them follows, and behind a
    1, unless `bits` is 1, the level of that feature, value / `scale`, its lowest bit first. The last eight are as many
    as there are. A byte's lowest bit comes first, and the last byte's highest ones are 0.

    Example: 0 0 255 and five zeros are 1, 001 1111, 00000 with 4 bits: ``f9 00``.
    """
    starts = np.arange(0, len(x), EIGHT)
    stored = x != 0
    counts = np.add.reduceat(stored, starts, dtype=np.int64)  # of each eight
    some = counts > 0
    level = bits if bits > 1 else 0
    sizes = 1 + some * np.minimum(EIGHT, len(x) - starts) + level * counts
    at = np.cumsum(sizes) - sizes
    stream = np.zeros(int(sizes.sum()), np.uint8)
    stream[at] = some
    (index,) = stored.nonzero()
    eight = index >> 3
    before = np.arange(len(index)) - (np.cumsum(counts) - counts)[eight]  # others of its eight that are not 0
    flags = at[eight] + 1 + (index & 7) + level * before
    stream[flags] = 1
    levels = x[index] // scale(bits)
    for place in range(level):
        stream[flags + 1 + place] = levels >> place & 1
    return np.packbits(stream, bitorder="little").tobytes()


def unpack_bits(config: NetworkConfig, bits: int, data: bytes) -> np.ndarray | None:
    """The sample u8[features] that a stream of `pack_bits` holds, or None where it is none.

    None: it ends before the last feature, or there is a 1 behind that. A level of 0 is an input of 0.
    """
    stream = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little").tolist()
    level, factor = bits if bits > 1 else 0, scale(bits)
    x = np.zeros(config.features, np.uint8)
    at = 0
    for first in range(0, config.features, EIGHT):
        if at >= len(stream):
            return None
        at += 1
        if not stream[at - 1]:
            continue
        for feature in range(first, min(first + EIGHT, config.features)):
            if at >= len(stream):
                return None
            at += 1
            if not stream[at - 1]:
                continue
            if at + level > len(stream):
                return None
            read = sum(bit << place for place, bit in enumerate(stream[at : at + level])) if level else 1
            x[feature] = read * factor
            at += level
    return None if any(stream[at:]) else x


# Configurations ------------------------------------------------------------------------------------------------------
def fields_tag(fields: tuple[Fields | None, ...]) -> int:
    """By what a network's receptive fields are known, u32: the CRC-32 of each layer's `Fields.packed`, 0 for none."""
    packed = b"".join(one.packed() if one else bytes(6) for one in fields)
    return zlib.crc32(packed) if packed else 0


def pack_config(config: NetworkConfig) -> bytes:
    """Configuration as IDENTIFY returns it: features u16, classes, lanes, weight bits, ports, options, depth u8,
    widths u16. Options: bit 0 a black box, bit 1 recurrent, bit 2 receptive fields: their tag, u32, follows; bit 3
    samples in few bits."""
    options = config.black_box | config.recurrent << 1 | bool(config.fields) << 2 | config.few_bits << 3
    head = (config.features, config.classes, config.lanes, config.weight_bits, config.memory_ports, options)
    block = struct.pack("<HBBBBBB", *head, config.depth) + struct.pack(f"<{config.depth}H", *config.layers)
    return block + struct.pack("<I", fields_tag(config.fields)) if config.fields else block


def unpack_config(data: bytes, fields: tuple[Fields | None, ...] = ()) -> NetworkConfig:
    """The inverse of `pack_config`.

    Parameters
    ----------
    data : bytes
    fields : tuple of Fields or None
        The receptive fields that the device should have, since `data` holds only their tag.

    Raises
    ------
    ValueError
        `data` is no such block, or one of a device with other fields.
    """
    size = 8 + 2 * data[7] + (data[6] & 4) if len(data) >= 8 else -1
    if len(data) != size or data[6] > 15:
        raise ValueError(f"a configuration block must be 10 to 20 bytes and say its depth, not {data.hex()}")
    tag, wanted = int.from_bytes(data[8 + 2 * data[7] :], "little"), fields_tag(fields)
    if tag != wanted:
        held, asked = (f"receptive fields {one:08x}" if one else "no receptive fields" for one in (tag, wanted))
        raise ValueError(f"the device must have {asked}, as it is used, not {held}")
    features, classes, lanes, bits, ports, options, depth = struct.unpack_from("<HBBBBBB", data)
    return NetworkConfig(
        features=features,
        classes=classes,
        layers=struct.unpack_from(f"<{depth}H", data, 8),
        lanes=lanes,
        weight_bits=bits,
        memory_ports=ports,
        black_box=bool(options & 1),
        recurrent=bool(options & 2),
        fields=fields,
        few_bits=bool(options & 8),
    )


def pack_answers(squares: np.ndarray, probabilities: np.ndarray, labels: np.ndarray) -> list[bytes]:
    """What each of a run of training steps answers: entries int64[n, entries] and u8[n, entries], labels u8[n]."""
    n, entries = squares.shape
    packed = np.empty((n, 6 * entries + 1), np.uint8)
    of_entry = np.empty((n, entries, 6), np.uint8)
    of_entry[..., :5] = squares.astype("<i8").view(np.uint8).reshape(n, entries, 8)[..., :5]
    of_entry[..., 5] = probabilities
    packed[:, :-1], packed[:, -1] = of_entry.reshape(n, 6 * entries), labels
    data, size = packed.tobytes(), 6 * entries + 1
    return [data[at : at + size] for at in range(0, len(data), size)]
