"""The pipeline where an update goes block by block."""

from collections.abc import Callable

from amaranth import Module, Signal
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..lanes.pipeline import Pipeline
from .signatures import BlockNoise, BlockWord


class BlockPipeline(Pipeline):
    """`Pipeline` that tells the random generator of a block's first row."""

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return BlockWord(config)

    def _noise_signature(self, config: NetworkConfig) -> wiring.Signature:
        return BlockNoise(config)

    def _more_noise(self, m: Module, stage: Callable[[Signal], Signal]) -> None:
        m.d.comb += self.noise.fresh.eq(stage(self.word.fresh))
