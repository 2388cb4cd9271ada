"""The inputs of a recurrent network's words: the lists of the layer below and of the one above, a time step ago."""

from amaranth import Array, Module, Mux, Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..control.fetch import Fetch
from ..signatures.sizes import neuron_bits
from ..signatures.walk import Kind
from .places import RecurrentPlaces
from .signatures import RecurrentInputs, RecurrentLengths


class RecurrentFetch(Fetch):
    """`Fetch` with words of the list from above, whose rows come after those of the inputs from below."""

    _places: RecurrentPlaces

    def _list_places(self, config: NetworkConfig) -> RecurrentPlaces:
        return RecurrentPlaces(config)

    def _inputs_signature(self, config: NetworkConfig) -> wiring.Signature:
        return RecurrentInputs(config)

    def _lengths_signature(self) -> wiring.Signature:
        return RecurrentLengths()

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        config, inputs = self._config, self.inputs
        neuron = neuron_bits(config)
        kind, entry, row = self._late
        first = Array([config.inputs(layer) for layer in range(config.depth)])[inputs.layer]
        with m.If(kind == Kind.ABOVE):
            m.d.sync += [row.eq(first + entry[:neuron]), self.fetched.value.eq(entry[neuron:])]
        nothing = inputs.bottom_up | (inputs.layer == config.depth - 1)
        m.d.comb += self.lengths.above.eq(Mux(nothing, 0, self._length(self._above())))
        return m

    def _below(self) -> Value:
        """Of the layer below, which is never the top one."""
        phase = self.inputs.phase & ~self.inputs.common
        return self._places.made_at(phase, self.inputs.layer - 1, self.inputs.odd)

    def _above(self) -> Value:
        """Of the layer above, which may be the top one, whose lists the phases never have in common."""
        above = (self.inputs.layer + 1)[:2]
        common = self.inputs.common & (above != self._config.depth - 1)
        return self._places.made_at(self.inputs.phase & ~common, above, self.inputs.odd)

    def _place(self) -> Value:
        return Mux(self.word.kind == Kind.ABOVE, self._above(), self._below())
