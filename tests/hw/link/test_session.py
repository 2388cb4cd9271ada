# amaranth: UnusedElaboratable=no
"""The link's session: frames in flight, repeated, damaged or lost are executed once, in order, or not at all.

What it keeps, until its rings turn, is compared on whole chips: `tests/sim/board/test_sessions.py`.
"""

from collections import deque

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden import protocol as p
from ffpga_golden.protocol import Opcode, Status

from .link_bench import Bench, bad

SMALL = NetworkConfig(features=20, classes=3, layers=(8, 8), lanes=4)
WIDE = NetworkConfig(features=9, classes=0, layers=(6,), lanes=3, weight_bits=16, memory_ports=2)


@pytest.mark.parametrize("config", [pytest.param(SMALL, marks=pytest.mark.all), WIDE], ids=["labelled", "unlabelled"])
def test_frames_in_flight(config):
    """Four frames under way: samples load while the engine works, answers come in order, as without a hurry."""

    async def script(bench, ctx):
        rng, sequence, expected = bench.rng, 1, deque()
        bench.work = (400, 900)
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"fast"))
        for turn in range(15):
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
        assert bench.written_while_busy > 30

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
        assert (ctx.get(bench.dut.engine.sample.bank), ctx.get(bench.dut.engine.sample.length[0])) == (1, 2)
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


def test_all_that_is_under_way_comes_again():
    """The window's frames are said twice while the host does not listen: every answer is there, and once executed."""

    async def script(bench, ctx):
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, b"over"))
        await bench.same(ctx, p.encode_frame(1, Opcode.LOAD_SAMPLE, b"\0\1\2"))
        frames = [p.encode_frame(2 + n, Opcode.TRAIN_PAIR, bytes((n % 3, (n + 1) % 3))) for n in range(15)]
        expected = []
        for frame in frames:
            bench.golden.write(frame)
            expected += bench.golden.read(1 << 20).split(p.DELIMITER)[:-1]
        bench.send(*frames)
        for answer in expected:
            assert await bench.answer(ctx) == answer
        bench.hold = True
        bench.send(*frames)
        await ctx.tick().repeat(3000)
        bench.hold = False
        for answer in expected:
            assert await bench.answer(ctx) == answer
        await bench.quiet(ctx)
        assert len(bench.started) == 15
        bench.check_weights()

    Bench(SMALL, 66, idle=0.02).run(script)


def test_nothing_is_lost_or_doubled_on_a_bad_line():
    """Bytes damaged in both directions; a host that repeats what was not answered: every step exactly once."""

    async def script(bench, ctx):
        rng = bench.rng
        commands = [(Opcode.IDENTIFY, b"rain")]
        for turn in range(8):
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
        assert len(bench.started) == 8
        bench.check_weights()

    Bench(SMALL, 71, idle=0.05).run(script)
