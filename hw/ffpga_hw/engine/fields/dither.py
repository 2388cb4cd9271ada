"""The random generator where an update goes block by block: a block goes on where the one before it ended."""

from amaranth import Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..lanes.dither import Dither
from .signatures import BlockNoise


class BlockDither(Dither):
    """`Dither` whose sequence the first row of a block does not restart, but keeps as the block's beginning."""

    def _noise_signature(self, config: NetworkConfig) -> wiring.Signature:
        return BlockNoise(config)

    def _restarts(self) -> Value:
        return self.noise.first & ~self.noise.fresh

    def _kept(self) -> Value:
        return self.noise.step & self.noise.first & self.noise.fresh
