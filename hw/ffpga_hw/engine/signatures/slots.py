"""The slots of the totals' memory: sums of squares, an inference's sum, the registers' thresholds."""

from amaranth import Cat, Const, Value

from ffpga_golden import NetworkConfig
from ffpga_golden.registers import registers

from ..signatures.sizes import total_bits


class TotalSlots:
    """Below `upper` lie the slots of vectors (see `total_bits`) and, without classes, `sum`: an inference's sum.

    From `upper` on the thresholds: the written ones at 4 and up, those after a reset at 0 and up.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.bits = max(total_bits(config), 3) + 1
        self.upper = 1 << self.bits - 1
        self.sum = config.classes + 4
        self.init = [0] * (2 * self.upper)
        for register in registers(config):
            if register.name.startswith("threshold"):
                self.init[self.upper + int(register.name.removeprefix("threshold"))] = register.reset

    def threshold(self, layer: Value, written: Value) -> Value:
        """Slot of a layer's threshold: the written one, or that after a reset."""
        return Cat(layer, written, Const(self.upper >> 3))
