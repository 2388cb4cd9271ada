"""Scorer, goodness, vector and their parts against their golden functions, at the clocks that they promise."""

import numpy as np
import pytest

from ffpga_golden import NetworkConfig, registers
from ffpga_golden import arithmetic as golden
from ffpga_golden.timing import FINISH, Clock
from ffpga_hw.engine.delay import DelayMemory
from ffpga_hw.engine.goodness import Goodness
from ffpga_hw.engine.multiply import Multiplier
from ffpga_hw.engine.scorer import Scorer, TotalSlots
from ffpga_hw.engine.vector import Vector

from .block_bench import BITS_16, CONFIG, UNLABELLED, WIDEST, pack, simulate

DEEP = NetworkConfig(features=20, classes=5, layers=(12, 8, 4), lanes=4)
MANY = NetworkConfig(features=1, classes=32, layers=(1024, 4), lanes=4)


@pytest.mark.parametrize("config", [CONFIG, BITS_16, UNLABELLED], ids=["8 bits", "16 bits", "three lanes"])
@pytest.mark.parametrize("mode", ["every", "labelled", "plain"])
def test_scorer_makes_activities_and_sums_of_squares(config, mode):
    rng = np.random.RandomState(3)
    dut, lanes = Scorer(config=config), config.lanes
    layer = 0 if mode != "plain" else 1
    groups = config.groups[layer]
    slots = {"every": max(2, config.classes), "labelled": 2, "plain": 1}[mode]
    slot_names = {"every": range(slots), "labelled": (1, 0), "plain": (config.classes + 3,)}[mode]
    scale = 1 << config.sum_bits - 3
    z = rng.randint(-scale, 3 * scale, (groups, lanes))
    z[0, 0], z[0, 1] = -(1 << config.sum_bits - 2), (1 << config.sum_bits - 2) - 1
    limit = config.weight_max
    labels = (
        rng.choice([-limit, limit, 5], (groups, slots, lanes)) if mode != "plain" else np.zeros((groups, slots, lanes))
    )
    group_now = [0]
    written: dict[tuple[int, int], int] = {}
    memory = TotalSlots(config)
    reset = {f"threshold{n}": memory.upper + n for n in range(config.depth)}
    kept = {reset[r.name]: r.reset for r in registers(config) if r.name in reset}
    own = [*range(memory.upper + 4, memory.upper + 8), *([] if config.classes else [memory.sum])]

    async def label_memory(ctx):
        async for _, _, label in ctx.tick().sample(dut.label):
            words = labels[min(group_now[0], groups - 1)][min(label, slots - 1)]
            ctx.set(dut.label_word, sum((int(w) & 0xFFFF) << 16 * n for n, w in enumerate(words)))

    async def activities(ctx):
        async for _, _, write, slot, neuron, y in ctx.tick().sample(dut.y_write, dut.y_slot, dut.y_neuron, dut.y):
            if write:
                assert (slot, neuron) not in written
                written[slot, neuron] = y

    async def total(ctx, slot) -> int:
        ctx.set(dut.total_slot, slot)
        await ctx.tick()
        return ctx.get(dut.total)

    async def store(ctx, slot, value):
        ctx.set(dut.total_write_slot, slot)
        ctx.set(dut.total_write_data, value)
        ctx.set(dut.total_write, 1)
        await ctx.tick()
        ctx.set(dut.total_write, 0)

    async def bench(ctx):
        for slot in own:
            kept[slot] = int(rng.randint(1 << 32)) | 1 << config.total_bits - 1
            await store(ctx, slot, kept[slot])
        ctx.set(dut.total_write_slot, slot_names[0])
        ctx.set(dut.total_write_data, 12345)
        ctx.set(dut.slots, slots)
        ctx.set(dut.every, mode == "every")
        ctx.set(dut.labelled, mode != "plain")
        ctx.set(dut.slot_a, slot_names[0])
        ctx.set(dut.slot_b, slot_names[-1])
        ctx.set(dut.first_layer, layer == 0)
        ctx.set(dut.groups, groups)
        ctx.set(dut.restart, 1)
        await ctx.tick()
        ctx.set(dut.restart, 0)
        for group in range(groups):
            group_now[0] = group
            ctx.set(dut.sums, pack(z[group], config.sum_bits))
            ctx.set(dut.capture, 1)
            await ctx.tick()
            ctx.set(dut.capture, 0)
            ctx.set(dut.sums, 0)
            for clock in range(1, slots * lanes + 1):
                assert ctx.get(dut.last) == (clock == slots * lanes), clock
                await ctx.tick()
            await ctx.tick().repeat(int(rng.randint(3, 6)))
        for _ in range(20):
            if ctx.get(dut.done):
                break
            await ctx.tick()
        assert ctx.get(dut.done)
        shift = config.activity_shift[0] if layer == 0 else config.activity_shift[1]
        for ordinal, slot in enumerate(slot_names):
            full = (z + 255 * labels[:, ordinal]).astype(np.float64).ravel()
            y = golden.activity(full, shift)
            assert [written[slot, n] for n in range(groups * lanes)] == y.tolist()
            assert slot not in kept
            kept[slot] = int(golden.sum_of_squares(y))
        for slot, value in kept.items():
            assert await total(ctx, slot) == value, slot
        kept[slot_names[0]] += 99  # where an inference adds up its layers
        await store(ctx, slot_names[0], kept[slot_names[0]])
        for slot, value in kept.items():
            assert await total(ctx, slot) == value, slot

    simulate(dut, label_memory, activities, bench)


