"""Weight memory, registers and counters: what they hold, and when."""

import numpy as np
import pytest

from ffpga_golden import COUNTERS, NetworkConfig, registers
from ffpga_golden.timing import memory_latency
from ffpga_hw.engine.delay import DelayMemory
from ffpga_hw.engine.registers import FAST, SLOW, STOP, Counters, Registers
from ffpga_hw.engine.scorer import TotalSlots
from ffpga_hw.engine.weight_memory import WeightMemory

from ..block_bench import CONFIG, UNLABELLED, simulate


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


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED], ids=["labelled", "unlabelled"])
def test_registers_hold_what_is_written(config):
    """Of the small ones only the lowest byte counts, and only at a register's own address."""
    dut = Registers(config=config)
    kept = {register.address: register for register in registers(config) if register.width <= 8}
    held = {address: register.reset for address, register in kept.items()}

    async def bench(ctx):
        async def check():
            ctx.set(dut.seed, 0)
            ctx.set(dut.threshold, 0)
            for address in range(16):
                ctx.set(dut.address, address)
                await ctx.tick().repeat(2)
                for place in range(4):
                    assert ctx.get(dut.value) == (held.get(address, 0) if place == 0 else 0), (address, place)
                    ctx.set(dut.step, 1)
                    await ctx.tick()
                ctx.set(dut.step, 0)
            for address, register in kept.items():
                assert ctx.get(getattr(dut, register.name)) == held[address], register.name

        await check()
        for address in range(16):
            for value in (0xFF, 0xA5, 0x5A, kept[address].low if address in kept else 0):
                ctx.set(dut.address, address)
                await ctx.tick()
                for place, byte in enumerate((value, value ^ 0xFF, 0x33, 0xCC)):
                    ctx.set(dut.place, place)
                    ctx.set(dut.data, byte)
                    ctx.set(dut.write, 1)
                    await ctx.tick()
                ctx.set(dut.write, 0)
                if address in kept:
                    held[address] = value & (1 << kept[address].width) - 1
                await check()
        for address in range(16):  # without `write`
            ctx.set(dut.address, address)
            ctx.set(dut.place, 0)
            ctx.set(dut.data, held.get(address, 0) ^ 0xFF)
            await ctx.tick()
        await check()

    simulate(dut, bench)


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED], ids=["labelled", "unlabelled"])
def test_wide_registers_are_told_where_they_live(config):
    """The seed's bytes go round, or in; thresholds go to and from the memory of the totals."""
    rng = np.random.RandomState(14)
    dut, slots = Registers(config=config), TotalSlots(config)
    addresses = {register.name: register.address for register in registers(config)}
    thresholds = {address: int(name[-1]) for name, address in addresses.items() if name.startswith("threshold")}
    written = [0] * config.depth

    async def bench(ctx):
        for _ in range(300):
            address = int(rng.choice([addresses["seed"], *thresholds, rng.randint(16)]))
            layer = thresholds.get(address)
            if address >= min(thresholds) and layer is None:
                continue  # no register: the executor refuses it
            action = ("write", "step", None)[rng.randint(3)]
            keep = False
            ctx.set(dut.address, address)
            await ctx.tick()
            for place in range(4):
                data, seed, threshold = (int(n) for n in rng.randint(256, size=3))
                ctx.set(dut.place, place)
                ctx.set(dut.data, data)
                ctx.set(dut.write, action == "write")
                ctx.set(dut.step, action == "step")
                ctx.set(dut.seed, seed)
                ctx.set(dut.threshold, threshold)
                assert ctx.get(dut.seed_shift) == (address == addresses["seed"] and action is not None)
                if address == addresses["seed"]:
                    assert ctx.get(dut.value) == seed
                    odd = data | 1 if place == 0 else data
                    assert ctx.get(dut.seed_in) == (odd if action == "write" else seed)
                assert ctx.get(dut.threshold_push) == (layer is not None and action is not None)
                if layer is not None:
                    assert ctx.get(dut.value) == threshold
                    assert ctx.get(dut.threshold_slot) == slots.upper + 4 * written[layer] + layer
                    assert ctx.get(dut.store_slot) == slots.upper + 4 + layer
                assert not ctx.get(dut.threshold_keep)
                await ctx.tick()
                keep = layer is not None and action == "write" and place == 3
            ctx.set(dut.write, 0)
            ctx.set(dut.step, 0)
            assert ctx.get(dut.threshold_keep) == keep
            await ctx.tick()
            if keep:
                written[layer] = 1
            assert ctx.get(dut.written) == sum(bit << n for n, bit in enumerate(written))
        assert all(written)

    simulate(dut, bench)


SCAN = 3 * len(COUNTERS)  # clocks
LINK_ERRORS = COUNTERS.index("link_errors")


