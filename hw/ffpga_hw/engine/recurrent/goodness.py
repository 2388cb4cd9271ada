"""Goodness of a recurrent network."""

from amaranth import Module
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..vectors.goodness import Goodness
from .signatures import RecurrentDecision


class RecurrentGoodness(Goodness):
    """`Goodness` that tells only what is of the last time step."""

    def _decision_signature(self, config: NetworkConfig) -> wiring.Signature:
        return RecurrentDecision(config)

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.decision.quiet):
            m.d.comb += self.answer.valid.eq(0)
        return m
