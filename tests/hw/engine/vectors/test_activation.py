"""Activities and their squares against their golden functions; where activities are kept."""

from dataclasses import replace

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden import arithmetic as golden
from ffpga_golden.config import ACTIVITY_BITS, ACTIVITY_MAX
from ffpga_golden.timing import activity_latency, scored_together
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
            if n >= late:
                assert ctx.get(dut.read.y) == y[order[n - late]]
            slot, neuron = order[min(n, len(order) - 1)]
            ctx.set(dut.read.slot, slot)
            ctx.set(dut.read.place, at[neuron])
            await ctx.tick()

    simulate(dut, bench)


def test_activities_are_packed_where_that_takes_fewer_words():
    wide = NetworkConfig(features=1, classes=10, layers=(200, 32), lanes=8)
    even = NetworkConfig(features=1, classes=10, layers=(128, 128), lanes=8)
    few = NetworkConfig(features=1, classes=9, layers=(16, 8), lanes=8)
    odd = NetworkConfig(features=1, classes=9, layers=(240,), lanes=5)
    configs = [wide, even, few, odd, CONFIG, UNLABELLED, WIDEST, PACKED, PACKED_TWO_PORTS]
    assert [group_stride(config) for config in configs] == [10, 1, 1, 1, 1, 1, 1, 5, 9]
