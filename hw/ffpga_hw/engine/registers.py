"""Run-time registers and counters, from the tables of `ffpga_golden.registers`."""

from amaranth import Array, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import COUNTERS, NetworkConfig, registers


class Registers(wiring.Component):
    """The register file. The seed lives in the generator: `seed_write` and `seed` belong to it.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._table = registers(config)
        super().__init__(
            {
                "address": In(8),
                "write": In(1),
                "data": In(32),
                "value": Out(32),  #: register at `address`, 2 clocks later
                "seed": In(32),  #: state of the generator
                "seed_write": Out(1),
                **{r.name: Out(r.width, init=r.reset) for r in self._table if r.name != "seed"},
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        with m.Switch(self.address):
            for register in self._table:
                with m.Case(register.address):
                    if register.name == "seed":
                        m.d.comb += self.seed_write.eq(self.write)
                        m.d.sync += self.value.eq(self.seed)
                    else:
                        own = getattr(self, register.name)
                        m.d.sync += self.value.eq(own)
                        with m.If(self.write):
                            m.d.sync += own.eq(self.data)
        return m


class Counters(wiring.Component):
    """Counters modulo 2^32, each one up in a clock where its bit of `count` is set."""

    count: In(len(COUNTERS))  #: a bit a counter, in the order of COUNTERS
    index: In(4)
    value: Out(32)  #: counter `index`, 2 clocks later

    def elaborate(self, platform: object) -> Module:
        m = Module()
        counters = Array(Signal(32, name=name) for name in COUNTERS)
        for n, counter in enumerate(counters):
            with m.If(self.count[n]):
                m.d.sync += counter.eq(counter + 1)
        m.d.sync += self.value.eq(counters[self.index])
        return m
