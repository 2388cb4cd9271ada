# amaranth: UnusedElaboratable=no
"""The link against the golden device: the same bytes in, the same bytes out, whatever the line does to them."""

import random
import struct
from collections import deque

import numpy as np
import pytest

from ffpga_golden import COUNTERS, NetworkConfig, registers
from ffpga_golden import protocol as p
from ffpga_golden.protocol import BITS, Opcode, Status, pack_bits, quantised
from ffpga_hw.link import Link

from .link_bench import Bench, bad

SMALL = NetworkConfig(features=20, classes=3, layers=(8, 8), lanes=4)
WIDE = NetworkConfig(features=9, classes=0, layers=(6,), lanes=3, weight_bits=16, memory_ports=2)
BOXED = NetworkConfig(features=12, classes=0, layers=(40, 4, 4), lanes=4, black_box=True)
FEW = NetworkConfig(features=20, classes=3, layers=(8, 8), lanes=4, few_bits=True)
FEW_UNLABELLED = NetworkConfig(features=250, classes=0, layers=(6,), lanes=3, few_bits=True)
FEATURES_600 = NetworkConfig(features=600, classes=2, layers=(2,), lanes=2)


def any_sample(config: NetworkConfig, rng: random.Random) -> bytes:
    """A sample's payload, mostly a good one."""
    x = np.array([rng.choice((0, 0, 0, 255, rng.randrange(256))) for _ in range(config.features)], np.uint8)
    slot = rng.randrange(1 if config.classes else 2) if rng.random() < 0.9 else rng.randrange(256)
    pairs = p.pack_sample(x)
    kind = rng.random()
    if kind < 0.1:
        pairs += bytes((rng.randrange(30), 7))
    elif kind < 0.2:
        pairs = pairs[:-1]
    elif kind < 0.3:
        pairs = bytes((255, 0)) * rng.randrange(1, 20) + bytes((rng.randrange(256), rng.randrange(2)))
    return bytes((slot,)) + pairs


def any_bits(config: NetworkConfig, rng: random.Random) -> bytes:
    """A sample in few bits, mostly a good one."""
    bits, share = rng.choice(BITS), rng.choice((0.05, 0.4, 1.0))
    x = np.array([(rng.random() < share) * rng.randrange(256) for _ in range(config.features)], np.uint8)
    slot = rng.randrange(1 if config.classes else 2)
    stream = pack_bits(quantised(x, bits), bits)
    kind = rng.random()
    if kind < 0.1:
        stream = stream[:-1]
    elif kind < 0.2:  # a bit behind the sample, or a level of 0, or another one
        place = rng.choice((len(stream) - 1, rng.randrange(len(stream))))
        stream = stream[:place] + bytes((stream[place] ^ 1 << rng.randrange(8),)) + stream[place + 1 :]
    elif kind < 0.3:
        stream += bytes(rng.randrange(1, 4)) + bytes((rng.choice((0, 1, 128)),))
    head = bits << 4 | slot
    return bytes((head if rng.random() < 0.9 else rng.randrange(256),)) + stream


