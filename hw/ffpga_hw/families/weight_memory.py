"""Weight memories of a family's own blocks: what they have in common."""

from typing import ClassVar

from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..engine.signatures.lanes import WeightMemoryPort


class OwnWeightMemory(wiring.Component):
    """`WeightMemory` in blocks of one family, which have so many ports.

    Parameters
    ----------
    config : NetworkConfig

    Raises
    ------
    ValueError
        The configuration's memory has another number of ports.
    """

    family: ClassVar[str]  #: as a user knows it
    memory_ports: ClassVar[int]

    def __init__(self, *, config: NetworkConfig) -> None:
        if config.memory_ports != self.memory_ports:
            raise ValueError(
                f"memory_ports must be {self.memory_ports} for an {self.family}'s own weight memory, "
                f"not {config.memory_ports}"
            )
        self._config = config
        super().__init__(WeightMemoryPort(config).flip())
