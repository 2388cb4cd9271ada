"""cocotb test of the chip behind byte streams, in few words: it says what it is, learns a pair, counts."""

import os
import struct

import cocotb
import numpy as np

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import Opcode, pack_sample
from testbenches.configurations import CONFIGURATIONS

from .bench import Chip


@cocotb.test()
async def learns_a_pair(dut) -> None:
    config = CONFIGURATIONS[os.environ["FFPGA_CASE"]].config
    chip, golden = Chip(dut, seed=1, idle=0.2, pressure=0.2), GoldenDevice(config)
    await chip.start()
    commands = [(Opcode.IDENTIFY, b"pair")]
    size = "b" if config.weight_bits == 8 else "h"
    for word in range(config.words):
        weights = [word * config.lanes + lane - 40 for lane in range(config.lanes)]
        commands.append((Opcode.WRITE_WEIGHTS, struct.pack(f"<HB{len(weights)}{size}", word, 0, *weights)))
    sample = pack_sample(np.arange(1, config.features + 1).astype(np.uint8))
    commands += [(Opcode.LOAD_SAMPLE, b"\x00" + sample), (Opcode.TRAIN_PAIR, b"\x00\x01"), (Opcode.COUNTERS, b"")]
    for opcode, payload in commands:
        assert await chip.command(opcode, payload) == golden.execute(opcode, payload), opcode.name
    assert golden.network.counters["pairs"] == 1
