"""The lists of layers' inputs: how many are kept, and which of them is whose."""

from amaranth import Cat, Value

from ffpga_golden import NetworkConfig


class ListPlaces:
    """Two lists, of both phases; with more than two layers another two, while the next layer's are made.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.count = 4 if config.depth > 2 else 2

    @property
    def bits(self) -> int:
        """Bits of a place."""
        return (self.count - 1).bit_length()

    def feeding(self, phase: Value, layer: Value) -> Value:
        """Place of the list that is a layer's input."""
        return Cat(phase, layer[0]) if self.count == 4 else phase

    def made_of(self, phase: Value, layer: Value) -> Value:
        """Place of the list that is made of a layer's activities."""
        return self.feeding(phase, layer + 1)