def any_events(rng, last: np.ndarray, clock: int, busy: float) -> np.ndarray:
    """Counters that go up in this clock, as fast as they may; `last` are the clocks in which they last did."""
    fast = np.array([name in FAST for name in COUNTERS])
    events = (rng.rand(len(COUNTERS)) < busy) & (fast | (clock - last >= SLOW))
    last[events] = clock
    return events


def test_counters_count():
    """Everything that came until `read` is in what is read; it stands still meanwhile, and nothing is lost by that."""
    dut = Counters()
    rng = np.random.RandomState(8)
    counts = np.zeros(len(COUNTERS), np.int64)
    last = np.full(len(COUNTERS), -SLOW)
    now = 0
    waits = set()

    async def bench(ctx):
        async def clock(events):
            nonlocal now
            counts[:] += events
            ctx.set(dut.count, sum(1 << int(n) for n in np.flatnonzero(events)))
            await ctx.tick()
            ctx.set(dut.count, 0)
            now += 1

        def errors(busy):
            events = any_events(rng, last, now, busy)
            events[np.arange(len(COUNTERS)) != LINK_ERRORS] = False
            return events

        for place in range(2 * len(COUNTERS)):  # after a reset the memory is as it was before
            ctx.set(dut.words.data[place], 0xFFFF)
        for question in range(45):
            busy = (1.0, 0.9, 0.1)[question % 3]
            for _ in range(rng.randint(1, 400)):
                assert not ctx.get(dut.valid)
                await clock(any_events(rng, last, now, busy))
            wanted = counts.copy()
            ctx.set(dut.read, 1)
            events = any_events(rng, last, now, 1.0)  # those of the first clock of `read` are in it
            wanted += events
            await clock(events)
            waited = 1
            while not ctx.get(dut.valid):
                waited += 1
                assert waited <= 3 * SCAN
                await clock(errors(0.5))
            waits.add(waited)
            latest = counts[LINK_ERRORS]
            found = bytearray()
            for address in range(4 * len(COUNTERS)):
                ctx.set(dut.address, address)
                await clock(errors(1.0))  # as many as there may be
                ctx.set(dut.address, int(rng.randint(4 * len(COUNTERS))))
                await clock(errors(1.0))
                assert ctx.get(dut.valid)
                found.append(ctx.get(dut.value))
                await clock(errors(1.0))
            read = np.frombuffer(bytes(found), "<u4")
            assert wanted[LINK_ERRORS] <= read[LINK_ERRORS] <= latest
            wanted[LINK_ERRORS] = read[LINK_ERRORS]
            assert read.tolist() == wanted.tolist()
            ctx.set(dut.read, 0)
            await clock(errors(1.0))
        assert min(waits) > SCAN and max(waits) > 2 * SCAN - 3  # asked at every moment of a scan

    simulate(dut, bench)
    assert 3 * 4 * len(COUNTERS) + 1 == STOP, "as long as the test stops it"


def test_counters_stop_only_while_they_are_read():
    """A `read` of less than a scan brings about nothing, and an ended one must be asked for again."""
    dut = Counters()

    async def bench(ctx):
        for start in range(SCAN):
            await ctx.tick().repeat(SCAN + start)
            ctx.set(dut.read, 1)
            for _ in range(SCAN):
                assert not ctx.get(dut.valid)
                await ctx.tick()
            ctx.set(dut.read, 0)
            for _ in range(2):
                await ctx.tick()
                assert not ctx.get(dut.valid)
            ctx.set(dut.read, 1)
            for _ in range(SCAN):
                assert not ctx.get(dut.valid)
                await ctx.tick()
            await ctx.tick().repeat(SCAN)
            assert ctx.get(dut.valid)
            ctx.set(dut.read, 0)
            await ctx.tick()
            assert not ctx.get(dut.valid)

    simulate(dut, bench)


def test_counters_carry_and_wrap():
    dut = Counters()
    first, last = 0, len(COUNTERS) - 1

    async def bench(ctx):
        ctx.set(dut.read, 1)
        for counter in (first, last):
            for stored, expected in ((0xFF, 0x100), (0xFFFF, 0x1_0000), (0xFF_FFFF, 0x100_0000), (0xFFFF_FFFF, 0)):
                while not ctx.get(dut.valid):
                    await ctx.tick()
                ctx.set(dut.read, 0)
                await ctx.tick().repeat(5 if counter == first else 2)  # the scan is elsewhere
                for half in range(2):
                    ctx.set(dut.words.data[2 * counter + half], stored >> 16 * half & 0xFFFF)
                ctx.set(dut.count, 1 << counter)
                await ctx.tick()
                ctx.set(dut.count, 0)
                ctx.set(dut.read, 1)
                await ctx.tick()
                while not ctx.get(dut.valid):
                    await ctx.tick()
                found = bytearray()
                for byte in range(4):
                    ctx.set(dut.address, 4 * counter + byte)
                    await ctx.tick().repeat(2)
                    found.append(ctx.get(dut.value))
                assert int.from_bytes(found, "little") == expected, COUNTERS[counter]

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
