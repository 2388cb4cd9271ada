# amaranth: UnusedElaboratable=no
"""The link against the golden device: the same bytes in, the same bytes out, whatever the line does to them."""

import random
import struct
from collections import deque
from functools import partial

import numpy as np
import pytest

from ffpga_golden import COUNTERS, NetworkConfig, registers
from ffpga_golden import protocol as p
from ffpga_golden.protocol import Opcode, Status
from ffpga_hw.link import Link

from .link_bench import Bench, bad

SMALL = NetworkConfig(features=20, classes=3, layers=(8, 8), lanes=4)
WIDE = NetworkConfig(features=9, classes=0, layers=(6,), lanes=3, weight_bits=16, memory_ports=2)
BOXED = NetworkConfig(features=12, classes=0, layers=(40, 4, 4), lanes=4, black_box=True)
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


def any_command(config: NetworkConfig, rng: random.Random) -> tuple[int, bytes]:
    """A command, right or wrong."""
    opcode = rng.choice([op for op in Opcode if op is not Opcode.IDENTIFY] + [Opcode.TRAIN_PAIR, Opcode.LOAD_SAMPLE])
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
    }[opcode]
    if rng.random() < 0.06:
        return rng.choice((0, 11, 17, 26, 255, opcode)), payload + rng.randbytes(rng.randrange(1, 80))
    return opcode, payload


@pytest.mark.parametrize(("config", "seed"), [(SMALL, 11), (WIDE, 12), (FEATURES_600, 13), (BOXED, 15)])
def test_answers_as_the_golden_device(config, seed):
    """Random frames of every kind, damaged, repeated and out of order: every answer, weight and register."""

    async def script(bench, ctx):
        rng, sequence, seen = bench.rng, 0, set()
        history: deque[bytes] = deque(maxlen=6)
        assert (await bench.same(ctx, p.encode_frame(7, Opcode.COUNTERS)))[0] == (0, Status.NO_SESSION, b"")
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, bytes(4)))
        for turn in range(90):
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
        for _ in range(2):
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
        assert bench.standstills == 4, "one for each COUNTERS"
        bench.check_weights()

    Bench(config, 22, idle=0.05).run(script)


def test_identify_answers_the_same_from_every_slot():
    """What it answers is kept beside the payloads; the longest frames leave it alone."""

    async def script(bench, ctx):
        identity = b"same" + bytes((p.VERSION,)) + p.pack_config(SMALL)
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"same"))
        sequence = 1
        for payload in (bytes(59), b"\xff" * 100):
            for opcode in (Opcode.INFER, Opcode.IDENTIFY):
                for _ in range(p.WINDOW):
                    await bench.same(ctx, p.encode_frame(sequence, opcode, payload))
                    sequence += 1
            for _ in range(p.WINDOW):
                answers = await bench.same(ctx, p.encode_frame(sequence, Opcode.IDENTIFY, b"same"))
                assert answers == [(sequence, Status.OK, identity)]
                sequence += 1

    Bench(SMALL, 23, idle=0.05).run(script)


@pytest.mark.parametrize("config", [SMALL, WIDE], ids=["labelled", "unlabelled"])
def test_frames_in_flight(config):
    """Four frames under way: samples load while the engine works, answers come in order, as without a hurry."""

    async def script(bench, ctx):
        rng, sequence, expected = bench.rng, 1, deque()
        bench.work = (400, 900)
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"fast"))
        for turn in range(25):
            x = np.array([rng.choice((0, rng.randrange(256))) for _ in range(config.features)], np.uint8)
            slot = turn % 2 if config.classes == 0 else 0
            load = Opcode.LOAD_SAMPLE, bytes((slot,)) + p.pack_sample(x)
            for command in (load, (Opcode.TRAIN_PAIR, bytes((turn % 3, (turn + 1) % 3)))):
                frame = p.encode_frame(sequence, *command)
                sequence += 1
                bench.golden.write(frame)
                expected.extend(bench.golden.read(1 << 20).split(p.DELIMITER)[:-1])
                bench.send(frame)
                while len(expected) >= p.WINDOW:
                    assert await bench.answer(ctx) == expected.popleft()
        while expected:
            assert await bench.answer(ctx) == expected.popleft()
        await bench.quiet(ctx)
        bench.check_weights()
        assert bench.written_while_busy > 50

    Bench(config, 31).run(script)


def test_a_damaged_sample_changes_nothing():
    """A LOAD_SAMPLE with a wrong CRC, one out of range and one repeated leave the sample that is there."""

    async def script(bench, ctx):
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"load"))
        first = p.encode_frame(1, Opcode.LOAD_SAMPLE, b"\x00\x01\x09\x02\x08")
        other = p.encode_frame(2, Opcode.LOAD_SAMPLE, b"\x00\x00\x05\x00\x06\x00\x07")
        await bench.same(ctx, first)
        for frame in (bad(other, bench.rng), first, p.encode_frame(9, Opcode.LOAD_SAMPLE, b"\x00\x00\x03")):
            await bench.same(ctx, frame)
        await bench.same(ctx, p.encode_frame(2, Opcode.LOAD_SAMPLE, b"\x00\x00\x05\x14\x06"))
        assert (ctx.get(bench.dut.sample_bank), ctx.get(bench.dut.sample_length[0])) == (1, 2)
        assert bench._sample(0, 1, 2)[[1, 4]].tolist() == [9, 8]
        await bench.same(ctx, p.encode_frame(3, Opcode.TRAIN_PAIR, b"\x00\x01"))
        bench.check_weights()

    Bench(SMALL, 41).run(script)


