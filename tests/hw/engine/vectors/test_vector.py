"""Local errors and normalised lists against their golden functions."""

from collections import deque

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden import arithmetic as golden
from ffpga_golden.timing import activity_latency, scored_together, skips_zeros
from ffpga_hw.engine.vectors.multiply import Multiplier
from ffpga_hw.engine.vectors.vector import Vector

from ...block_bench import CONFIG, PACKED, PACKED_TWO_PORTS, UNLABELLED, WIDEST, places, simulate

DEEP = NetworkConfig(features=20, classes=5, layers=(12, 8, 4), lanes=4)
TWO_PORTS = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, memory_ports=2)
CONFIGS = {"lanes 4": CONFIG, "lanes 3": UNLABELLED, "deep": DEEP, "widest": WIDEST, "two ports": TWO_PORTS}
CONFIGS |= {"packed": PACKED, "packed, two ports": PACKED_TWO_PORTS}


async def remember(ctx, dut, config, vector_of):
    """The memory of activities: of each slot those of `vector_of`."""
    read, together, rng = dut.activity, scored_together(config), np.random.RandomState(5)
    neurons = {place: neuron for neuron, place in enumerate(places(config))}
    asked = deque([[]] * activity_latency(config))  # (neuron, activity) that are offered, for each place asked for
    async for _, _, ask, sparse, slot, place in ctx.tick().sample(read.ask, read.sparse, read.slot, read.place):
        if len(asked[0]) > 1:
            asked[0].pop(0)
        else:
            asked.popleft()
            neuron, y = neurons.get(place, 0), vector_of(slot)
            assert not sparse or (neuron % together == 0 and skips_zeros(config))
            together_with = range(neuron, neuron + together if sparse else neuron + 1)
            all_of = [(n, int(y[n]) if n < len(y) else 0) for n in together_with]
            asked.append(([one for one in all_of if one[1]] or all_of[:1]) if ask else [])
        offered = asked[0]
        neuron, y = offered[0] if offered else rng.randint(1 << 12, size=2).tolist()
        ctx.set(read.there, bool(offered))
        ctx.set(read.y, y)
        ctx.set(read.plain, int(rng.randint(1 << 12)) if sparse else y)
        ctx.set(read.bank, neuron % together)
        ctx.set(read.more, len(offered) > 1)
        ctx.set(read.last, len(offered) == 1 if sparse else neuron % together == together - 1)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_vector_makes_local_errors_and_lists(config):
    rng = np.random.RandomState(6)
    dut, lanes = Vector(config=config), config.lanes
    vectors: dict[int, np.ndarray] = {}
    errors: dict[tuple[int, int], int] = {}
    lists: dict[tuple[int, int], tuple[int, int]] = {}

    async def memory(ctx):
        await remember(ctx, dut, config, lambda slot: vectors.get(slot, np.zeros(1)))

    async def writes(ctx):
        g = dut.errors.write, dut.errors.set, dut.errors.group, dut.errors.g
        entry = dut.list.write, dut.list.place, dut.list.pointer, dut.list.row, dut.list.value
        async for _, _, enable, group_set, group, value, put, *entry_of, row, x in ctx.tick().sample(*g, *entry):
            for lane in range(lanes):
                if enable >> lane & 1:
                    errors[group_set, group * lanes + lane] = value
            if put:
                lists[tuple(entry_of)] = (row, x)

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
            slots = (1, 0) if turn % 2 else (0, max(2, config.classes) - 1)
            vectors.clear(), errors.clear(), lists.clear()
            vectors.update(zip(slots, y, strict=True))
            totals = [int(golden.sum_of_squares(v.astype(float))) for v in y]
            order = {
                "errors": with_errors, "sets": sets, "normals": normals, "layer": layer, "negate": negate,
                "slot_a": slots[0], "slot_b": slots[1],
            }  # fmt: skip
            for name, value in order.items():
                ctx.set(getattr(dut.order, name), int(value))
            ctx.set(dut.decided.c, c)
            ctx.set(dut.decided.total, totals[0])
            ctx.set(dut.order.start, 1)
            await ctx.tick()
            ctx.set(dut.order.start, 0)
            since = None  # clocks since `second`
            ready = 0
            while not ctx.get(dut.order.idle):
                if with_errors:  # what is said to be ready has been written
                    was, ready = ready, ctx.get(dut.ready) * lanes
                    assert all((n, neuron) in errors for n in range(sets) for neuron in range(was, ready))
                if ctx.get(dut.decided.second):
                    assert since is None and normals == 2
                    since = 0
                elif since is not None:
                    since += 1
                    ctx.set(dut.decided.total, totals[1] if since >= 6 else int(rng.randint(1 << 20)))
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
            assert ctx.get(dut.order.listed) == (1 << normals) - 1
            for phase in range(normals):
                x = golden.normalise(y[phase].astype(float), totals[phase]).astype(int)
                rows = [(int(n), int(x[n])) for n in np.flatnonzero(x)]
                place = phase + (2 * ((layer + 1) % 2) if config.depth > 2 else 0)
                found = [lists[place, n] for n in range(len(rows))]
                assert found == rows
                bits = len(dut.list.pointer) + 1
                assert ctx.get(dut.list.lengths) >> bits * place & (1 << bits) - 1 == len(rows)
            assert len(lists) == sum(
                np.count_nonzero(golden.normalise(y[p].astype(float), totals[p])) for p in range(normals)
            )

    simulate(dut, memory, writes, bench)


@pytest.mark.parametrize("width", [64, 128, 256, 512, 1024])
def test_vector_holds_inputs_at_255(width):
    """One activity among zeros, of every magnitude: it alone would be an input of 255.5 (width 64) to 1024."""
    rng = np.random.RandomState(10)
    config = NetworkConfig(features=1, classes=2, layers=(width, 4), lanes=4)
    dut = Vector(config=config)
    y = np.zeros(width, int)
    found: dict[int, int] = {}

    async def memory(ctx):
        await remember(ctx, dut, config, lambda slot: y)

    async def writes(ctx):
        async for _, _, put, row, x in ctx.tick().sample(dut.list.write, dut.list.row, dut.list.value):
            if put:
                found[row] = x

    async def bench(ctx):
        ctx.set(dut.order.normals, 1)
        for q in range(12):
            y[:] = 0
            if width > 64:
                y[rng.randint(width)] = (1 << q) // 3
            y[rng.randint(width)] = rng.randint(1 << q, 2 << q)
            total = int(golden.sum_of_squares(y.astype(float)))
            found.clear()
            ctx.set(dut.decided.total, total)
            ctx.set(dut.order.start, 1)
            await ctx.tick()
            ctx.set(dut.order.start, 0)
            await ctx.tick().until(dut.order.idle)
            x = golden.normalise(y.astype(float), total).astype(int)
            assert found == {int(n): int(x[n]) for n in np.flatnonzero(x)} and max(x) >= 254, q

    simulate(dut, memory, writes, bench)


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
