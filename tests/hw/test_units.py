"""Scorer, decision, selector and vector against their golden functions, at the clocks that they promise."""

import numpy as np
import pytest

from ffpga_golden import arithmetic as golden
from ffpga_hw.engine.decision import Decision, Selector
from ffpga_hw.engine.scorer import Scorer
from ffpga_hw.engine.vector import Vector

from .block_bench import BITS_16, CONFIG, UNLABELLED, WIDEST, pack, simulate


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
                "slot_a": slots[0], "slot_b": slots[1], "total": totals[0],
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
                if ctx.get(dut.second):
                    ctx.set(dut.total, totals[1])
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
