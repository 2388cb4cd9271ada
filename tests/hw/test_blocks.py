"""Each block of the engine against its golden function, at the clock that its docstring promises."""

import numpy as np
import pytest
from amaranth import Module
from amaranth.sim import Simulator

from ffpga_golden import COUNTERS, NetworkConfig, registers
from ffpga_golden import arithmetic as golden
from ffpga_golden.dither import Generator, field_bits, rotate, step
from ffpga_hw.engine.decision import Decision, Selector
from ffpga_hw.engine.dither import Dither
from ffpga_hw.engine.lane import Lane, Saturate
from ffpga_hw.engine.registers import Counters, Registers
from ffpga_hw.engine.scorer import Scorer
from ffpga_hw.engine.vector import Vector
from ffpga_hw.engine.weight_memory import WeightMemory

CONFIG = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4)
BITS_16 = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, weight_bits=16)
UNLABELLED = NetworkConfig(features=20, classes=0, layers=(6, 9), lanes=3)
WIDEST = NetworkConfig(features=1, classes=2, layers=(1024, 4), lanes=4)


def simulate(dut, *benches) -> None:
    """Runs the last bench to its end, the others beside it."""
    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    for background in benches[:-1]:
        simulator.add_testbench(background, background=True)
    simulator.add_testbench(benches[-1])
    simulator.run()


def signed(value: int, bits: int) -> int:
    return (value & (1 << bits) - 1) - ((value >> bits - 1 & 1) << bits)


def pack(values, bits: int) -> int:
    """Fields of `bits`, the first one lowest."""
    return sum((int(v) & (1 << bits) - 1) << bits * n for n, v in enumerate(values))


# Lane ----------------------------------------------------------------------------------------------------------------
def test_lane_adds_up_products_four_clocks_later():
    rng = np.random.RandomState(1)
    weights = np.concatenate([rng.randint(-127, 128, 40), np.full(30, 127), np.full(60, -127), [8191, -8191]])
    inputs = np.concatenate([rng.randint(0, 256, 40), np.full(92, 255)])
    partial = np.cumsum(weights * inputs)
    dut = Lane()

    async def bench(ctx):
        seen = []
        for clock in range(len(weights) + 3):
            if clock < len(weights):
                ctx.set(dut.a, int(weights[clock]))
                ctx.set(dut.b, int(inputs[clock]))
            ctx.set(dut.enable, clock >= 3)
            await ctx.tick()
            seen.append(ctx.get(dut.sum))
        assert seen[3:] == partial.tolist()
        ctx.set(dut.clear, 1)
        await ctx.tick()
        assert ctx.get(dut.sum) == 0

    simulate(dut, bench)


@pytest.mark.parametrize("config", [CONFIG, BITS_16], ids=["8 bits", "16 bits"])
def test_an_update_in_the_accumulator_is_change_and_saturate(config):
    rng = np.random.RandomState(2)
    limit, lane, saturate = config.weight_max, Lane(), Saturate(config=config)
    rates = range(8, config.rate_max + 1)
    cases = []
    for u in rates:
        for _ in range(60):
            w = int(rng.choice([limit, -limit, 0, rng.randint(-limit, limit + 1)]))
            x = int(rng.choice([1, 255, rng.randint(1, 256)]))
            g = int(rng.choice([-32640, 32640, 0, -1, 1, rng.randint(-32640, 32641)]))
            noise = int(rng.choice([0, (1 << u) - 1, rng.randint(1 << u)]))
            cases.append((w, x, g, noise, u))

    async def bench(ctx):
        for w, x, g, noise, u in cases:
            p = field_bits(u)
            ctx.set(lane.a, g)
            ctx.set(lane.b, x << p - u)
            await ctx.tick()
            ctx.set(lane.a, 77)  # what comes next is of no account
            ctx.set(lane.c, (w << p) + (noise << p - u))
            await ctx.tick()
            ctx.set(lane.c, 99)
            ctx.set(lane.load, 1)
            await ctx.tick()
            ctx.set(lane.load, 0)
            ctx.set(lane.enable, 1)
            await ctx.tick()
            ctx.set(lane.enable, 0)
            ctx.set(saturate.sum, ctx.get(lane.sum))
            ctx.set(saturate.high, p == 23)
            await ctx.tick()
            ctx.set(saturate.sum, 1 << 30)
            await ctx.tick()
            delta = golden.change(np.array([x]), np.array([g]), np.array([[noise]]), u)[0, 0]
            expected = int(golden.saturate(np.array([w + delta]), limit)[0])
            assert ctx.get(saturate.weight) == expected, (w, x, g, noise, u)

    both = Module()
    both.submodules += lane, saturate
    simulate(both, bench)


