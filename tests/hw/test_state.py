"""Weight memory, registers and counters: what they hold, and when."""

import numpy as np
import pytest

from ffpga_golden import COUNTERS, NetworkConfig, registers
from ffpga_golden.timing import memory_latency
from ffpga_hw.engine.registers import FAST, SLOW, Counters, Registers
from ffpga_hw.engine.weight_memory import WeightMemory

from .block_bench import CONFIG, UNLABELLED, simulate


@pytest.mark.parametrize("ports", [1, 2])
def test_weight_memory(ports):
    config = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, memory_ports=ports)
    rng = np.random.RandomState(7)
    dut, model = WeightMemory(config=config), np.zeros((config.words, 4), int)
    latency = memory_latency(config)
    expected: list[int | None] = [None] * latency

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
            right = expected[-latency]
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
    rng = np.random.RandomState(8)

    async def bench(ctx):
        counts = np.zeros(len(COUNTERS), np.int64)
        last = np.full(len(COUNTERS), -SLOW)
        for clock in range(900):
            events = 0
            for n, name in enumerate(COUNTERS):
                busy = 0.9 if clock % 300 < 200 else 0.0
                if rng.rand() < busy and (name in FAST or clock - last[n] >= SLOW):
                    events |= 1 << n
                    counts[n] += 1
                    last[n] = clock
            ctx.set(dut.count, events)
            await ctx.tick()
        ctx.set(dut.count, (1 << len(FAST)) - 1)  # one more at the moment of the question
        ctx.set(dut.read, 1)
        for n, name in enumerate(COUNTERS):
            ctx.set(dut.index, n)
            clocks = 0
            while True:
                await ctx.tick()
                clocks += 1
                ctx.set(dut.count, 0)
                if ctx.get(dut.valid):
                    break
                assert clocks <= 2 * 3 * len(COUNTERS)
            assert ctx.get(dut.value) == counts[n] + (name in FAST), name

    simulate(dut, bench)


def test_counters_carry_and_wrap():
    dut = Counters()

    async def bench(ctx):
        ctx.set(dut.read, 1)
        for stored, expected in ((0xFFFF, 0x1_0000), (0xFFFF_FFFF, 0)):
            while not ctx.get(dut.valid):
                await ctx.tick()
            ctx.set(dut.read, 0)
            await ctx.tick().repeat(4)  # the scan is elsewhere
            for half in range(2):
                ctx.set(dut.words.data[half], stored >> 16 * half & 0xFFFF)
            ctx.set(dut.count, 1)
            await ctx.tick()
            ctx.set(dut.count, 0)
            ctx.set(dut.read, 1)
            await ctx.tick()
            while not ctx.get(dut.valid):
                await ctx.tick()
            assert ctx.get(dut.value) == expected

    simulate(dut, bench)
