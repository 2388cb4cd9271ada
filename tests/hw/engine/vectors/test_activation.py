"""Activities and their squares against their golden functions; where activities are kept."""

from dataclasses import replace

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden import arithmetic as golden
from ffpga_golden.config import ACTIVITY_BITS, ACTIVITY_MAX
from ffpga_golden.timing import activity_latency, scored_together, skips_zeros
from ffpga_hw.engine.signatures.sizes import activity_slots, group_stride
from ffpga_hw.engine.vectors.activation import Activation
from ffpga_hw.engine.vectors.activities import Activities

from ...block_bench import BITS_16, CONFIG, PACKED, PACKED_TWO_PORTS, UNLABELLED, WIDEST, pack, places, simulate

TWO_PORTS = NetworkConfig(features=20, classes=5, layers=(64, 32), lanes=16, memory_ports=2)
RECURRENT = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, recurrent=True)
CONFIGS = {"8 bits": CONFIG, "16 bits": BITS_16, "two ports": TWO_PORTS, "recurrent": RECURRENT}


@pytest.mark.parametrize("features", [400, 1], ids=["", "one feature"])
@pytest.mark.parametrize("table", [True, False], ids=["table", "logic"])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_activity_and_its_square(config, table, features):
    """All of them from both kinds of layers, with every label's weight that is an end, and sums at their ends.

    One feature's sums do not reach all of them.
    """
    rng = np.random.RandomState(5)
    config = replace(config, features=features, layers=config.layers if features > 1 else (config.lanes,) * 2)
    dut = Activation(config=config, table=table)
    limit, end = config.weight_max, (1 << config.sum_bits - 1) - 1

    async def bench(ctx):
        for first_layer in (1, 0):
            shift = config.activity_shift[1 - first_layer]
            ctx.set(dut.first_layer, first_layer)
            labelled = first_layer == (config.label_layer == 0)
            weights = rng.choice([-limit, limit, -1, 0, 1], ACTIVITY_MAX + 1) * labelled
            room = end - 255 * limit
            z = (rng.permutation(ACTIVITY_MAX + 1) << shift) + rng.randint(-(1 << shift - 1), 1 << shift - 1)
            sums = np.concatenate([np.clip(z, -room, room) - 255 * weights, [end, -end, -end, end, 0, 0, 0, 0]])
            weights = np.concatenate([weights, np.array([limit, -limit, limit, -limit, 0, 0, 0, 0]) * labelled])
            y = golden.activity((sums + 255 * weights).astype(np.float64), shift).astype(int)
            for n in range(-1, len(sums) - 1):
                ctx.set(dut.weight, int(weights[n + 1]))
                ctx.set(dut.sum, int(sums[n]))
                if n >= 2:
                    assert ctx.get(dut.y) == y[n - 2], n
                if n >= 4:
                    assert ctx.get(dut.square) == y[n - 4] ** 2, n
                await ctx.tick()

    simulate(dut, bench)


KEPT = {
    "lanes 4": CONFIG,
    "lanes 3": UNLABELLED,
    "two ports": TWO_PORTS,
    "recurrent": RECURRENT,
    "packed": PACKED,
    "packed, two ports": PACKED_TWO_PORTS,
}


@pytest.mark.parametrize("config", KEPT.values(), ids=KEPT)
def test_activities_are_read_one_by_one(config):
    rng = np.random.RandomState(9)
    dut, together, late = Activities(config=config), scored_together(config), activity_latency(config)
    width, slots, at = config.layers[0], activity_slots(config), places(config)
    y = rng.randint(ACTIVITY_MAX + 1, size=(slots, width))
    order = [(int(slot), int(neuron)) for slot in rng.permutation(slots) for neuron in rng.permutation(width)]

    async def bench(ctx):
        ctx.set(dut.write.write, 1)
        for slot in range(slots):
            for first in range(0, width, together):
                ctx.set(dut.write.slot, slot)
                ctx.set(dut.write.place, at[first] // together)
                ctx.set(dut.write.y, pack(y[slot, first : first + together], ACTIVITY_BITS))
                await ctx.tick()
        ctx.set(dut.write.write, 0)
        for n in range(len(order) + late):
            assert ctx.get(dut.read.there) == (n >= late) and not ctx.get(dut.read.more)
            if n >= late:
                slot, neuron = order[n - late]
                assert ctx.get(dut.read.y) == y[slot, neuron]
                assert ctx.get(dut.read.bank) == neuron % together
                assert ctx.get(dut.read.last) == (neuron % together == together - 1)
            slot, neuron = order[min(n, len(order) - 1)]
            ctx.set(dut.read.ask, n < len(order))
            ctx.set(dut.read.slot, slot)
            ctx.set(dut.read.place, at[neuron])
            await ctx.tick()

    simulate(dut, bench)


SPARSE = {name: config for name, config in KEPT.items() if skips_zeros(config)} | {
    "8 together": NetworkConfig(features=8, classes=3, layers=(64, 32), lanes=32, memory_ports=2)
}


@pytest.mark.parametrize("config", SPARSE.values(), ids=SPARSE)
def test_activities_that_are_not_0_come_one_after_the_other(config):
    """Places may be asked for with pauses; of those scored together there are as many clocks as non-zeros, or one."""
    rng = np.random.RandomState(4)
    dut, together = Activities(config=config), scored_together(config)
    width, at = config.layers[0], places(config)
    y = rng.randint(1, ACTIVITY_MAX + 1, width) * (rng.rand(width) < 0.4)
    y[: 2 * together] = [1 << 11] * together + [0] * together
    expected = []
    for first in range(0, width, together):
        of = [n for n in range(first, first + together) if y[n]] or [first]
        expected += [(int(y[n]), n - first, n == of[-1]) for n in of]
    read = dut.read

    async def bench(ctx):
        ctx.set(dut.write.write, 1)
        for first in range(0, width, together):
            ctx.set(dut.write.place, at[first] // together)
            ctx.set(dut.write.y, pack(y[first : first + together], ACTIVITY_BITS))
            await ctx.tick()
        ctx.set(dut.write.write, 0)
        ctx.set(read.sparse, 1)
        for pause in (0, 0.5):
            waiting, found, idle = list(range(0, width, together)), [], 0
            while idle < 4:
                ask = bool(waiting) and rng.rand() >= pause
                ctx.set(read.ask, ask)
                ctx.set(read.place, at[waiting[0]] if ask else 0)
                idle = 0 if waiting or ctx.get(read.there) else idle + 1
                if ctx.get(read.there):
                    found.append((ctx.get(read.y), ctx.get(read.bank), bool(ctx.get(read.last))))
                    assert ctx.get(read.more) == (not found[-1][2])
                if ask and not ctx.get(read.more):
                    waiting.pop(0)
                await ctx.tick()
            assert found == expected

    simulate(dut, bench)


def test_activities_are_packed_where_that_takes_fewer_words():
    wide = NetworkConfig(features=1, classes=10, layers=(200, 32), lanes=8)
    even = NetworkConfig(features=1, classes=10, layers=(128, 128), lanes=8)
    few = NetworkConfig(features=1, classes=9, layers=(16, 8), lanes=8)
    odd = NetworkConfig(features=1, classes=9, layers=(240,), lanes=5)
    configs = [wide, even, few, odd, CONFIG, UNLABELLED, WIDEST, PACKED, PACKED_TWO_PORTS]
    assert [group_stride(config) for config in configs] == [10, 1, 1, 1, 1, 1, 1, 5, 9]
