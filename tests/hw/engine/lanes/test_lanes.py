"""Lane, saturation and dither against their golden functions, at the clocks that they promise."""

import numpy as np
import pytest
from amaranth import Module

from ffpga_golden import arithmetic as golden
from ffpga_golden.dither import ROTATE, Generator, field_bits, rotate, step
from ffpga_hw.engine.lanes.dither import Dither
from ffpga_hw.engine.lanes.lane import Lane
from ffpga_hw.engine.lanes.saturate import Saturate

from ...block_bench import BITS_16, CONFIG, simulate


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
            ctx.set(saturate.take, 1)
            await ctx.tick()
            ctx.set(saturate.take, 0)
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
        ctx.set(dut.take, 1)
        for high, p in ((0, 15), (1, 23)):
            ctx.set(dut.high, high)
            for value in range(-256, 256):
                for low in (0, (1 << p) - 1):
                    ctx.set(dut.sum, (value << p) + low)
                    await ctx.tick().repeat(2)
                    assert ctx.get(dut.weight) == min(127, max(-127, value)), (value, p)

    simulate(dut, bench)


@pytest.mark.parametrize("config", [CONFIG, BITS_16], ids=["8 bits", "16 bits"])
def test_the_hosts_weight_takes_the_place_of_a_new_one(config):
    dut = Saturate(config=config)
    limit = config.weight_max

    async def bench(ctx):
        for given in (-limit, -1, 0, 77, limit):
            for total in (0, (1 << 31) - 1, -(1 << 31)):
                ctx.set(dut.sum, total)
                ctx.set(dut.host, 1)
                ctx.set(dut.given, given)
                await ctx.tick()
                ctx.set(dut.host, 0)
                ctx.set(dut.take, 1)
                await ctx.tick()
                ctx.set(dut.take, 0)
                ctx.set(dut.given, 5)
                for _ in range(2):
                    assert ctx.get(dut.weight) == given
                    await ctx.tick()

    simulate(dut, bench)


def test_dither_is_the_generators_and_restarts_with_each_group():
    dut = Dither(config=CONFIG)
    lanes, rows, groups = 4, 9, 3

    async def bench(ctx):
        assert ctx.get(dut.state) == 1
        generator = Generator(0x8765_4321)
        ctx.set(dut.seed.shift, 1)
        for byte in generator.state.to_bytes(4, "little"):
            ctx.set(dut.seed.byte, byte)
            await ctx.tick()
        ctx.set(dut.seed.shift, 0)
        await ctx.tick()
        assert ctx.get(dut.state) == generator.state
        for walk in range(3):
            expected = generator.states(rows).tolist()
            for group in range(groups):
                for row in range(rows):
                    ctx.set(dut.noise.step, 1)
                    ctx.set(dut.noise.first, row == 0)
                    ctx.set(dut.noise.turn, ROTATE * group * lanes % 32)
                    await ctx.tick()
                    ctx.set(dut.noise.step, 0)
                    ctx.set(dut.noise.turn, 16 * (walk % 2))
                    for _ in range(1 + row % 3):  # a pause changes nothing
                        words = ctx.get(dut.noise.words)
                        for lane in range(lanes):
                            right = rotate(expected[row], ROTATE * (group * lanes + lane))
                            assert words >> 32 * lane & 0xFFFF_FFFF == right, (walk, group, row, lane)
                        if row % 3:
                            await ctx.tick()
            ctx.set(dut.noise.commit, 1)
            await ctx.tick()
            ctx.set(dut.noise.commit, 0)
            assert ctx.get(dut.noise.words) == 0
            assert ctx.get(dut.state) == generator.state
        ctx.set(dut.draw.step, 1)
        await ctx.tick()
        ctx.set(dut.draw.step, 0)
        assert ctx.get(dut.draw.random) == step(generator.state)
        await ctx.tick()
        assert ctx.get(dut.state) == step(generator.state)

    simulate(dut, bench)
