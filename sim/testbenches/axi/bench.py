"""The chip behind AXI on its test bench: registers by name, samples and answers as packets."""

from collections.abc import Iterator
from random import Random
from struct import pack

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiStreamBus, AxiStreamSink, AxiStreamSource
from numpy.random import RandomState

from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_golden.protocol import Opcode
from ffpga_hw.bus.register_map import Error, register_map
from testbenches.chip.bench import PERIOD_NS

OKAY, SLVERR = 0, 2


class AxiChip:
    """A module `ffpga` with its ports aclk, aresetn, s_axi_*, s_axis_*, m_axis_* and irq.

    Parameters
    ----------
    dut : handle
    config : NetworkConfig
    seed : int
        Of the random waits.
    pause : float
        Probability that a channel stands still in a clock, on every one of the seven.
    """

    def __init__(self, dut, config: NetworkConfig, *, seed: int = 0, pause: float = 0.0) -> None:
        self.dut = dut
        self.registers = {register.name: register for register in register_map(config)}
        self.refused = 0  #: accesses and commands so far
        ports = (dut.aclk, dut.aresetn, False)
        self.master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), *ports)
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), *ports)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), *ports)
        write, read = self.master.write_if, self.master.read_if
        channels = (write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel)
        for part in (write, read, self.source, self.sink):
            part.log.setLevel("WARNING")  # it would say every word
        if pause:
            for number, channel in enumerate((*channels, self.source, self.sink)):
                channel.set_pause_generator(_waits(Random(f"{seed} {number}"), pause))

    async def start(self) -> None:
        """Starts the clock and pulses the reset."""
        self.dut.aresetn.value = 0
        Clock(self.dut.aclk, PERIOD_NS, unit="ns").start()
        await ClockCycles(self.dut.aclk, 4)
        await FallingEdge(self.dut.aclk)
        self.dut.aresetn.value = 1
        await ClockCycles(self.dut.aclk, 2)

    # Words, at addresses that there need not be -------------------------------------------------------------------
    async def write_word(self, address: int, value: int) -> int:
        """Writes a word; returns the response."""
        answer = await self.master.write(address, value.to_bytes(4, "little"))
        return int(answer.resp)

    async def read_word(self, address: int) -> tuple[int, int]:
        """Reads a word; returns the response and the word."""
        answer = await self.master.read(address, 4)
        return int(answer.resp), int.from_bytes(answer.data, "little")

    # Registers -----------------------------------------------------------------------------------------------------
    async def write(self, name: str, value: int) -> Error:
        """Writes a register; what it was refused for is returned, and cleared."""
        return await self._outcome(await self.write_word(self.registers[name].address, value))

    async def read(self, name: str) -> tuple[Error, int]:
        """Reads a register; what it was refused for is cleared."""
        response, value = await self.read_word(self.registers[name].address)
        assert response == OKAY or value == 0
        return await self._outcome(response), value

    async def field(self, register: str, name: str) -> int:
        """A field of a register that can be read."""
        error, value = await self.read(register)
        assert error == Error.NONE
        (field,) = (field for field in self.registers[register].fields if field.name == name)
        return value >> field.low & (1 << field.width) - 1

    async def until(self, name: str, value: int, polls: int = 5000) -> None:
        """Until a field of STATUS has a value."""
        for _ in range(polls):
            if await self.field("STATUS", name) == value:
                return
        raise AssertionError(f"STATUS.{name} does not become {value}")

    async def idle(self) -> None:
        """Until no command waits or runs."""
        await self.until("waiting", 0)
        await self.until("running", 0)

    async def fault(self) -> Error:
        """The error that is held; it is cleared."""
        _, value = await self.read_word(self.registers["ERROR"].address)
        assert await self.write_word(self.registers["ERROR"].address, 0) == OKAY
        self.refused += value != 0
        return Error(value)

    async def _outcome(self, response: int) -> Error:
        if response == OKAY:
            return Error.NONE
        assert response == SLVERR
        error = await self.fault()
        assert error != Error.NONE, "refused, but for no reason"
        return error

    async def same_weights(self, golden: GoldenDevice, seed: int) -> None:
        """Writes random weights to the chip and to a golden device, whatever the memory held before."""
        config = golden.config
        values = RandomState(seed).randint(-60, 60, config.weights)
        assert await self.write("WEIGHT_ADDRESS", 0) == Error.NONE
        for number, value in enumerate(values.tolist()):
            assert await self.write("WEIGHT", value & 0xFFFF_FFFF) == Error.NONE
            word, lane = divmod(number, config.lanes)
            kind = "b" if config.weight_bits == 8 else "h"
            golden.execute(Opcode.WRITE_WEIGHTS, pack(f"<HB{kind}", word, lane, value))

    # Streams -------------------------------------------------------------------------------------------------------
    def send(self, beats: bytes) -> None:
        """Queues a sample's packet, two bytes a beat."""
        self.source.send_nowait(beats)

    async def answer(self, clocks: int = 200_000) -> bytes:
        """The next packet of answers."""
        if self.sink.empty():
            await self.sink.wait(timeout=clocks * PERIOD_NS, timeout_unit="ns")
        assert not self.sink.empty(), f"no answer within {clocks} clocks"
        return bytes(self.sink.recv_nowait().tdata)


def _waits(random: Random, probability: float) -> Iterator[bool]:
    while True:
        yield random.random() < probability
