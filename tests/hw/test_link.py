"""The link against the golden device: the same bytes in, the same bytes out, whatever the line does to them."""

import random
import struct
from collections import deque

import numpy as np
import pytest
from amaranth.sim import Simulator
from ffpga_golden import COUNTERS, GoldenDevice, NetworkConfig, initial_weights
from ffpga_golden import protocol as p
from ffpga_golden.protocol import Opcode, Status
from ffpga_hw.link import Link

SMALL = NetworkConfig(features=20, classes=3, layers=(8, 8), lanes=4)
WIDE = NetworkConfig(features=9, classes=0, layers=(6,), lanes=3, weight_bits=16, memory_ports=2)
FEATURES_600 = NetworkConfig(features=600, classes=2, layers=(2,), lanes=2)
TIMEOUT = 20_000  #: clocks


def bad(frame: bytes, rng: random.Random) -> bytes:
    """`frame` with one byte changed, none of them a delimiter."""
    at = rng.randrange(len(frame) - 1)
    return frame[:at] + bytes(((frame[at] + rng.randrange(1, 254) - 1) % 255 + 1,)) + frame[at + 1 :]


class Bench:
    """The link with a golden network as its engine, between a line with random waits on both sides."""

    def __init__(self, config: NetworkConfig, seed: int = 1, idle: float = 0.2) -> None:
        print(f"seed {seed}")
        self.config, self.idle, self.rng = config, idle, random.Random(seed)
        self.dut = Link(config=config)
        self.golden, self.engine = GoldenDevice(config), GoldenDevice(config)
        for device in (self.golden, self.engine):
            device.network.weights = initial_weights(config, 3)
        self.bits = max(1, (config.features - 1).bit_length())
        self.list: dict[int, tuple[int, int]] = {}
        self.to_send: deque[int] = deque()
        self.frames: deque[bytes] = deque()
        self.started: list[tuple[int, int, int]] = []
        self.hold = False  # the host does not read
        self.work = (5, 60)  # clocks of a step
        self.busy = False
        self.written_while_busy = 0

    def run(self, script) -> None:
        simulator = Simulator(self.dut)
        simulator.add_clock(1e-6)

        async def host(ctx):
            await script(self, ctx)

        simulator.add_testbench(host)
        for background in (self._line_in, self._line_out, self._engine):
            simulator.add_testbench(background, background=True)
        simulator.run()

    # The line
    async def _line_in(self, ctx):
        i, rng = self.dut.i, self.rng
        while True:
            while not self.to_send or rng.random() < self.idle:
                await ctx.tick()
            ctx.set(i.payload, self.to_send.popleft())
            ctx.set(i.valid, 1)
            await ctx.tick().until(i.ready)
            ctx.set(i.valid, 0)

    async def _line_out(self, ctx):
        o, rng, frame, offered = self.dut.o, self.rng, bytearray(), None
        async for _, _, valid, ready, payload in ctx.tick().sample(o.valid, o.ready, o.payload):
            if offered is not None:
                assert valid and payload == offered, "an offered byte must stay"
            offered = payload if valid and not ready else None
            if valid and ready:
                if payload:
                    frame.append(payload)
                else:
                    self.frames.append(bytes(frame))
                    frame.clear()
            ctx.set(o.ready, not self.hold and rng.random() >= self.idle)

    # The engine's side
    def _sample(self, slot: int, bank: int, length: int) -> np.ndarray:
        x, base = np.zeros(self.config.features, np.uint8), (slot << 1 | bank) << self.bits
        rows = [self.list[base + n][0] for n in range(length)]
        assert rows == sorted(set(rows))
        for n in range(length):
            x[self.list[base + n][0]] = self.list[base + n][1]
        return x

    def _step(self, ctx, command: int) -> bytes:
        dut, network, slots = self.dut, self.engine.network, 1 if self.config.classes else 2
        label, negative = ctx.get(dut.command_label), ctx.get(dut.command_negative)
        banks = ctx.get(dut.sample_bank)
        lengths = [ctx.get(dut.sample_length[slot]) for slot in range(slots)]
        x = [self._sample(slot, banks >> slot & 1, lengths[slot]) for slot in range(slots)]
        self.started.append((command, label, negative))
        if command == 2:
            best, total = network.infer(x[0])
            return bytes((best,)) + total.to_bytes(5, "little")
        if command == 1:
            return self.engine._answer(network.train_phase(x[0], label, bool(negative)))
        return self.engine._answer(network.train_pair(x[0], label, negative, x[-1] if slots == 2 else None))

    async def _engine(self, ctx):
        dut, engine, network = self.dut, self.engine, self.engine.network
        result, wait, weight_wait, weight_job = b"", 0, 0, None
        pulses = (dut.command_start, dut.register_write, dut.weight_read, dut.weight_write, dut.link_error)
        async for _, _, start, write, get, put, error, store in ctx.tick().sample(*pulses, dut.list_write_enable):
            ctx.set(dut.weight_ack, 0)
            ctx.set(dut.command_done, 0)
            ctx.set(dut.result_valid, 0)
            if store:
                entry = (ctx.get(dut.list_write_row), ctx.get(dut.list_write_value))
                self.list[ctx.get(dut.list_write_address)] = entry
                self.written_while_busy += self.busy
            if error:
                network.counters["link_errors"] += 1
            address = ctx.get(dut.register_address)
            if write:
                assert not self.busy
                network.write_register(engine._registers[address].name, ctx.get(dut.register_data))
            value = int.from_bytes(engine._read_register(bytes((address,))), "little") if self._is(address) else 99
            ctx.set(dut.register_value, value)
            ctx.set(dut.negative_policy, network.registers["negative_policy"])
            ctx.set(dut.counter_value, network.counters[COUNTERS[min(8, ctx.get(dut.counter_index))]])
            if start:
                assert not self.busy
                self.pending_command, self.busy, result = ctx.get(dut.command), True, None
                wait = self.rng.randrange(*self.work)
            elif self.busy and wait:
                wait -= 1
            elif self.busy:
                result = self._step(ctx, self.pending_command) if result is None else result
                ctx.set(dut.result_valid, 1)
                ctx.set(dut.result_data, result[0])
                result = result[1:]
                if not result:
                    ctx.set(dut.command_done, 1)
                    self.busy = False
            if get or put:
                assert not self.busy and weight_job is None
                weight_job, weight_wait = put, self.rng.randrange(4)
            elif weight_wait:
                weight_wait -= 1
            elif weight_job is not None:
                place = engine._places(ctx.get(dut.weight_word), ctx.get(dut.weight_lane), 1)[0]
                bits = 16 if not weight_job else self.config.weight_bits
                if weight_job:
                    data = ctx.get(dut.weight_data)
                    network.set_weight(*place, (data ^ 0x8000) - 0x8000)
                ctx.set(dut.weight_value, network.weight(*place) & (1 << bits) - 1)
                ctx.set(dut.weight_ack, 1)
                weight_job = None

    def _is(self, address: int) -> bool:
        return address in self.engine._registers

    # The host
    def send(self, *data: bytes) -> None:
        for piece in data:
            self.to_send.extend(piece)

    async def answer(self, ctx) -> bytes:
        for _ in range(TIMEOUT):
            if self.frames:
                return self.frames.popleft()
            await ctx.tick()
        raise AssertionError(f"no answer in {TIMEOUT} clocks")

    async def same(self, ctx, data: bytes) -> list[tuple[int, int, bytes]]:
        """Send to both; the answers must be equal to the last bit. Returns them."""
        self.send(data)
        self.golden.write(data)
        answers = self.golden.read(1 << 20).split(p.DELIMITER)[:-1]
        for expected in answers:
            got = await self.answer(ctx)
            assert got == expected, (data.hex(), p.decode_frame(got), p.decode_frame(expected))
        return [p.decode_frame(answer) for answer in answers]

    async def quiet(self, ctx, clocks: int = 1500) -> None:
        """Nothing more may come."""
        await ctx.tick().repeat(clocks)
        assert not self.frames and not self.to_send

    def check_weights(self) -> None:
        for ours, theirs in zip(self.engine.network.weights, self.golden.network.weights, strict=True):
            assert (ours == theirs).all()
        assert self.engine.network.registers == self.golden.network.registers


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
    }[opcode]
    if rng.random() < 0.06:
        return rng.choice((0, 11, 17, 26, 255, opcode)), payload + rng.randbytes(rng.randrange(1, 80))
    return opcode, payload


