"""cocotb tests of the test bench itself, on the echo."""

import cocotb

from .bench import Chip
from .cocotb_transport import CocotbTransport, bridge

DATA = bytes(range(1, 256)) + b"\x00"


@cocotb.test()
@cocotb.parametrize(idle=[0.0, 0.7], pressure=[0.0, 0.7])
async def bytes_come_back(dut, idle: float, pressure: float) -> None:
    chip = Chip(dut, seed=1, idle=idle, pressure=pressure)
    await chip.start()
    for _ in range(4):
        chip.send(DATA)
    for _ in range(4):
        assert await chip.answer() == DATA
    assert await chip.receive(100) == b""


@cocotb.test()
async def blocking_code_reads_and_writes(dut) -> None:
    chip = Chip(dut)
    await chip.start()

    def use(transport: CocotbTransport) -> None:
        assert transport.read(10, timeout=0.001) == b""
        transport.write(DATA)
        got = b""
        while len(got) < len(DATA):
            some = transport.read(7, timeout=0.01)
            assert 0 < len(some) <= 7
            got += some
        assert got == DATA

    await bridge(use)(CocotbTransport(chip))
