"""Walks over lists as a fetch unit tells them tile by tile."""

from random import Random

import numpy as np

from ffpga_golden.timing import fetch_latency
from ffpga_hw.engine.fields.fetch import TileFetch
from ffpga_hw.engine.signatures.walk import Kind


async def walk(ctx, dut: TileFetch, rng: Random, layer: int, x: np.ndarray, *, phase: int = 0, sample: int = 0) -> None:
    """Every group's words, tile by tile; row and value of each against the weights' matrix and the inputs `x`."""
    config, lengths, word = dut._config, dut.lengths, dut.word
    fields, late = config.fields[layer], fetch_latency(config)
    for port, value in ((dut.inputs.layer, layer), (dut.inputs.phase, phase), (dut.inputs.sample, sample)):
        ctx.set(port, value)
    ctx.set(word.kind, Kind.LIST)
    ctx.set(lengths.rest, 1)
    await ctx.tick().repeat(rng.choice((1, 4)))
    ctx.set(lengths.rest, 0)
    assert ctx.get(lengths.list) == (x > 0).sum() and ctx.get(lengths.fields)
    for group in range(config.groups[layer]):
        seen = x[fields.inputs(group * len(fields.blocks) // config.groups[layer])]
        expected = [(row, int(seen[row])) for row in seen.nonzero()[0]]
        found, last = [], False
        while not last:
            clocks = 0
            while not ctx.get(lengths.found):
                await ctx.tick()
                clocks += 1
                assert clocks < 1000
            start, count, none, last = (
                ctx.get(one) for one in (lengths.start, lengths.count, lengths.none, lengths.last)
            )
            # What was written behind the list's end does not count: the walk ends there.
            count = 0 if none else min(count, ctx.get(lengths.list) - start)
            ctx.set(lengths.walked, ctx.get(lengths.place))
            ctx.set(lengths.take, 1)
            await ctx.tick()
            ctx.set(lengths.take, 0)
            for clock in range(count + late):
                if clock >= late:
                    found.append((ctx.get(dut.fetched.address), ctx.get(dut.fetched.value)))
                ctx.set(word.pointer, start + clock)
                await ctx.tick()
        assert found == expected, (layer, group)