def test_scorer_squares_every_activity():
    config = NetworkConfig(features=20, classes=0, layers=(1024,), lanes=64)
    rng = np.random.RandomState(11)
    dut = Scorer(config=config)

    async def bench(ctx):
        for name, value in (("slots", 1), ("slot_a", 0), ("first_layer", 1), ("groups", 16)):
            ctx.set(getattr(dut, name), value)
        for y in rng.permutation(4096).reshape(4, 16, 64):
            ctx.set(dut.restart, 1)
            await ctx.tick()
            ctx.set(dut.restart, 0)
            for group in y:
                ctx.set(dut.sums, pack(group << config.activity_shift[0], config.sum_bits))
                ctx.set(dut.capture, 1)
                await ctx.tick()
                ctx.set(dut.capture, 0)
                await ctx.tick().repeat(config.lanes + 3)
            await ctx.tick().repeat(12)
            assert ctx.get(dut.total) == sum(int(n) ** 2 for n in y.ravel())

    simulate(dut, bench)


class GoodnessBench:
    """`Goodness` beside the totals' memory; each of its commands is one call, which checks all that it does."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        print(f"seed {seed}")
        self.config, self.rng = config, np.random.RandomState(seed)
        self.dut, self.slots = Goodness(config=config), TotalSlots(config)
        self.totals = [self.any_total() for _ in range(2 * self.slots.upper)]
        self.stored: list[tuple[int, int]] = []
        self.told = bytearray()
        self.finished = 0

    def run(self, script) -> None:
        async def bench(ctx):
            await script(ctx)
            await ctx.tick().repeat(3)
            assert not (self.stored or self.told or self.finished), "nothing more may come"

        simulate(self.dut, self._memory, bench)

    async def _memory(self, ctx):
        dut = self.dut
        outputs = dut.slot, dut.store, dut.store_slot, dut.b, dut.result_valid, dut.result, dut.done
        async for _, _, slot, store, store_slot, b, valid, result, done in ctx.tick().sample(*outputs):
            ctx.set(dut.total, self.totals[slot])
            if store:
                self.stored.append((store_slot, b))
                self.totals[store_slot] = b
            if valid:
                self.told.append(result)
            self.finished += done

    def any_total(self) -> int:
        """A sum over one layer or several, or a threshold."""
        any_one = int.from_bytes(self.rng.bytes(5), "little") >> 40 - self.rng.randint(1, self.config.goodness_bits + 1)
        return int(self.rng.choice([0, 1, self.top, any_one, any_one]))

    @property
    def top(self) -> int:
        """The largest sum of squares, at least."""
        return (1 << self.config.goodness_bits) - 1

    def any_slots(self, number: int) -> list[int]:
        return self.rng.permutation(len(self.totals))[:number].tolist()

    def set(self, ctx, **inputs: int) -> None:
        for name, value in inputs.items():
            ctx.set(getattr(self.dut, name), value)

    async def command(self, ctx, name: str, wanted: int, answer: bytes = b"", stored: list | None = None) -> None:
        """Starts a command and waits for `done`, which must come so that it takes the clocks `wanted` in all."""
        dut = self.dut
        if self.rng.rand() < 0.5:
            await ctx.tick().repeat(int(self.rng.randint(1, 12)))
        ctx.set(getattr(dut, name), 1)
        await ctx.tick()
        ctx.set(getattr(dut, name), 0)
        clocks = 2
        while not ctx.get(dut.done):
            clocks += 1
            assert clocks <= wanted
            await ctx.tick()
        assert clocks == wanted
        await ctx.tick()
        assert (bytes(self.told), self.stored, self.finished) == (answer, stored or [], 1), name
        self.told.clear()
        self.stored.clear()
        self.finished = 0

    def clocks(self, method: str, *arguments: int) -> int:
        """What the prediction of the chip's clocks says."""
        clock = Clock(self.config)
        before = clock.clocks
        getattr(clock, method)(*arguments)
        return clock.clocks - before

    async def decide(self, ctx, a: int, b: int, k: int, gate: int, negate: int, pair: int) -> None:
        slot_a, slot_b = self.any_slots(2)
        self.totals[slot_a], self.totals[slot_b] = a, b
        self.set(ctx, slot_a=slot_a, slot_b=slot_b, k=k, gate=gate, negate=negate, pair=pair)
        c = golden.probability(b - a if negate else a - b, k, gate)
        parts = [(a, c), (b, c)] if pair else [(a, c)]
        answer = b"".join(total.to_bytes(5, "little") + bytes((c,)) for total, c in parts)
        await self.command(ctx, "decide", self.clocks("decide", k), answer)
        assert (ctx.get(self.dut.c), ctx.get(self.dut.a)) == (c, a), (a, b, k, gate, negate)

    async def any_decision(self, ctx) -> None:
        rng = self.rng
        a, b = self.any_total(), self.any_total()
        settings = [int(n) for n in (rng.randint(32), rng.choice([0, 1, 128, 255]), rng.randint(2), rng.randint(2))]
        await self.decide(ctx, a, b, *settings)
        if rng.rand() < 0.5:
            await self.swap(ctx, b)
            assert ctx.get(self.dut.c) == golden.probability((a, b)[settings[2]] - (b, a)[settings[2]], *settings[:2])

    async def swap(self, ctx, b: int) -> None:
        """a becomes b, at the latest 6 clocks later."""
        ctx.set(self.dut.swap, 1)
        await ctx.tick()
        ctx.set(self.dut.swap, 0)
        await ctx.tick().repeat(5)
        assert ctx.get(self.dut.a) == b
        await ctx.tick()
        assert (self.told, self.stored, self.finished, ctx.get(self.dut.a)) == (b"", [], 0, b)

    async def sum(self, ctx) -> None:
        slot_a, slot_b, slot_sum = self.any_slots(3)
        slot_sum = int(self.rng.choice([slot_a, slot_b, slot_sum]))
        below = self.top * (self.config.depth - 1)  # at most, of the other layers
        a = int(self.rng.choice([below, min(below, self.totals[slot_a])]))
        b = min(self.top, self.totals[slot_b])
        self.totals[slot_a], self.totals[slot_b] = a, b
        first = int(self.rng.randint(2))
        self.set(ctx, slot_a=slot_a, slot_b=slot_b, slot_sum=slot_sum, first=first)
        await self.command(ctx, "sum", self.clocks("sum"), stored=[(slot_sum, a if first else a + b)])
        assert ctx.get(self.dut.a) == b

    async def tell(self, ctx) -> None:
        slot, slot_b = self.any_slots(2)
        self.set(ctx, slot_a=slot, slot_b=slot_b, pair=int(self.rng.randint(2)))
        await self.command(ctx, "tell", self.clocks("tell") + FINISH, self.totals[slot].to_bytes(5, "little"))

    async def select(self, ctx, lowest: int, among: int) -> None:
        rng, classes = self.rng, self.config.classes
        kind = rng.randint(4)
        for label in range(classes):
            self.totals[label] = int(rng.randint(0, 2)) if kind == 0 else self.any_total()
            if kind == 1:  # they differ in one byte alone
                self.totals[label] = 0x44_4444 ^ int(rng.randint(1, 256)) << 8 * int(rng.choice([0, 2]))
            if kind == 2:
                self.totals[label] = self.top - int(rng.randint(3))
        picked = rng.permutation(classes)[: rng.randint(among, classes)].tolist()
        left = picked if among else [label for label in range(classes) if label not in picked]
        best = min(left, key=lambda label: (self.totals[label] if lowest else -self.totals[label], label))
        self.set(ctx, excluded=sum(1 << label for label in picked), among=among, lowest=lowest)
        await self.command(ctx, "select", self.clocks("select", len(left), classes - len(left)))
        assert ctx.get(self.dut.label) == best, (self.totals[:classes], left, lowest)

    async def write_threshold(self, ctx) -> None:
        """Four bytes, then `keep`, as the link brings them."""
        value, (slot,) = int(self.rng.choice([0, 0xFFFF_FFFF, self.rng.randint(1 << 32)])), self.any_slots(1)
        self.set(ctx, slot_sum=slot)
        ctx.set(self.dut.push, 1)
        for byte in value.to_bytes(4, "little"):
            ctx.set(self.dut.pushed, byte)
            await ctx.tick()
        ctx.set(self.dut.push, 0)
        ctx.set(self.dut.pushed, 77)
        ctx.set(self.dut.keep, 1)
        await ctx.tick()
        ctx.set(self.dut.keep, 0)
        await ctx.tick()
        assert (self.told, self.stored, self.finished) == (b"", [(slot, value)], 0)
        self.stored.clear()

    async def read_threshold(self, ctx) -> None:
        """`load`, then each byte with its own `push`; what is pushed goes nowhere."""
        (slot,) = self.any_slots(1)
        self.set(ctx, slot_a=slot, load=1)
        await ctx.tick().repeat(int(self.rng.randint(2, 5)))
        ctx.set(self.dut.load, 0)
        ctx.set(self.dut.push, 1)
        found = bytearray()
        for _ in range(4):
            ctx.set(self.dut.pushed, int(self.rng.randint(256)))
            found.append(ctx.get(self.dut.a) & 0xFF)
            await ctx.tick()
        ctx.set(self.dut.push, 0)
        assert int.from_bytes(found, "little") == self.totals[slot] & 0xFFFF_FFFF
        assert (self.told, self.stored, self.finished) == (b"", [], 0)