def test_saturation_is_exact_at_both_ends():
    dut = Saturate(config=CONFIG)

    async def bench(ctx):
        for high, p in ((0, 15), (1, 23)):
            ctx.set(dut.high, high)
            for value in range(-256, 256):
                for low in (0, (1 << p) - 1):
                    ctx.set(dut.sum, (value << p) + low)
                    await ctx.tick().repeat(2)
                    assert ctx.get(dut.weight) == min(127, max(-127, value)), (value, p)

    simulate(dut, bench)


# Dither --------------------------------------------------------------------------------------------------------------
def test_dither_is_the_generators_and_restarts_with_each_group():
    dut = Dither(config=CONFIG)
    lanes, rows, groups = 4, 9, 3

    async def bench(ctx):
        generator = Generator(77)
        ctx.set(dut.seed, 77)
        ctx.set(dut.seed_write, 1)
        await ctx.tick()
        ctx.set(dut.seed_write, 0)
        for walk in range(3):
            expected = generator.states(rows).tolist()
            words = []
            for group in range(groups):
                for row in range(rows):
                    ctx.set(dut.step, 1)
                    ctx.set(dut.first, row == 0)
                    await ctx.tick()
                    ctx.set(dut.turn, 5 * group * lanes % 32)  # it belongs to the row before
                    words.append(ctx.get(dut.words))
                    if row % 4 == 3:  # a pause changes nothing
                        ctx.set(dut.step, 0)
                        await ctx.tick()
                        held = ctx.get(dut.words)
                        words[-1] = held
                        await ctx.tick()
                        assert ctx.get(dut.words) == held
            ctx.set(dut.step, 0)
            await ctx.tick()
            last = ctx.get(dut.words)
            neuron = (groups - 1) * lanes
            for lane in range(lanes):
                assert last >> 32 * lane & 0xFFFF_FFFF == rotate(expected[-1], 5 * (neuron + lane)), (walk, lane)
            for row in (3, 7):  # where it paused: this row's word
                for lane in range(lanes):
                    assert words[row] >> 32 * lane & 0xFFFF_FFFF == rotate(expected[row], 5 * lane), (walk, row)
            ctx.set(dut.commit, 1)
            await ctx.tick()
            ctx.set(dut.commit, 0)
            assert ctx.get(dut.state) == generator.state
        ctx.set(dut.draw, 1)
        await ctx.tick()
        assert ctx.get(dut.state) == step(generator.state)

    simulate(dut, bench)


# Scorer --------------------------------------------------------------------------------------------------------------
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

    async def label_memory(ctx):
        async for _, _, label in ctx.tick().sample(dut.label):
            words = labels[min(group_now[0], groups - 1)][min(label, slots - 1)]
            ctx.set(dut.label_word, sum((int(w) & 0xFFFF) << 16 * n for n, w in enumerate(words)))

    async def activities(ctx):
        async for _, _, write, slot, neuron, y in ctx.tick().sample(dut.y_write, dut.y_slot, dut.y_neuron, dut.y):
            if write:
                assert (slot, neuron) not in written
                written[slot, neuron] = y

    async def bench(ctx):
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
            ctx.set(dut.total_slot, slot)
            await ctx.tick().repeat(2)
            assert ctx.get(dut.total) == int(golden.sum_of_squares(y))

    simulate(dut, label_memory, activities, bench)


