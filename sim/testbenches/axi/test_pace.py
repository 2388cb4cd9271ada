"""cocotb tests of the chip behind AXI by the clock: accesses, and steps where a command and a sample wait."""

import os
from random import Random

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import Opcode, pack_sample
from ffpga_hw.bus.register_map import Error, Operation
from testbenches.chip.bench import PERIOD_NS
from testbenches.configurations import AXI_CONFIGURATIONS

from .bench import AxiChip

PAIRS = 12
#: Clocks from a command's end to the beginning of the one that waits for it.
BETWEEN = 7


@cocotb.test()
async def steps_follow_each_other(dut) -> None:
    """From one answer's end to the next one's there are golden's clocks of the step, and as many clocks each time."""
    config = AXI_CONFIGURATIONS[os.environ["FFPGA_CASE"]].config
    chip, golden, random = AxiChip(dut, config), GoldenDevice(config), Random(9)
    await chip.start()
    await chip.same_weights(golden, 2)
    ends: list[int] = []

    async def watch() -> None:
        while True:
            await RisingEdge(dut.aclk)
            if dut.m_axis_tvalid.value == 1 and dut.m_axis_tready.value == 1 and dut.m_axis_tlast.value == 1:
                ends.append(round(get_sim_time("ns") / PERIOD_NS))

    cocotb.start_soon(watch())
    clocks, expected = [], []
    for pair in range(PAIRS):
        x = pack_sample(np.array([random.randrange(256) for _ in range(config.features)], np.uint8))
        chip.send(x)
        golden.execute(Opcode.LOAD_SAMPLE, b"\x00" + x)
        expected.append(golden.execute(Opcode.TRAIN_PAIR, bytes((pair % config.classes, 0)))[1])
        clocks.append(golden.network.counters["clocks"])
        await chip.until("waiting", 0)
        assert await chip.write("COMMAND", Operation.TRAIN_PAIR | pair % config.classes << 8 | 1 << 24) == Error.NONE
    for answer in expected:
        assert await chip.answer() == answer
    steps = np.diff(clocks)
    assert min(steps) > 150 and len(ends) == PAIRS
    assert (np.diff(ends) - steps).tolist() == [BETWEEN] * (PAIRS - 1)


@cocotb.test()
async def clocks_of_accesses(dut) -> None:
    """From an address (with its data) to the response; a counter waits for the scan, one or two rounds of it."""
    chip = AxiChip(dut, AXI_CONFIGURATIONS[os.environ["FFPGA_CASE"]].config)
    await chip.start()
    begun, found = 0, 0

    async def watch() -> None:
        nonlocal begun, found
        clock, before = 0, (0, 0)
        while True:
            await RisingEdge(dut.aclk)
            clock += 1
            if any(
                getattr(dut, f"s_axi_{c}valid").value == 1 == getattr(dut, f"s_axi_{c}ready").value
                for c in ("ar", "aw", "w")
            ):
                begun = clock
            now = (int(dut.s_axi_bvalid.value), int(dut.s_axi_rvalid.value))
            if now > before or now[1] > before[1]:
                found = clock - begun
            before = now

    cocotb.start_soon(watch())

    async def clocks(name: str, *value: int) -> int:
        await (chip.write(name, *value) if value else chip.read(name))
        return found

    assert await clocks("WEIGHT_ADDRESS", 0) == 8
    for name in ("STATUS", "IDENTITY", "CONTROL", "WEIGHT_ADDRESS"):
        assert await clocks(name) == 5, name
    for name, read, write in (("SEED", 13, 9), ("THRESHOLD1", 13, 9), ("WEIGHT", 10, 8)):
        assert (await clocks(name), await clocks(name, 1)) == (read, write), name
    assert await clocks("CONTROL", 0) == 5
    counted = {await clocks("COUNT_PAIRS") for _ in range(20)}
    assert min(counted) >= 5 + 16 + 27 and max(counted) <= 5 + 16 + 3 * 27, counted