FOUR_AND_FIVE = pytest.mark.parametrize("config", [CONFIG, WIDEST], ids=["4 bytes", "5 bytes"])


def test_totals_of_four_and_five_bytes_are_tested():
    assert [config.total_bytes for config in (CONFIG, UNLABELLED, WIDEST, MANY)] == [4, 4, 5, 5]


@FOUR_AND_FIVE
def test_decision_is_probability_and_both_go_into_the_answer(config):
    bench = GoodnessBench(config, 4)
    rng, most = bench.rng, max(bench.top, 0xFFFF_FFFF)

    async def script(ctx):
        for k in range(32):
            for negate in range(2):
                for extreme in ((0, 0), (0, most), (bench.top, 0), (bench.top, most)):
                    await bench.decide(ctx, *extreme, k, 0, negate, int(rng.randint(2)))
                for d in (-129, -128, -127, -17, -1, 0, 1, 40, 126, 127, 128):  # around the ends of what T holds
                    margin = (d << k) + int(rng.choice([0, 1, (1 << k) - 1, rng.randint(1 << k)]))
                    a = int(rng.randint(1 << 30))
                    b = a + margin if negate else a - margin
                    if max(a, b) - min(a, b, 0) > most:
                        continue
                    lift = int(rng.randint(-min(a, b), most - max(a, b) + 1))
                    await bench.decide(ctx, a + lift, b + lift, k, 0, negate, int(rng.randint(2)))

    bench.run(script)