# Decision ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("config", [CONFIG, WIDEST], ids=["narrow", "widest"])
def test_decision_is_probability(config):
    rng = np.random.RandomState(4)
    dut = Decision(config=config)
    top = (1 << config.goodness_bits) - 1
    clocks = set()

    async def bench(ctx):
        for n in range(250):
            k = n % 32
            a = int(rng.choice([0, top, rng.randint(1 << 25), rng.randint(1 << 12)]))
            b = int(rng.choice([0, 0xFFFF_FFFF, a, rng.randint(1 << 25), abs(a - (n - 100 << k)) & 0xFFFF_FFFF]))
            gate, negate = int(rng.choice([0, 1, 128, 255])), n // 32 % 2
            for signal, value in ((dut.a, a), (dut.b, b), (dut.k, k), (dut.gate, gate), (dut.negate, negate)):
                ctx.set(signal, value)
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            waited = 0
            while not ctx.get(dut.done):
                waited += 1
                assert waited < 30
                await ctx.tick()
            clocks.add(waited - k // 4 - k % 4)
            margin = b - a if negate else a - b
            assert ctx.get(dut.c) == golden.probability(margin, k, gate), (a, b, k, gate, negate)
            await ctx.tick()

    simulate(dut, bench)
    assert len(clocks) == 1, "clocks must depend on k alone"


@pytest.mark.parametrize("lowest", [0, 1])
def test_selector_takes_the_best_label_that_is_not_excluded(lowest):
    rng = np.random.RandomState(5)
    dut = Selector(config=CONFIG)
    totals = [0] * 5

    async def memory(ctx):
        async for _, _, slot in ctx.tick().sample(dut.slot):
            ctx.set(dut.total, totals[min(slot, 4)])

    async def bench(ctx):
        for _ in range(60):
            totals[:] = rng.randint(0, rng.choice([2, 4, 1 << 20]), 5).tolist()
            excluded = rng.permutation(5)[: rng.randint(5)].tolist()
            ctx.set(dut.lowest, lowest)
            ctx.set(dut.excluded, sum(1 << label for label in excluded))
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            waited = 1
            while not ctx.get(dut.done):
                waited += 1
                assert waited < 20
                await ctx.tick()
            left = [label for label in range(5) if label not in excluded]
            best = min(left, key=lambda label: (totals[label] if lowest else -totals[label], label))
            assert ctx.get(dut.label) == best, (totals, excluded)
            assert waited == 5 + 3
            await ctx.tick().repeat(2)

    simulate(dut, memory, bench)


# Vector --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("config", [CONFIG, UNLABELLED, WIDEST], ids=["lanes 4", "lanes 3", "widest"])
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
        for turn in range(14 if config is not WIDEST else 2):
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
                "slot_a": slots[0], "slot_b": slots[1], "total_a": totals[0], "total_b": totals[1],
            }  # fmt: skip
            for name, value in settings.items():
                ctx.set(getattr(dut, name), int(value))
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            while not ctx.get(dut.idle):
                if with_errors:  # what is said to be ready has been written
                    for neuron in range(ctx.get(dut.ready) * lanes):
                        assert all((n, neuron) in errors for n in range(sets))
                await ctx.tick()
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
                place = phase + 2 * (1 - layer % 2)
                assert ctx.get(dut.lengths) >> bits * place & (1 << bits) - 1 == len(rows)
            assert len(lists) == sum(
                np.count_nonzero(golden.normalise(y[p].astype(float), totals[p])) for p in range(normals)
            )

    simulate(dut, memory, writes, bench)


# Memories and registers ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ports", [1, 2])
def test_weight_memory(ports):
    config = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, memory_ports=ports)
    rng = np.random.RandomState(7)
    dut, model = WeightMemory(config=config), np.zeros((config.words, 4), int)
    expected: list[int | None] = [None, None]

    async def bench(ctx):
        pending = []  # writes on their way
        for _ in range(600):
            write = rng.rand() < 0.4
            enable = int(rng.randint(1, 16)) if write else 0
            address, data = int(rng.randint(config.words)), rng.randint(-128, 128, 4)
            ctx.set(dut.write_enable, enable)
            ctx.set(dut.write_address, address)
            ctx.set(dut.write_data, sum((int(v) & 255) << 8 * n for n, v in enumerate(data)))
            read = int(rng.randint(config.words))
            ctx.set(dut.read_address, read)
            await ctx.tick()
            pending.append((enable, address, data))
            blocked = ports == 1 and enable
            collides = any(place == read and mask for mask, place, _ in pending[-1:])
            expected.append(
                None if blocked or collides else int(sum((int(v) & 255) << 8 * n for n, v in enumerate(model[read])))
            )
            enable, address, data = pending.pop(0)
            for lane in range(4):
                if enable >> lane & 1:
                    model[address, lane] = data[lane]
            right = expected[-2]
            if right is not None:
                assert ctx.get(dut.read_data) == right

    simulate(dut, bench)


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED], ids=["labelled", "unlabelled"])
def test_registers_hold_what_is_written(config):
    dut = Registers(config=config)

    async def bench(ctx):
        for register in registers(config):
            if register.name == "seed":
                continue
            ctx.set(dut.address, register.address)
            await ctx.tick().repeat(2)
            assert ctx.get(dut.value) == register.reset
            for value in (register.high, register.low):
                ctx.set(dut.data, value)
                ctx.set(dut.write, 1)
                await ctx.tick()
                ctx.set(dut.write, 0)
                await ctx.tick().repeat(2)
                assert ctx.get(dut.value) == ctx.get(getattr(dut, register.name)) == value, register.name

    simulate(dut, bench)


def test_counters_count():
    dut = Counters()

    async def bench(ctx):
        for clock in range(40):
            ctx.set(dut.count, sum(1 << n for n in range(len(COUNTERS)) if clock % (n + 1) == 0))
            await ctx.tick()
        ctx.set(dut.count, 0)
        for n in range(len(COUNTERS)):
            ctx.set(dut.index, n)
            await ctx.tick().repeat(2)
            assert ctx.get(dut.value) == len(range(0, 40, n + 1))

    simulate(dut, bench)
