"""The tables of a black box: identities after every reset, whatever they held; then what the host writes."""

import random

import pytest
from amaranth import Module, ResetInserter, Signal

from ffpga_golden import NetworkConfig
from ffpga_hw.engine.vectors.tables import Tables

from ...block_bench import simulate


@pytest.mark.parametrize("layers", [(4, 4), (4, 4, 4), (4, 4, 4, 4)])
def test_tables(layers):
    config = NetworkConfig(features=5, layers=layers, lanes=2, black_box=True)
    entries = 256 * (len(layers) - 1)
    clocks = 1 << (entries - 1).bit_length()  # a clock for each place of the memory
    reset, rng = Signal(), random.Random(3)
    tables = Tables(config=config)
    m = Module()
    m.submodules.tables = ResetInserter(reset)(tables)

    async def look(ctx, active: int) -> list[int]:
        ctx.set(tables.active, active)
        found = []
        for place in range(entries):
            chosen, other = (place, rng.randrange(1024)) if active else (rng.randrange(768), place)
            ctx.set(tables.lookup.index, chosen & 255)
            ctx.set(tables.lookup.layer, chosen >> 8)
            ctx.set(tables.port.address, other)
            await ctx.tick()
            found.append(ctx.get(tables.lookup.value if active else tables.port.value))
        return found

    async def bench(ctx) -> None:
        for _ in range(2):  # after the power comes on, and with what was written
            ctx.set(tables.port.write, 0)
            for _ in range(clocks):
                assert not ctx.get(tables.port.ready)
                await ctx.tick()
            assert ctx.get(tables.port.ready)
            expected = [place & 255 for place in range(entries)]
            assert await look(ctx, 1) == expected
            for place in rng.sample(range(entries), entries // 2):
                expected[place] = rng.randrange(256)
                ctx.set(tables.port.write, 1)
                ctx.set(tables.port.address, place)
                ctx.set(tables.port.data, expected[place])
                await ctx.tick()
            ctx.set(tables.port.write, 0)
            assert await look(ctx, 0) == expected and await look(ctx, 1) == expected
            ctx.set(tables.port.write, 1)  # in the clock of the reset, too
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)

    simulate(m, bench)
