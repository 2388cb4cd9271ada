"""Registers: what they hold, and where those live that they do not."""

import numpy as np
import pytest

from ffpga_golden import registers
from ffpga_hw.engine.host.registers import Registers
from ffpga_hw.engine.signatures.slots import TotalSlots

from ...block_bench import CONFIG, UNLABELLED, simulate


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED], ids=["labelled", "unlabelled"])
def test_registers_hold_what_is_written(config):
    """Of the small ones only the lowest byte counts, and only at a register's own address."""
    dut = Registers(config=config)
    kept = {register.address: register for register in registers(config) if register.width <= 8}
    held = {address: register.reset for address, register in kept.items()}

    async def bench(ctx):
        async def check():
            ctx.set(dut.seed.lowest, 0)
            ctx.set(dut.thresholds.value, 0)
            for address in range(16):
                ctx.set(dut.port.address, address)
                await ctx.tick().repeat(2)
                for place in range(4):
                    assert ctx.get(dut.port.value) == (held.get(address, 0) if place == 0 else 0), (address, place)
                    ctx.set(dut.port.step, 1)
                    await ctx.tick()
                ctx.set(dut.port.step, 0)
            for address, register in kept.items():
                assert ctx.get(getattr(dut.settings, register.name)) == held[address], register.name

        await check()
        for address in range(16):
            for value in (0xFF, 0xA5, 0x5A, kept[address].low if address in kept else 0):
                ctx.set(dut.port.address, address)
                await ctx.tick()
                for place, byte in enumerate((value, value ^ 0xFF, 0x33, 0xCC)):
                    ctx.set(dut.port.place, place)
                    ctx.set(dut.port.data, byte)
                    ctx.set(dut.port.write, 1)
                    await ctx.tick()
                ctx.set(dut.port.write, 0)
                if address in kept:
                    held[address] = value & (1 << kept[address].width) - 1
                await check()
        for address in range(16):  # without `write`
            ctx.set(dut.port.address, address)
            ctx.set(dut.port.place, 0)
            ctx.set(dut.port.data, held.get(address, 0) ^ 0xFF)
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
            ctx.set(dut.port.address, address)
            await ctx.tick()
            for place in range(4):
                data, seed, threshold = (int(n) for n in rng.randint(256, size=3))
                ctx.set(dut.port.place, place)
                ctx.set(dut.port.data, data)
                ctx.set(dut.port.write, action == "write")
                ctx.set(dut.port.step, action == "step")
                ctx.set(dut.seed.lowest, seed)
                ctx.set(dut.thresholds.value, threshold)
                assert ctx.get(dut.seed.shift) == (address == addresses["seed"] and action is not None)
                if address == addresses["seed"]:
                    assert ctx.get(dut.port.value) == seed
                    odd = data | 1 if place == 0 else data
                    assert ctx.get(dut.seed.byte) == (odd if action == "write" else seed)
                assert ctx.get(dut.thresholds.push) == (layer is not None and action is not None)
                if layer is not None:
                    assert ctx.get(dut.port.value) == threshold
                    assert ctx.get(dut.thresholds.slot) == slots.upper + 4 * written[layer] + layer
                    assert ctx.get(dut.thresholds.store_slot) == slots.upper + 4 + layer
                assert not ctx.get(dut.thresholds.keep)
                await ctx.tick()
                keep = layer is not None and action == "write" and place == 3
            ctx.set(dut.port.write, 0)
            ctx.set(dut.port.step, 0)
            assert ctx.get(dut.thresholds.keep) == keep
            await ctx.tick()
            if keep:
                written[layer] = 1
            assert ctx.get(dut.settings.written) == sum(bit << n for n, bit in enumerate(written))
        assert all(written)

    simulate(dut, bench)
