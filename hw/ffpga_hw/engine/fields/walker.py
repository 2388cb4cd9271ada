"""The walk over a layer with receptive fields: group by group, tile by tile."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ...machine import Machine
from ..control.walker import Walker
from ..signatures.walk import Kind
from .signatures import BlockWord, TileLengths


class TileWalker(Walker):
    """`Walker` that takes a list tile by tile, as they are found, and waits where none is found yet.

    Of a layer without receptive fields it takes the list as a whole.
    """

    def _lengths_signature(self) -> wiring.Signature:
        return TileLengths(self._config)

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return BlockWord(config)

    def elaborate(self, platform: object) -> Module:
        following = self.lengths
        self._left = Signal.like(following.count)  # entries of the tile at hand
        self._last_tile = Signal()  # it is its group's last one
        m = super().elaborate(platform)
        m.d.comb += following.rest.eq(~self.running)
        return m

    def _begin(self, m: Module, machine: Machine) -> None:
        with m.If(self.lengths.fields):
            self._take(m, machine)
        with m.Else():
            m.d.sync += self.word.fresh.eq(0)
            super()._begin(m, machine)

    def _entry(self, m: Module, last: Value) -> None:
        m.d.sync += [
            self._left.eq(self._left - 1),
            self._last_entry.eq(Mux(self.lengths.fields, self._left == 2, last)),
        ]

    def _listed(self, m: Module, machine: Machine) -> None:
        super()._listed(m, machine)
        with m.If(self.lengths.fields & ~self._last_tile):
            self._take(m, machine)

    def _take(self, m: Module, machine: Machine) -> None:
        """On to the next tile."""
        word, following = self.word, self.lengths
        machine.go("SEEK")
        with m.If(following.found):
            m.d.comb += following.take.eq(1)
            m.d.sync += [
                word.pointer.eq(following.start),
                word.fresh.eq(following.fresh),
                following.walked.eq(following.place),
                self._left.eq(following.count),
                self._last_entry.eq(following.one),
                self._last_tile.eq(following.last),
            ]
            machine.go("LIST")
            with m.If(following.none):
                machine.go("BIAS")

    def _more(self, m: Module, machine: Machine, go: Value) -> None:
        with machine.state("SEEK"):
            m.d.comb += self.word.kind.eq(Kind.LIST)
            with m.If(self._beat):
                self._take(m, machine)
