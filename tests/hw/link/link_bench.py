"""A link in simulation: random waits on the line, a golden network as its engine, the golden device beside it."""

import random
from collections import deque
from collections.abc import Generator

import numpy as np
from amaranth import Cat, Module, Signal, Value
from amaranth.sim import Simulator

from ffpga_golden import GoldenDevice, NetworkConfig, initial_weights, registers
from ffpga_golden import protocol as p
from ffpga_hw.engine.host.counters import STOP
from ffpga_hw.engine.signatures.port import row_bits
from ffpga_hw.link import Link

TIMEOUT = 20_000  #: clocks
LOOK = 4  #: clocks after which the host looks again whether there is an answer


def bad(frame: bytes, rng: random.Random) -> bytes:
    """`frame` with one byte changed, none of them a delimiter."""
    at = rng.randrange(len(frame) - 1)
    return frame[:at] + bytes(((frame[at] + rng.randrange(1, 254) - 1) % 255 + 1,)) + frame[at + 1 :]


class Seen:
    """Signals as one signal: to ask the simulator for one takes it as long, whatever its width, as each of them."""

    def __init__(self, *signals) -> None:
        self.all = Cat(*map(Value.cast, signals))
        self.signal = Signal(len(self.all))
        self._fields, low = [], 0
        for signal in signals:
            width = len(Value.cast(signal))
            self._fields.append((low, (1 << width) - 1))
            low += width

    def __call__(self, value: int) -> list[int]:
        """The value of each."""
        return [value >> low & mask for low, mask in self._fields]


