"""How a step goes through the layers: once, from the first layer, which has the labels, to the last one."""

from amaranth import Const, Module, Signal, Value
from amaranth.lib import wiring

from ...machine import Machine


class Passes(wiring.Component):
    """Where in the network a step is, and what of the sequencer's order depends on that.

    Parameters
    ----------
    members : dict
        Ports of the sequencer.
    """

    def __init__(self, members: dict[str, wiring.Member]) -> None:
        super().__init__(members)
        self._layer, self._phase = Signal(2, name="layer"), Signal(name="phase")
        self._label_a, self._label_b = Signal(8, name="label_a"), Signal(8, name="label_b")
        self._contrast, self._infer, self._negative, self._again = (
            Signal(name=n) for n in ("contrast", "infer", "negative_phase", "again")
        )
        self._first_layer, self._last_layer, self._labelled = (
            Signal(name=n) for n in ("first_layer", "last_layer", "labelled")
        )

    def _has_labels(self) -> Value:
        """The layer has label rows."""
        return self._first_layer

    def _named(self) -> Value:
        """Activities and totals are in the labels' slots."""
        return self._labelled

    def _scans(self) -> Value:
        """An inference scores every label here."""
        return self._infer

    def _own_inputs(self) -> Value:
        """Each phase of a pair has a walk of its own."""
        return ~self._labelled

    def _free(self) -> Value:
        """A walk need not wait for a list."""
        return self._first_layer

    def _learns(self) -> Value:
        """The layer learns, if c is not 0."""
        return Const(1)

    def _final(self) -> Value:
        """No list is made of the layer."""
        return self._last_layer

    def _both(self) -> Value:
        """Lists are made of both phases."""
        return self._contrast

    def _ends(self) -> Value:
        """No layer comes after this one."""
        return self._last_layer

    def _deeper(self, most: Value) -> Value:
        """An inference goes on to the next layer; `most`: it takes more than one label to the top."""
        return ~self._last_layer & most

    def _sum_begins(self) -> Value:
        """An inference's sum is this layer's."""
        return self._first_layer

    def _next_layer(self, m: Module) -> None:
        m.d.sync += self._layer.eq(self._layer + 1)

    def _anew(self, m: Module) -> None:
        """From the first layer."""
        m.d.sync += self._layer.eq(0)

    def _selected(self, m: Module, machine: Machine) -> None:
        """A label is selected: on with it."""
        machine.go("DECIDE")

    def _leave(self, m: Module) -> None:
        """A candidate of an inference has been looked at."""
        self._anew(m)
