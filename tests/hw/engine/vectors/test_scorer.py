"""The scorer against its golden functions, and the sums that it keeps."""

import numpy as np
import pytest

from ffpga_golden import NetworkConfig, registers
from ffpga_golden import arithmetic as golden
from ffpga_golden.config import ACTIVITY_BITS, ACTIVITY_MAX
from ffpga_golden.timing import LEAST_PERIOD, scored_together
from ffpga_hw.engine.signatures.slots import TotalSlots
from ffpga_hw.engine.vectors.scorer import Scorer

from ...block_bench import BITS_16, CONFIG, PACKED, PACKED_TWO_PORTS, UNLABELLED, pack, places, simulate

CONFIGS = {
    "8 bits": CONFIG,
    "16 bits": BITS_16,
    "three lanes": UNLABELLED,
    "packed": PACKED,
    "packed, two ports": PACKED_TWO_PORTS,
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("mode", ["every", "labelled", "plain"])
def test_scorer_makes_activities_and_sums_of_squares(config, mode):
    rng = np.random.RandomState(3)
    dut, lanes, together = Scorer(config=config), config.lanes, scored_together(config)
    layer = 0 if mode != "plain" else 1
    groups = config.groups[layer]
    slots = {"every": max(2, config.classes), "labelled": 2, "plain": 1}[mode]
    slot_names = {"every": range(slots), "labelled": (1, 0), "plain": (config.classes + 3,)}[mode]
    kept_names = slot_names if mode != "plain" else (1,)  # slots of the activities
    scale = 1 << config.sum_bits - 3
    z = rng.randint(-scale, 3 * scale, (groups, lanes))
    z[0, 0], z[0, 1] = -(1 << config.sum_bits - 2), (1 << config.sum_bits - 2) - 1
    limit = config.weight_max
    labels = (
        rng.choice([-limit, limit, 5], (groups, slots, lanes)) if mode != "plain" else np.zeros((groups, slots, lanes))
    )
    neurons = {place: neuron for neuron, place in enumerate(places(config))}
    written: dict[tuple[int, int], int] = {}
    memory = TotalSlots(config)
    reset = {f"threshold{n}": memory.upper + n for n in range(config.depth)}
    kept = {reset[r.name]: r.reset for r in registers(config) if r.name in reset}
    own = [*range(memory.upper + 4, memory.upper + 8), *([] if config.classes else [memory.sum])]

    async def activities(ctx):
        async for _, _, write, slot, place, y in ctx.tick().sample(
            dut.activity.write, dut.activity.slot, dut.activity.place, dut.activity.y
        ):
            if write:
                for n in range(together):
                    neuron = neurons[place * together + n]
                    assert (slot, neuron) not in written
                    written[slot, neuron] = y >> ACTIVITY_BITS * n & ACTIVITY_MAX

    async def total(ctx, slot) -> int:
        ctx.set(dut.totals.slot, slot)
        await ctx.tick()
        return ctx.get(dut.totals.total)

    async def store(ctx, slot, value):
        ctx.set(dut.totals.store_slot, slot)
        ctx.set(dut.totals.data, value)
        ctx.set(dut.totals.store, 1)
        await ctx.tick()
        ctx.set(dut.totals.store, 0)

    async def walk(ctx):
        """Groups as early as they may come, or a little later; labels as pipeline and lanes bring them.

        What is read where it is written is not its word.
        """
        period = max(LEAST_PERIOD, slots * lanes // together)
        words, writes, begins, captures = [0] * 64, {}, set(), {}
        group, bias, wait = 0, 0, 0  # the next one, the last one's clock, the next one's clock after it
        for clock in range(groups * (period + 3) + 20):
            issue = group < groups and clock - bias >= wait
            assert ctx.get(dut.busy) == (group > 0 and 1 < clock - bias < period), clock
            if issue:
                for label in range(slots):
                    word = pack(labels[group][label], 16)
                    writes[clock + 5 + label] = label, word
                begins.add(clock + 5)
                captures[clock + 8] = pack(z[group], config.sum_bits)
                group, bias, wait = group + 1, clock, period + int(rng.choice([0, 0, 1, 3]))
            ctx.set(dut.group.bias, issue)
            ctx.set(dut.group.begin, clock in begins)
            ctx.set(dut.group.capture, clock in captures)
            ctx.set(dut.group.sums, captures.get(clock, 0))
            label, word = writes.get(clock, (None, 0))
            wanted = ctx.get(dut.labels.label) if ctx.get(dut.labels.read) else None
            await ctx.tick()
            if wanted is not None:
                ctx.set(dut.labels.word, ~words[wanted] if wanted == label else words[wanted])
            if label is not None:
                words[label] = word
            if ctx.get(dut.order.done):
                return
        raise AssertionError("not done")

    async def bench(ctx):
        for slot in own:
            kept[slot] = int(rng.randint(1 << 32)) | 1 << config.total_bits - 1
            await store(ctx, slot, kept[slot])
        ctx.set(dut.totals.store_slot, slot_names[0])
        ctx.set(dut.totals.data, 12345)
        ctx.set(dut.order.slots, slots)
        ctx.set(dut.order.every, mode == "every")
        ctx.set(dut.order.labelled, mode != "plain")
        ctx.set(dut.order.slot_a, slot_names[0])
        ctx.set(dut.order.slot_b, slot_names[-1])
        ctx.set(dut.order.kept, kept_names[0])
        ctx.set(dut.order.first_layer, layer == 0)
        ctx.set(dut.sizes.groups, groups)
        ctx.set(dut.order.restart, 1)
        await ctx.tick()
        ctx.set(dut.order.restart, 0)
        await walk(ctx)
        shift = config.activity_shift[0] if layer == 0 else config.activity_shift[1]
        for ordinal, (slot, kept_slot) in enumerate(zip(slot_names, kept_names, strict=True)):
            full = (z + 255 * labels[:, ordinal]).astype(np.float64).ravel()
            y = golden.activity(full, shift)
            assert [written[kept_slot, n] for n in range(groups * lanes)] == y.tolist()
            assert slot not in kept
            kept[slot] = int(golden.sum_of_squares(y))
        for slot, value in kept.items():
            assert await total(ctx, slot) == value, slot
        kept[slot_names[0]] += 99  # where an inference adds up its layers
        await store(ctx, slot_names[0], kept[slot_names[0]])
        for slot, value in kept.items():
            assert await total(ctx, slot) == value, slot

    simulate(dut, activities, bench)


def test_scorer_squares_every_activity():
    config = NetworkConfig(features=20, classes=0, layers=(1024,), lanes=64)
    rng = np.random.RandomState(11)
    dut = Scorer(config=config)

    async def bench(ctx):
        for port, value in ((dut.order.slots, 1), (dut.order.first_layer, 1), (dut.sizes.groups, 16)):
            ctx.set(port, value)
        for y in rng.permutation(4096).reshape(4, 16, 64):
            ctx.set(dut.order.restart, 1)
            await ctx.tick()
            ctx.set(dut.order.restart, 0)
            for group in y:
                ctx.set(dut.group.begin, 1)
                await ctx.tick()
                ctx.set(dut.group.begin, 0)
                await ctx.tick().repeat(2)
                ctx.set(dut.group.sums, pack(group << config.activity_shift[0], config.sum_bits))
                ctx.set(dut.group.capture, 1)
                await ctx.tick()
                ctx.set(dut.group.capture, 0)
                await ctx.tick().repeat(config.lanes // scored_together(config))
            await ctx.tick().repeat(16)
            assert ctx.get(dut.totals.total) == sum(int(n) ** 2 for n in y.ravel())

    simulate(dut, bench)