def test_a_probability_below_the_gate_is_0():
    bench = GoodnessBench(CONFIG, 5)

    async def script(ctx):
        for d in range(-128, 128):
            c = golden.probability(d, 0, 0)
            for gate in (c, min(255, c + 1)):
                await bench.decide(ctx, 1000 + d, 1000, 0, gate, 0, 0)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, WIDEST, MANY], ids=["5 labels", "2 labels", "32 labels"])
@pytest.mark.parametrize("lowest", [0, 1])
@pytest.mark.parametrize("among", [0, 1])
def test_select_takes_the_best_label_of_those_that_are_left(config, lowest, among):
    bench = GoodnessBench(config, 6)

    async def script(ctx):
        for _ in range(1000 // (config.classes + 5)):
            await bench.select(ctx, lowest, among)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED, WIDEST], ids=["4 bytes", "no labels", "5 bytes"])
def test_sum_is_stored_and_told(config):
    bench = GoodnessBench(config, 7)

    async def script(ctx):
        for _ in range(100):
            await bench.sum(ctx)
            await bench.tell(ctx)

    bench.run(script)


@FOUR_AND_FIVE
def test_thresholds_are_written_and_read(config):
    bench = GoodnessBench(config, 8)

    async def script(ctx):
        for _ in range(60):
            await bench.write_threshold(ctx)
            await bench.read_threshold(ctx)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, MANY], ids=["4 bytes", "5 bytes"])