def any_command(config: NetworkConfig, rng: random.Random) -> tuple[int, bytes]:
    """A command, right or wrong."""
    known = [op for op in Opcode if op is not Opcode.IDENTIFY and (op is not Opcode.LOAD_BITS or config.few_bits)]
    opcode = rng.choice(known + [Opcode.TRAIN_PAIR, Opcode.LOAD_BITS if config.few_bits else Opcode.LOAD_SAMPLE])
    size = config.weight_bits // 8
    word = rng.choice((rng.randrange(config.words), config.words - rng.randrange(1, 8), rng.randrange(1 << 16)))
    lane = rng.choice((rng.randrange(config.lanes), rng.randrange(config.lanes), config.lanes))
    most = p.PAYLOAD_MAX // size
    count = rng.choice((1, rng.randrange(most + 2), most, rng.randrange(256)))
    part = bytes((rng.randrange(config.depth + 1), rng.randrange(rng.choice((2, 9)))))
    weights = [rng.randrange(-127, 128) for _ in range(min(count, (p.PAYLOAD_MAX - 3) // size))]
    payload = {
        Opcode.READ_REGISTER: bytes((rng.randrange(18),)),
        Opcode.WRITE_REGISTER: bytes((rng.choice((2, 3, 4, 5, 6, 9, 12, 200)),)) + rng.randbytes(4),
        Opcode.READ_WEIGHTS: struct.pack("<HBB", word, lane, count),
        Opcode.WRITE_WEIGHTS: struct.pack(f"<HB{len(weights)}{'b' if size == 1 else 'h'}", word, lane, *weights),
        Opcode.LOAD_SAMPLE: any_sample(config, rng),
        Opcode.TRAIN_PAIR: bytes((rng.randrange(config.classes + 1), rng.randrange(config.classes + 1))),
        Opcode.TRAIN_PHASE: bytes((rng.choice((0, 1, 1, 2)), rng.randrange(config.classes + 1))),
        Opcode.INFER: b"",
        Opcode.COUNTERS: b"",
        Opcode.ACTIVITIES: part,
        Opcode.READ_TABLE: part,
        Opcode.WRITE_TABLE: part + rng.randbytes(p.PART),
        Opcode.LOAD_BITS: any_bits(config, rng) if opcode == Opcode.LOAD_BITS else b"",
    }[opcode]
    if rng.random() < 0.06:
        return rng.choice((0, 11, 14, 17, 26, 255, opcode)), payload + rng.randbytes(rng.randrange(1, 80))
    return opcode, payload


#: Conversations of `make test-all`. Whole chips, of such configurations too, have longer ones on the virtual board.
LONG = [(SMALL, 11), (WIDE, 12), (FEATURES_600, 13), (BOXED, 15), (FEW, 16), (FEW_UNLABELLED, 19)]


@pytest.mark.parametrize(
    ("config", "seed", "turns"),
    [
        (SMALL, 12, 30),
        (FEW, 16, 60),
        *(pytest.param(config, seed, 90, marks=pytest.mark.all) for config, seed in LONG),
    ],
)
def test_answers_as_the_golden_device(config, seed, turns):
    """Random frames of every kind, damaged, repeated and out of order: every answer, weight and register."""

    async def script(bench, ctx):
        rng, sequence, seen = bench.rng, 0, set()
        history: deque[bytes] = deque(maxlen=6)
        assert (await bench.same(ctx, p.encode_frame(7, Opcode.COUNTERS)))[0] == (0, Status.NO_SESSION, b"")
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, bytes(4)))
        for turn in range(turns):
            kind = rng.random()
            if turn == 0 or kind < 0.04:  # a new session, at any sequence number; sometimes without
                sequence = rng.randrange(256)
                frame = p.encode_frame(sequence, Opcode.IDENTIFY, struct.pack("<I", turn * 65_537 + 1))
                sequence += 1
            elif kind < 0.12:
                frame = bad(p.encode_frame(sequence, *any_command(config, rng)), rng)
            elif kind < 0.15:
                frame = rng.choice((b"\x00\x00", b"\x05abc\x00", b"\x01\x00", rng.randbytes(90) + b"\x00", b"\xff\x00"))
            elif kind < 0.22:
                frame = rng.choice(history or [p.DELIMITER])
            elif kind < 0.27:
                frame = p.encode_frame(sequence + rng.randrange(1, 256), *any_command(config, rng))
            else:
                frame = p.encode_frame(sequence, *any_command(config, rng))
                sequence += 1
                history.append(frame)
            for number, status, _ in await bench.same(ctx, frame):
                seen.add(status)
                sequence = number if status in p.REFUSED else sequence
        assert seen >= {Status.OK, Status.BAD_CRC, Status.BAD_SEQUENCE, Status.BAD_VALUE}
        await bench.quiet(ctx)
        bench.check_weights()

    Bench(config, seed).run(script)


def test_every_status():
    """Each reason for which a command is not executed, and their order."""

    async def script(bench, ctx):
        sequence = 255
        sessions = p.encode_frame(sequence, Opcode.IDENTIFY, b"abcd")
        assert await bench.same(ctx, sessions) == [
            (255, Status.OK, b"abcd" + bytes((p.VERSION,)) + p.pack_config(SMALL)),
        ]
        for opcode, payload, status in [
            (Opcode.TRAIN_PAIR, b"\x00\x01", Status.NO_SAMPLE),
            (Opcode.TRAIN_PAIR, b"\x03\x01", Status.BAD_VALUE),
            (Opcode.TRAIN_PHASE, b"\x00\x02", Status.NO_SAMPLE),
            (Opcode.TRAIN_PHASE, b"\x02\x02", Status.BAD_VALUE),
            (Opcode.INFER, b"", Status.NO_SAMPLE),
            (Opcode.INFER, b"\x00", Status.BAD_LENGTH),
            (Opcode.IDENTIFY, b"abc", Status.BAD_LENGTH),
            (Opcode.IDENTIFY, b"abcd", Status.OK),
            (Opcode.LOAD_SAMPLE, b"", Status.BAD_LENGTH),
            (Opcode.LOAD_SAMPLE, b"\x01\x00", Status.BAD_LENGTH),
            (Opcode.LOAD_SAMPLE, b"\x01\x00\x01", Status.BAD_VALUE),
            (Opcode.LOAD_SAMPLE, b"\x00\x14\x01", Status.BAD_VALUE),
            (Opcode.LOAD_SAMPLE, b"\x00\xff\x00\xff\x00", Status.OK),
            (Opcode.INFER, b"", Status.OK),
            (Opcode.WRITE_REGISTER, b"\x04\x02\x00\x00\x00", Status.OK),
            (Opcode.TRAIN_PAIR, b"\x02\x02", Status.BAD_VALUE),
            (Opcode.TRAIN_PAIR, b"\x02\x01", Status.OK),
            (Opcode.READ_REGISTER, b"\x0e", Status.BAD_VALUE),
            (Opcode.READ_WEIGHTS, struct.pack("<HBB", SMALL.words - 1, 3, 1), Status.OK),
            (Opcode.READ_WEIGHTS, struct.pack("<HBB", SMALL.words - 1, 3, 2), Status.BAD_VALUE),
            (Opcode.READ_WEIGHTS, struct.pack("<HBB", 65_535, 3, 58), Status.BAD_VALUE),
            (Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, 0, 0), Status.BAD_VALUE),
            (Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, 0, 59), Status.BAD_VALUE),
            (Opcode.WRITE_WEIGHTS, struct.pack("<HB2b", SMALL.words - 1, 3, 1, 2), Status.BAD_VALUE),
            (Opcode.WRITE_WEIGHTS, struct.pack("<HB", 0, 0), Status.BAD_LENGTH),
            (Opcode.WRITE_WEIGHTS, struct.pack("<HB56b", 0, 0, *range(56)), Status.BAD_LENGTH),
            (99, bytes(70), Status.BAD_OPCODE),
            (Opcode.COUNTERS, b"", Status.OK),
        ]:
            sequence += 1
            answers = await bench.same(ctx, p.encode_frame(sequence, opcode, payload))
            assert [answer[:2] for answer in answers] == [(sequence & 255, status)], (opcode, payload)
        for opcode, payload in [(Opcode.IDENTIFY, b"abcd"), (Opcode.COUNTERS, b"")]:  # too far ahead, too old
            for number in (sequence + 2, sequence - p.WINDOW):
                answers = await bench.same(ctx, p.encode_frame(number, opcode, payload))
                assert answers == [(sequence + 1 & 255, Status.BAD_SEQUENCE, b"")]
        for frame in (p.encode_frame(50, Opcode.IDENTIFY, bytes(4)), p.encode_frame(50, Opcode.COUNTERS)):
            assert await bench.same(ctx, frame) == [(50, Status.NO_SESSION, b"")]
        bench.check_weights()

    Bench(SMALL, 21).run(script)


