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

    A tile ends with the list, whatever was written behind that. Of a layer without receptive fields it takes the list
    as a whole.
    """

    def _lengths_signature(self) -> wiring.Signature:
        return TileLengths(self._config)

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return BlockWord(config)

    def elaborate(self, platform: object) -> Module:
        following = self.lengths
        self._left = Signal.like(following.count, reset_less=True)  # entries of the tile at hand
        self._further = Signal()  # the group has more; of a layer without receptive fields it has none
        self._wanted = Signal()  # the next tile
        self._fields = Signal()  # the layer has them, a clock late: for the sake of the clock's frequency
        m = super().elaborate(platform)
        # The next one is taken as soon as it is found; until then what is told of it is of no account. `keep` holds
        # synthesis to few tables in a row: two for a tile's end and for that of a group which another one follows.
        again = Signal()  # a group comes, with fields
        follows, tile_ends, wanted = Signal(attrs={"keep": 1}), Signal(attrs={"keep": 1}), self._wanted
        with m.If(following.rest):
            m.d.sync += again.eq(following.fields)
        with m.Elif(self._on):
            m.d.sync += again.eq(self._fields & ~self._last_follows)
        m.d.sync += self._fields.eq(following.fields)
        m.d.comb += [
            follows.eq(again & self._closing),
            tile_ends.eq((self._drained & self._further & self._go) | (self._elsewhere & self._beat)),
            following.rest.eq(~self.running),
            wanted.eq((again & self._opens) | (follows & self._go) | tile_ends),
            following.take.eq(wanted),
        ]
        with m.If(self._moves):
            m.d.sync += self._left.eq(Mux(wanted, following.count, self._left - 1))
        with m.If(wanted):
            m.d.sync += [
                self.word.fresh.eq(following.fresh),
                following.walked.eq(following.place),
                self._last_entry.eq(following.one),
                self._further.eq(~following.last),
            ]
        return m

    def _begin(self, m: Module, machine: Machine) -> None:
        with m.If(self._fields):
            self._take(m, machine)
        with m.Else():
            m.d.sync += self.word.fresh.eq(0)
            super()._begin(m, machine)

    def _entry(self, m: Module, last: Value) -> None:
        m.d.sync += self._last_entry.eq(last | (self._fields & (self._left == 2)))

    def _pointed(self, pointer: Value) -> Value:
        return Mux(self._wanted, self.lengths.start, pointer)

    def _listed(self, m: Module, machine: Machine) -> None:
        super()._listed(m, machine)
        with m.If(self._further):
            self._take(m, machine)

    def _take(self, m: Module, machine: Machine) -> None:
        """On to the next tile."""
        machine.go("SEEK")
        with m.If(self.lengths.found):
            machine.go("LIST")
            with m.If(self.lengths.none):
                machine.go("BIAS")

    def _more(self, m: Module, machine: Machine, go: Value) -> None:
        with machine.state("SEEK"):
            m.d.comb += [self.word.kind.eq(Kind.LIST), self._elsewhere.eq(1)]
            with m.If(self._beat):
                self._take(m, machine)