def test_goodness_in_any_order(config):
    """No command leaves anything behind that a later one would take for its own."""
    bench = GoodnessBench(config, 9)

    async def script(ctx):
        for _ in range(400):
            kind = bench.rng.randint(8)
            if kind == 0:
                await bench.select(ctx, int(bench.rng.randint(2)), int(bench.rng.randint(2)))
            else:
                other = bench.sum, bench.tell, bench.write_threshold, bench.read_threshold
                await (other[kind - 1] if kind <= 4 else bench.any_decision)(ctx)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED, DEEP, WIDEST], ids=["lanes 4", "lanes 3", "deep", "widest"])
def test_vector_makes_local_errors_and_lists(config):
    rng = np.random.RandomState(6)
    dut, lanes = Vector(config=config), config.lanes
    vectors: dict[int, np.ndarray] = {}
    errors: dict[tuple[int, int], int] = {}
    lists: dict[tuple[int, int, int], tuple[int, int]] = {}

    async def memory(ctx):
        async for _, _, slot, neuron in ctx.tick().sample(dut.y_slot, dut.y_neuron):
            vector = vectors.get(slot, np.zeros(1))
            ctx.set(dut.y, int(vector[neuron]) if neuron < len(vector) else 0)

    async def writes(ctx):
        g = dut.g_write, dut.g_set, dut.g_group, dut.g
        entry = dut.list_write, dut.list_layer, dut.list_phase, dut.list_pointer, dut.list_row, dut.list_value
        async for _, _, enable, group_set, group, value, put, *place, row, x in ctx.tick().sample(*g, *entry):
            for lane in range(lanes):
                if enable >> lane & 1:
                    errors[group_set, group * lanes + lane] = value
            if put:
                lists[tuple(place)] = (row, x)

    async def bench(ctx):
        for turn in range(14 if config is not WIDEST else 4):
            layer = turn % config.depth
            width = config.layers[layer]
            sets, normals, with_errors = int(rng.randint(1, 4)), int(rng.randint(0, 3)), turn % 5 != 4
            negate, c = int(rng.randint(2)), int(rng.choice([0, 1, 255, rng.randint(256)]))
            top = rng.choice([2, 40, 4096])
            y = [rng.randint(0, top, width) * (rng.rand(width) < 0.7) for _ in range(2)]
            if turn == 3:
                y[0][:] = 0
            slots = (2, 3) if turn % 2 else (0, config.classes + 1)
            vectors.clear(), errors.clear(), lists.clear()
            vectors.update(zip(slots, y, strict=True))
            totals = [int(golden.sum_of_squares(v.astype(float))) for v in y]
            settings = {
                "errors": with_errors, "sets": sets, "normals": normals, "layer": layer, "negate": negate, "c": c,
                "slot_a": slots[0], "slot_b": slots[1], "total": totals[0],
            }  # fmt: skip
            for name, value in settings.items():
                ctx.set(getattr(dut, name), int(value))
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            since = None  # clocks since `second`
            ready = 0
            while not ctx.get(dut.idle):
                if with_errors:  # what is said to be ready has been written
                    was, ready = ready, ctx.get(dut.ready) * lanes
                    assert all((n, neuron) in errors for n in range(sets) for neuron in range(was, ready))
                if ctx.get(dut.second):
                    assert since is None and normals == 2
                    since = 0
                elif since is not None:
                    since += 1
                    ctx.set(dut.total, totals[1] if since >= 6 else int(rng.randint(1 << 20)))
                await ctx.tick()
            assert (since is not None) == (normals == 2)
            await ctx.tick()
            sign = -1 if negate else 1
            d = {1: [y[0]], 2: [y[0], -y[1]], 3: [y[0] - y[1], y[0], -y[1]]}[sets]
            expected = {
                (number, n): int(value)
                for number, difference in enumerate(d)
                for n, value in enumerate(golden.local_error(c, sign * difference.astype(float)))
            }
            assert errors == (expected if with_errors else {})
            assert ctx.get(dut.listed) == (1 << normals) - 1
            for phase in range(normals):
                x = golden.normalise(y[phase].astype(float), totals[phase]).astype(int)
                rows = [(int(n), int(x[n])) for n in np.flatnonzero(x)]
                found = [lists[layer, phase, n] for n in range(len(rows))]
                assert found == rows
                bits = len(dut.list_pointer) + 1
                place = phase + (2 * ((layer + 1) % 2) if config.depth > 2 else 0)
                assert ctx.get(dut.lengths) >> bits * place & (1 << bits) - 1 == len(rows)
            assert len(lists) == sum(
                np.count_nonzero(golden.normalise(y[p].astype(float), totals[p])) for p in range(normals)
            )

    simulate(dut, memory, writes, bench)