@pytest.mark.parametrize("config", [SMALL, WIDE], ids=["labelled", "unlabelled"])
def test_every_byte_of_registers_and_counters(config):
    """Each register written and read with bytes that differ, in the order of their places; counters that are full."""

    async def script(bench, ctx):
        rng, sequence = bench.rng, 1
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"byte"))
        for network in (bench.golden.network, bench.engine.network):
            bits = random.Random(sequence)
            for name in COUNTERS:
                network.counters[name] = bits.getrandbits(32)
        commands = [(Opcode.COUNTERS, b"")] * 2
        for register in registers(config):
            address = bytes((register.address,))
            value = (1).to_bytes(4, "little") if register.name == "negative_policy" else rng.randbytes(4)
            commands += [(Opcode.WRITE_REGISTER, address + value), (Opcode.READ_REGISTER, address)]
        commands += [(Opcode.READ_REGISTER, bytes((register.address,))) for register in registers(config)]
        for command in commands:
            ((_, status, _),) = await bench.same(ctx, p.encode_frame(sequence, *command))
            assert status == Status.OK
            sequence += 1
        assert bench.standstills == 2, "one for each COUNTERS"
        bench.check_weights()

    Bench(config, 22, idle=0.05).run(script)


def test_config_must_be_one():
    with pytest.raises(TypeError, match="config must be a NetworkConfig, not 784"):
        Link(config=784)
