"""The walk of a recurrent network: the list from above follows the one from below, without a clock between them."""

from amaranth import Module, Signal, Value
from amaranth.lib import wiring

from ...machine import Machine
from ..control.walker import Walker
from ..signatures.walk import Kind
from .signatures import RecurrentLengths


class RecurrentWalker(Walker):
    """`Walker` with a state for the list from above."""

    def _lengths_signature(self) -> wiring.Signature:
        return RecurrentLengths()

    def elaborate(self, platform: object) -> Module:
        self._none_above, self._one_above = Signal(name="none_above"), Signal(name="one_above")
        m = super().elaborate(platform)
        m.d.sync += [self._none_above.eq(self.lengths.above == 0), self._one_above.eq(self.lengths.above == 1)]
        return m

    def _listed(self, m: Module, machine: Machine) -> None:
        super()._listed(m, machine)
        with m.If(~self._none_above):
            m.d.sync += [self._pointer.eq(0), self._last_entry.eq(self._one_above)]
            machine.go("ABOVE")

    def _more(self, m: Module, machine: Machine, go: Value) -> None:
        before = self._penultimate(m, self.lengths.above, self.word.pointer)
        with machine.state("ABOVE"):
            m.d.comb += [self.word.kind.eq(Kind.ABOVE), self.word.issue.eq(go)]
            with m.If(go):
                m.d.sync += [
                    self._pointer.eq(self._pointer + 1),
                    self._last_entry.eq(self.word.pointer == before),
                ]
                with m.If(self._last_entry):
                    machine.go("BIAS")
