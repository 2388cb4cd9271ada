"""Counters: what they count, and when it can be read."""

import numpy as np
from amaranth import Cat, Value

from ffpga_golden import COUNTERS
from ffpga_hw.engine.host.counters import FAST, SLOW, STOP, Counters

from ...block_bench import simulate

SCAN = 3 * len(COUNTERS)  # clocks
LINK_ERRORS = COUNTERS.index("link_errors")


def all_events(dut: Counters) -> Value:
    """The counters' events as bits, in the order of COUNTERS."""
    events = {name: getattr(part, name) for part in (dut.step, dut.walk) for name in part.signature.members}
    events["link_errors"] = dut.link_errors
    return Cat(events[name] for name in COUNTERS)


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
            ctx.set(all_events(dut), sum(1 << int(n) for n in np.flatnonzero(events)))
            await ctx.tick()
            ctx.set(all_events(dut), 0)
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
                assert not ctx.get(dut.port.valid)
                await clock(any_events(rng, last, now, busy))
            wanted = counts.copy()
            ctx.set(dut.port.read, 1)
            events = any_events(rng, last, now, 1.0)  # those of the first clock of `read` are in it
            wanted += events
            await clock(events)
            waited = 1
            while not ctx.get(dut.port.valid):
                waited += 1
                assert waited <= 3 * SCAN
                await clock(errors(0.5))
            waits.add(waited)
            latest = counts[LINK_ERRORS]
            found = bytearray()
            for address in range(4 * len(COUNTERS)):
                ctx.set(dut.port.address, address)
                await clock(errors(1.0))  # as many as there may be
                ctx.set(dut.port.address, int(rng.randint(4 * len(COUNTERS))))
                await clock(errors(1.0))
                assert ctx.get(dut.port.valid)
                found.append(ctx.get(dut.port.value))
                await clock(errors(1.0))
            read = np.frombuffer(bytes(found), "<u4")
            assert wanted[LINK_ERRORS] <= read[LINK_ERRORS] <= latest
            wanted[LINK_ERRORS] = read[LINK_ERRORS]
            assert read.tolist() == wanted.tolist()
            ctx.set(dut.port.read, 0)
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
            ctx.set(dut.port.read, 1)
            for _ in range(SCAN):
                assert not ctx.get(dut.port.valid)
                await ctx.tick()
            ctx.set(dut.port.read, 0)
            for _ in range(2):
                await ctx.tick()
                assert not ctx.get(dut.port.valid)
            ctx.set(dut.port.read, 1)
            for _ in range(SCAN):
                assert not ctx.get(dut.port.valid)
                await ctx.tick()
            await ctx.tick().repeat(SCAN)
            assert ctx.get(dut.port.valid)
            ctx.set(dut.port.read, 0)
            await ctx.tick()
            assert not ctx.get(dut.port.valid)

    simulate(dut, bench)


def test_counters_carry_and_wrap():
    dut = Counters()
    first, last = 0, len(COUNTERS) - 1

    async def bench(ctx):
        ctx.set(dut.port.read, 1)
        for counter in (first, last):
            for stored, expected in ((0xFF, 0x100), (0xFFFF, 0x1_0000), (0xFF_FFFF, 0x100_0000), (0xFFFF_FFFF, 0)):
                while not ctx.get(dut.port.valid):
                    await ctx.tick()
                ctx.set(dut.port.read, 0)
                await ctx.tick().repeat(5 if counter == first else 2)  # the scan is elsewhere
                for half in range(2):
                    ctx.set(dut.words.data[2 * counter + half], stored >> 16 * half & 0xFFFF)
                ctx.set(all_events(dut), 1 << counter)
                await ctx.tick()
                ctx.set(all_events(dut), 0)
                ctx.set(dut.port.read, 1)
                await ctx.tick()
                while not ctx.get(dut.port.valid):
                    await ctx.tick()
                found = bytearray()
                for byte in range(4):
                    ctx.set(dut.port.address, 4 * counter + byte)
                    await ctx.tick().repeat(2)
                    found.append(ctx.get(dut.port.value))
                assert int.from_bytes(found, "little") == expected, COUNTERS[counter]

    simulate(dut, bench)
