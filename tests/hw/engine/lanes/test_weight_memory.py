"""The weight memory and the delay of its addresses: what they hold, and when."""

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import memory_latency
from ffpga_hw.delay import DelayMemory
from ffpga_hw.engine.lanes.weight_memory import WeightMemory

from ...block_bench import simulate


@pytest.mark.parametrize("ports", [1, 2])
def test_weight_memory(ports):
    config = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, memory_ports=ports)
    rng = np.random.RandomState(7)
    dut, model = WeightMemory(config=config), np.zeros((config.words, 4), int)
    latency = memory_latency(config)
    expected: list[int | None] = [None] * latency

    async def bench(ctx):
        pending, words = [], [0]  # writes on their way
        for _ in range(600):
            write = rng.rand() < 0.4
            enable = int(rng.randint(1, 16)) if write else 0
            address, data = int(rng.randint(config.words)), rng.randint(-128, 128, 4)
            ctx.set(dut.write_enable, enable)
            ctx.set(dut.write_address, address)
            words.append(sum((int(v) & 255) << 8 * n for n, v in enumerate(data)))
            ctx.set(dut.write_data, words[ports - 3])  # with one port a clock late
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
            right = expected[-latency]
            if right is not None:
                assert ctx.get(dut.read_data) == right

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
