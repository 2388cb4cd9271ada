"""The run-time registers, from the table of `ffpga_golden.registers`."""

from amaranth import Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig, registers

from ..signatures.host import SeedPort, Settings, ThresholdPort
from ..signatures.port import RegisterPort
from ..signatures.slots import TotalSlots


class Registers(wiring.Component):
    """The register file, a byte at a time: the lowest first, `place` counts them.

    Registers of more than a byte live elsewhere: the seed in the generator, whose state goes down by a byte with each,
    so that one that is read goes once around; the thresholds in the totals' memory, which `Goodness` has at hand.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        self._table = [r for r in registers(config) if r.width <= 8]
        super().__init__(
            {
                "port": In(RegisterPort()),  #: its address is there a clock before `write` or `step`
                "settings": Out(Settings(config)),
                "seed": Out(SeedPort()),
                "thresholds": Out(ThresholdPort(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        port, seed, thresholds, written = self.port, self.seed, self.thresholds, self.settings.written
        first, touched = Signal(), Signal()
        held, small, is_seed, is_threshold = Signal(8), Signal(8), Signal(), Signal()
        m.d.comb += [first.eq(port.place == 0), touched.eq(port.write | port.step)]
        with m.Switch(port.address):
            for register in self._table:
                with m.Case(register.address):
                    own = getattr(self.settings, register.name)
                    m.d.comb += held.eq(own)
                    with m.If(first & port.write):
                        m.d.sync += own.eq(port.data)
        m.d.sync += [
            small.eq(Mux(touched, 0, held)),
            is_seed.eq(port.address == self._address("seed")),
            is_threshold.eq(port.address[2:] == self._address("threshold0") >> 2),
        ]
        slots, layer = TotalSlots(self._config), port.address[:2]
        m.d.comb += [
            seed.shift.eq(is_seed & touched),
            seed.byte.eq(Mux(port.write, port.data | first, seed.lowest)),  # its lowest bit is always 1
            thresholds.load.eq(port.load),
            thresholds.push.eq(is_threshold & touched),
            thresholds.byte.eq(port.data),
            thresholds.slot.eq(slots.threshold(layer, written.bit_select(layer, 1))),
            thresholds.store_slot.eq(slots.threshold(layer, Const(1, 1))),
            port.value.eq(Mux(is_threshold, thresholds.value, Mux(is_seed, seed.lowest, small))),
            port.negative_policy.eq(self.settings.negative_policy),
        ]
        m.d.sync += thresholds.keep.eq(is_threshold & port.write & (port.place == 3))
        with m.If(thresholds.keep):
            m.d.sync += written.bit_select(layer, 1).eq(1)
        return m

    def _address(self, name: str) -> int:
        return next(r.address for r in registers(self._config) if r.name == name)
