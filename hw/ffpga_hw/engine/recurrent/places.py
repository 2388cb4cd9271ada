"""The lists of a recurrent network's layers."""

from amaranth import Cat, Value

from ffpga_golden import NetworkConfig

from ..signatures.places import ListPlaces


class RecurrentPlaces(ListPlaces):
    """Lists of every layer's activities: of both phases, of this time step and of the last.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.count = 4 * config.depth
        self._layer_bits = (config.depth - 1).bit_length()

    def made_at(self, phase: Value, layer: Value, odd: Value) -> Value:
        """Place of the list that is made of a layer's activities at an odd time or at an even one."""
        return Cat(phase, odd, layer[: self._layer_bits])