@pytest.mark.parametrize(("config", "seed"), [(SMALL, 11), (SMALL, 14), (WIDE, 12), (FEATURES_600, 13)])
def test_answers_as_the_golden_device(config, seed):
    """Random frames of every kind, damaged, repeated and out of order: every answer, weight and register."""

    async def script(bench, ctx):
        rng, sequence, seen = bench.rng, 0, set()
        history: deque[bytes] = deque(maxlen=6)
        assert (await bench.same(ctx, p.encode_frame(7, Opcode.COUNTERS)))[0] == (0, Status.NO_SESSION, b"")
        await bench.same(ctx, p.encode_frame(0, Opcode.IDENTIFY, bytes(4)))
        for turn in range(110):
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
                frame = rng.choice(history)
            elif kind < 0.27:
                frame = p.encode_frame(sequence + rng.randrange(1, 256), *any_command(config, rng))
            else:
                frame = p.encode_frame(sequence, *any_command(config, rng))
                sequence += 1
                history.append(frame)
            history.append(frame)
            seen |= {status for _, status, _ in await bench.same(ctx, frame)}
        assert seen >= {Status.OK, Status.BAD_CRC, Status.BAD_SEQUENCE, Status.BAD_LENGTH, Status.BAD_VALUE}
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
        ]:
            sequence += 1
            answers = await bench.same(ctx, p.encode_frame(sequence, opcode, payload))
            assert [answer[:2] for answer in answers] == [(sequence & 255, status)], (opcode, payload)
        bench.check_weights()

    Bench(SMALL, 21).run(script)


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


def test_identify_again_and_refusals_of_a_slow_host():
    """IDENTIFY of the running session is answered at any sequence number; refusals merge but never vanish."""

    async def script(bench, ctx):
        identity = b"same" + bytes((p.VERSION,)) + p.pack_config(SMALL)
        await bench.same(ctx, p.encode_frame(10, Opcode.IDENTIFY, b"same"))
        for sequence in (100, 9, 12, 10):
            bench.send(p.encode_frame(sequence, Opcode.IDENTIFY, b"same"))
            assert p.decode_frame(await bench.answer(ctx)) == (sequence, Status.OK, identity)
        bench.hold = True
        await ctx.tick().repeat(3)
        bench.send(p.encode_frame(11, Opcode.COUNTERS), *[b"\x02\x07\x00"] * 5)
        bench.send(p.encode_frame(77, Opcode.INFER), p.encode_frame(12, Opcode.READ_REGISTER, b"\x00"))
        while bench.to_send:
            await ctx.tick()
        await ctx.tick().repeat(500)
        assert bench.engine.network.counters["link_errors"] == 6
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
