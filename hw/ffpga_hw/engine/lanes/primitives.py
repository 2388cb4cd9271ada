"""What an FPGA has of its own, behind the signatures of the portable blocks.

A platform that has an attribute `primitives` builds the core from them; every other one, from the portable blocks.
"""

from amaranth import Elaboratable

from ffpga_golden import NetworkConfig

from .lane import Lane
from .weight_memory import WeightMemory


class Portable:
    """Blocks that every synthesis tool infers by itself."""

    def lane(self) -> Elaboratable:
        """A lane; see `Lane`."""
        return Lane()

    def weight_memory(self, config: NetworkConfig) -> Elaboratable:
        """The weight memory; see `WeightMemory`."""
        return WeightMemory(config=config)


def primitives(platform: object) -> Portable:
    """The blocks to build with."""
    return getattr(platform, "primitives", None) or Portable()