def test_a_step_is_executed_once():
    """Repeats while a step waits or runs add no answer; later ones bring its answer again."""

    async def script(bench, ctx):
        bench.work = (2000, 2001)
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"once"))
        await bench.same(ctx, p.encode_frame(1, Opcode.LOAD_SAMPLE, b"\x00\x01\x09"))
        step = p.encode_frame(2, Opcode.TRAIN_PAIR, b"\x02\x01")
        bench.send(step, step, step)
        answer = await bench.answer(ctx)
        assert p.decode_frame(answer)[:2] == (2, Status.OK)
        await bench.quiet(ctx)
        bench.send(step)
        assert await bench.answer(ctx) == answer
        await bench.quiet(ctx)
        assert bench.started == [(0, 2, 1)]

    Bench(SMALL, 51).run(script)


@pytest.mark.parametrize("gaps", [range(20, 35), range(35, 50)], ids=str)
def test_a_frame_without_a_byte_leaves_the_session(gaps):
    """However many clocks it comes behind IDENTIFY: that one, repeated, opens no session again."""

    async def script(gap, bench, ctx):
        identify = p.encode_frame(7, Opcode.IDENTIFY, b"\x01\x02\x03\x04")
        bench.send(identify)
        while bench.to_send:
            await ctx.tick()
        await ctx.tick().repeat(gap)
        bench.send(b"\x01\x00")
        answers = [await bench.answer(ctx), await bench.answer(ctx)]
        (answer,) = [one for one in answers if p.decode_frame(one)[:2] == (7, Status.OK)]  # the other is a refusal
        for sequence in (8, 9):
            bench.send(p.encode_frame(sequence, Opcode.READ_REGISTER, b"\x00"))
            assert p.decode_frame(await bench.answer(ctx))[:2] == (sequence, Status.OK)
        bench.send(identify)
        assert await bench.answer(ctx) == answer
        bench.send(p.encode_frame(10, Opcode.READ_REGISTER, b"\x00"))
        assert p.decode_frame(await bench.answer(ctx))[:2] == (10, Status.OK), gap

    for gap in gaps:
        Bench(SMALL, 57, idle=0.0).run(partial(script, gap))


def test_identify_again_and_refusals_of_a_slow_host():
    """IDENTIFY of the running session is a frame like any other; refusals merge but never vanish."""

    async def script(bench, ctx):
        identity = b"same" + bytes((p.VERSION,)) + p.pack_config(SMALL)
        await bench.same(ctx, p.encode_frame(10, Opcode.IDENTIFY, b"same"))
        for sequence in (100, 9, 12, 10):
            answers = await bench.same(ctx, p.encode_frame(sequence, Opcode.IDENTIFY, b"same"))
            assert answers == [(10, Status.OK, identity) if sequence == 10 else (11, Status.BAD_SEQUENCE, b"")]
        refused = bench.engine.network.counters["link_errors"]
        bench.hold = True
        await ctx.tick().repeat(3)
        bench.send(p.encode_frame(11, Opcode.COUNTERS), *[b"\x02\x07\x00"] * 5)
        bench.send(p.encode_frame(77, Opcode.INFER), p.encode_frame(12, Opcode.READ_REGISTER, b"\x00"))
        while bench.to_send:
            await ctx.tick()
        await ctx.tick().repeat(500)
        assert bench.engine.network.counters["link_errors"] == refused + 6
        bench.hold = False
        answers = []
        while not answers or answers[-1][0] != 12 or answers[-1][1]:
            answers.append(p.decode_frame(await bench.answer(ctx)))
        await bench.quiet(ctx)
        assert (12, Status.BAD_SEQUENCE, b"") in answers
        assert [answer[:2] for answer in answers if answer[1] == Status.OK] == [(11, 0), (12, 0)]

    Bench(SMALL, 61).run(script)


def test_nothing_is_lost_or_doubled_on_a_bad_line():
    """Bytes damaged in both directions; a host that repeats what was not answered: every step exactly once."""

    async def script(bench, ctx):
        rng = bench.rng
        commands = [(Opcode.IDENTIFY, b"rain")]
        for turn in range(14):
            x = np.array([rng.choice((0, rng.randrange(256))) for _ in range(SMALL.features)], np.uint8)
            commands += [(Opcode.LOAD_SAMPLE, b"\x00" + p.pack_sample(x)), (Opcode.TRAIN_PAIR, bytes((turn % 3, 0)))]
        frames = [p.encode_frame(250 + n, *command) for n, command in enumerate(commands)]
        wanted = []
        for frame in frames:
            bench.golden.write(frame)
            wanted.append(p.decode_frame(bench.golden.read(1 << 20)[:-1]))
        base = 0
        for _ in range(400):
            for frame in frames[base : base + (p.WINDOW if base else 1)]:
                bench.send(frame if rng.random() < 0.7 else bad(frame, rng) if rng.random() < 0.7 else frame[:-3])
            bench.send(p.DELIMITER)
            for _ in range(1200):
                await ctx.tick()
                while bench.frames:
                    answer = bench.frames.popleft()
                    answer = p.decode_frame(answer if rng.random() < 0.8 else bad(answer + b"\x00", rng)[:-1])
                    if base < len(frames) and answer == wanted[base]:
                        base += 1
            if base == len(frames):
                break
        assert base == len(frames)
        assert len(bench.started) == 14
        bench.check_weights()

    Bench(SMALL, 71, idle=0.05).run(script)


def test_config_must_be_one():
    with pytest.raises(TypeError, match="config must be a NetworkConfig, not 784"):
        Link(config=784)
