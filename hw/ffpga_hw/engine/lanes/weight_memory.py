"""The weight memory: words of `lanes` weights."""

from amaranth import Module, Mux, Signal
from amaranth.lib import memory, wiring

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import memory_latency

from ...delay import delayed
from ..signatures.lanes import WeightMemoryPort
from ..signatures.sizes import word_bits


class WeightMemory(wiring.Component):
    """Portable weight memory with one or two ports; an FPGA's own memory has the same signature.

    Addresses, and with two ports data, are registered inside: a read's data are out `memory_latency` clocks after
    its address, 2 with one port and 4 with two; a write is in the memory 2 clocks after its enable.
    With one port a write enable takes the port: no read may be asked for in the same clock, and what is read then is
    undefined. With two, a word must not be read in the clock in which it is written.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        if not isinstance(config, NetworkConfig):
            raise TypeError(f"config must be a NetworkConfig, not {config!r}")
        self._config = config
        super().__init__(WeightMemoryPort(config).flip())

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        m.submodules.array = array = memory.Memory(shape=word_bits(config), depth=max(2, config.words), init=[])
        write = array.write_port(granularity=config.weight_bits)
        read = array.read_port()
        enable = Signal(config.lanes)
        m.d.sync += enable.eq(self.write_enable)
        m.d.comb += [
            write.en.eq(enable),
            write.data.eq(delayed(m, self.write_data, config.memory_ports - 1)[-1]),
        ]
        if config.memory_ports == 1:
            address = Signal.like(self.read_address, reset_less=True)
            m.d.sync += address.eq(Mux(self.write_enable.any(), self.write_address, self.read_address))
            m.d.comb += [write.addr.eq(address), read.addr.eq(address), read.en.eq(~enable.any())]
            m.d.comb += self.read_data.eq(read.data)
        else:
            read_address = Signal.like(self.read_address, reset_less=True)
            write_address = Signal.like(self.write_address, reset_less=True)
            m.d.sync += [read_address.eq(self.read_address), write_address.eq(self.write_address)]
            m.d.comb += [write.addr.eq(write_address), read.addr.eq(read_address), read.en.eq(1)]
            m.d.comb += self.read_data.eq(delayed(m, read.data, memory_latency(config) - 2)[-1])
        return m