@pytest.mark.parametrize("width", [64, 128, 256, 512, 1024])
def test_vector_holds_inputs_at_255(width):
    """One activity among zeros, of every magnitude: it alone would be an input of 255.5 (width 64) to 1024."""
    rng = np.random.RandomState(10)
    dut = Vector(config=NetworkConfig(features=1, classes=2, layers=(width, 4), lanes=4))
    y = np.zeros(width, int)
    found: dict[int, int] = {}

    async def memory(ctx):
        async for _, _, neuron, put, row, x in ctx.tick().sample(
            dut.y_neuron, dut.list_write, dut.list_row, dut.list_value
        ):
            ctx.set(dut.y, int(y[neuron]))
            if put:
                found[row] = x

    async def bench(ctx):
        ctx.set(dut.normals, 1)
        for q in range(12):
            y[:] = 0
            if width > 64:
                y[rng.randint(width)] = (1 << q) // 3
            y[rng.randint(width)] = rng.randint(1 << q, 2 << q)
            total = int(golden.sum_of_squares(y.astype(float)))
            found.clear()
            ctx.set(dut.total, total)
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            await ctx.tick().until(dut.idle)
            x = golden.normalise(y.astype(float), total).astype(int)
            assert found == {int(n): int(x[n]) for n in np.flatnonzero(x)} and max(x) >= 254, q

    simulate(dut, memory, bench)


@pytest.mark.parametrize("bits", [2, 13])
def test_multiplier(bits):
    """A product for each `a` in every clock; a factor is good for those that come a clock after it."""
    rng = np.random.RandomState(12)
    dut = Multiplier(bits=bits)
    high = 1 << bits - 1

    async def bench(ctx):
        for factor in rng.permutation(256).tolist():
            values = [-high, high - 1, -1, 0, 1, *rng.randint(-high, high, 10).tolist()]
            ctx.set(dut.factor, factor)
            ctx.set(dut.a, int(rng.randint(-high, high)))
            await ctx.tick()
            for n in range(len(values) + 2):
                if n >= 2:
                    assert ctx.get(dut.product) == values[n - 2] * factor, (values[n - 2], factor)
                ctx.set(dut.a, values[n] if n < len(values) else 0)
                await ctx.tick()

    simulate(dut, bench)


@pytest.mark.parametrize("clocks", [2, 3, 4, 5, 7, 8, 9])
def test_delay_memory(clocks):
    dut = DelayMemory(width=20, clocks=clocks)
    words = np.random.RandomState(13).randint(0, 1 << 20, 60).tolist()

    async def bench(ctx):
        for n, word in enumerate(words):
            if n >= clocks:
                assert ctx.get(dut.o) == words[n - clocks]
            ctx.set(dut.i, word)
            await ctx.tick()

    simulate(dut, bench)