class Bench:
    """The link with a golden network as its engine, between a line with random waits on both sides."""

    def __init__(self, config: NetworkConfig, seed: int = 1, idle: float = 0.2) -> None:
        print(f"seed {seed}")
        self.config, self.idle, self.rng = config, idle, random.Random(seed)
        self.dut = Link(config=config)
        self.golden, self.engine = GoldenDevice(config), GoldenDevice(config)
        for device in (self.golden, self.engine):
            device.network.weights = initial_weights(config, 3)
        self.bits = row_bits(config)
        self.seed = next(register.address for register in registers(config) if register.name == "seed")
        self.list: dict[int, tuple[int, int]] = {}
        self.to_send: deque[int] = deque()
        self.frames: deque[bytes] = deque()
        self.started: list[tuple[int, int, int]] = []
        self.hold = False  # the host does not read
        self.work = (5, 60)  # clocks of a step
        self.busy = False
        self.written_while_busy = 0
        self.written = bytearray()  # bytes of a register that have come
        self.held, self.steps, self.turned, self.loading = 0, 0, 0, -1
        self.standing: bytes | None = None  # the counters while they stand still
        self.stopped, self.standstills = 0, 0
        self.driven: dict[str, int] = {}  # what the link was told last: to tell it again takes the simulator time

    def run(self, script) -> None:
        parts = self._line_in(), self._line_out(), self._engine()
        m = Module()
        m.submodules.link = self.dut
        m.d.comb += [seen.signal.eq(seen.all) for seen, _ in parts]
        simulator = Simulator(m)
        simulator.add_clock(1e-6)

        async def host(ctx):
            await script(self, ctx)

        async def beside(ctx):
            running = [part(ctx) for _, part in parts]
            for one in running:
                next(one)
            async for _, _, *values in ctx.tick().sample(*(seen.signal for seen, _ in parts)):
                for one, (seen, _), value in zip(running, parts, values, strict=True):
                    one.send(seen(value))

        simulator.add_testbench(host)
        simulator.add_testbench(beside, background=True)
        simulator.run()

    # The line: what it looks at, and what it does in every clock
    def _line_in(self):
        i, rng = self.dut.i, self.rng

        def part(ctx) -> Generator[None, list[int], None]:
            offered = False
            while True:
                (ready,) = yield
                if offered and ready:
                    ctx.set(i.valid, 0)
                    offered = False
                if not offered and self.to_send and rng.random() >= self.idle:
                    ctx.set(i.payload, self.to_send.popleft())
                    ctx.set(i.valid, 1)
                    offered = True

        return Seen(i.ready), part

    def _line_out(self):
        o, rng = self.dut.o, self.rng

        def part(ctx) -> Generator[None, list[int], None]:
            frame, offered = bytearray(), None
            while True:
                valid, ready, payload = yield
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

        return Seen(o.valid, o.ready, o.payload), part

    # The engine's side
    def _sample(self, slot: int, bank: int, length: int) -> np.ndarray:
        x, base = np.zeros(self.config.features, np.uint8), (slot << 1 | bank) << self.bits
        rows = [self.list[base + n][0] for n in range(length)]
        assert rows == sorted(set(rows))
        for n in range(length):
            x[self.list[base + n][0]] = self.list[base + n][1]
        return x

    def _step(self, ctx, command: int) -> bytes:
        port, network, slots = self.dut.engine, self.engine.network, 1 if self.config.classes else 2
        label, negative = ctx.get(port.step.label), ctx.get(port.step.negative)
        banks = ctx.get(port.sample.bank)
        lengths = [ctx.get(port.sample.length[slot]) for slot in range(slots)]
        x = [self._sample(slot, banks >> slot & 1, lengths[slot]) for slot in range(slots)]
        self.started.append((command, label, negative))
        if command == 3:
            return network.activities(x[0], label)[p.PART * negative :][: p.PART].tobytes()
        if command == 2:
            best, total = network.infer(x[0])
            return bytes((best,)) + total.to_bytes(5, "little")
        if command == 1:
            return self.engine._answer(network.train_phase(x[0], label, bool(negative)))
        return self.engine._answer(network.train_pair(x[0], label, negative, x[-1] if slots == 2 else None))

    def _engine(self):
        port, engine, network = self.dut.engine, self.engine, self.engine.network
        pulses = (port.step.start, port.weight.read, port.weight.write, port.link_error)
        sample, register, counter = port.sample, port.register, port.counter
        stored = (sample.write, sample.address, sample.row, sample.value)
        touched = (register.address, register.place, register.write, register.data, register.load, register.step)

        def part(ctx) -> Generator[None, list[int], None]:
            unready = self.rng.randrange(400)  # clocks until the tables of a black box can be used
            result, wait, weight_wait, weight_job = b"", 0, 0, None
            while True:
                start, get, put, error, store, *more = yield
                entry, touch, count = more[:3], more[3:9], more[9:]
                self._drive(ctx, "ack", port.weight.ack, 0)
                self._drive(ctx, "done", port.step.done, 0)
                self._drive(ctx, "valid", port.result.valid, 0)
                if store:
                    self.list[entry[0]] = (entry[1], entry[2])
                    self.written_while_busy += self.busy
                if error:
                    network.counters["link_errors"] += 1
                if touch[2] or touch[4] or touch[5]:
                    self._registers(*touch)
                else:
                    assert not self.written, "the bytes of a write come in four clocks running"
                    self.loading = -1
                if ctx.get(register.step):
                    value = self._register_byte(ctx.get(register.address), ctx.get(register.place))
                    ctx.set(register.value, value)
                self._counters(ctx, *count)
                if self.config.black_box:
                    self._tables(ctx, ready=unready == 0)
                    unready -= unready > 0
                self._drive(ctx, "negative_policy", register.negative_policy, network.registers["negative_policy"])
                if start:
                    assert not self.busy and self.turned == 0
                    self.pending_command, self.busy, result = ctx.get(port.step.command), True, None
                    wait = self.rng.randrange(*self.work)
                elif self.busy and wait:
                    wait -= 1
                elif self.busy:
                    result = self._step(ctx, self.pending_command) if result is None else result
                    self._drive(ctx, "valid", port.result.valid, 1)
                    ctx.set(port.result.data, result[0])
                    result = result[1:]
                    if not result:
                        self._drive(ctx, "done", port.step.done, 1)
                        self.busy = False
                if get or put:
                    assert not self.busy and weight_job is None
                    weight_job, weight_wait = put, self.rng.randrange(4)
                elif weight_wait:
                    weight_wait -= 1
                elif weight_job is not None:
                    place = engine._places(ctx.get(port.weight.word), ctx.get(port.weight.lane), 1)[0]
                    bits = 16 if not weight_job else self.config.weight_bits
                    if weight_job:
                        data = ctx.get(port.weight.data)
                        network.write_weights(*place, np.array([(data ^ 0x8000) - 0x8000]))
                    ctx.set(port.weight.value, int(network.read_weights(*place)[0]) & (1 << bits) - 1)
                    self._drive(ctx, "ack", port.weight.ack, 1)
                    weight_job = None

        return Seen(*pulses, *stored, *touched, counter.read, counter.address), part

    def _drive(self, ctx, name: str, signal, value: int) -> None:
        if self.driven.get(name) != value:
            ctx.set(signal, value)
            self.driven[name] = value

    def _tables(self, ctx, ready: bool) -> None:
        """A byte of a table is written, or there is the one whose address came a clock earlier."""
        port, tables = self.dut.engine, self.engine.network.tables
        layer, place = divmod(ctx.get(port.table.address), 256)
        assert not (self.busy and ctx.get(port.table.write))
        assert ready or not (self.busy or ctx.get(port.table.write)), "a command before the tables are ready"
        ctx.set(port.table.ready, ready)
        if ctx.get(port.table.write):
            tables[layer, place] = ctx.get(port.table.data)
        ctx.set(port.table.value, int(tables[layer, place]) if layer < len(tables) else self.rng.randrange(256))

    def _registers(self, address: int, place: int, write: int, data: int, load: int, step: int) -> None:
        """A clock in which registers are touched, byte by byte; the seed's bytes go round when they are read."""
        assert not self.busy and write + load + step == 1
        if load:  # a memory's word: its address came a clock earlier
            self.held, self.steps = self._value(address if self.loading == address else -1), 0
        self.loading = address
        if step:
            self.steps += 1
            self.turned = (self.turned + (address == self.seed)) % 4
        if write:
            assert place == len(self.written) and self.turned == 0
            self.written.append(data)
            if place == 3:
                name = self.engine._registers[address].name
                self.engine.network.write_register(name, int.from_bytes(self.written, "little"))
                self.written.clear()

    def _value(self, address: int) -> int:
        """A register's value; any one where there is none."""
        if address not in self.engine._registers:
            return self.rng.randrange(1 << 32)
        return int.from_bytes(self.engine._read_register(bytes((address,))), "little")

    def _register_byte(self, address: int, place: int) -> int:
        """The byte that is there now; any one where the order is wrong."""
        good = place == self.steps and (address != self.seed or self.turned == place)
        return self.held >> 8 * place & 255 if good else self.rng.randrange(256)

    def _counters(self, ctx, read: int, address: int) -> None:
        """Counters that stand still from a random moment after `read` on, for as long as the engine's can."""
        port, valid = self.dut.engine, self.standing is not None
        assert not (self.busy and read)
        if not valid and not read:
            return
        if not read:
            self.standing = None
        elif not valid and self.rng.random() < 0.3:
            self.standing, self.stopped = self.engine._counters(b""), 0
            self.standstills += 1
        self.stopped += valid
        assert self.stopped <= STOP
        good = valid and address < len(self.standing or b"")
        ctx.set(port.counter.value, self.standing[address] if good else self.rng.randrange(256))
        ctx.set(port.counter.valid, self.standing is not None)

    # The host
    def send(self, *data: bytes) -> None:
        for piece in data:
            self.to_send.extend(piece)

    async def answer(self, ctx) -> bytes:
        for _ in range(TIMEOUT // LOOK):
            if self.frames:
                return self.frames.popleft()
            await ctx.tick().repeat(LOOK)
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
        assert (self.engine.network.tables == self.golden.network.tables).all()
