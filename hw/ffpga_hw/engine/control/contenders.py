"""The wrong labels that contend for the hardest one: the true label, then in turn those from a random one on."""

from amaranth import Module, Mux, Signal, Value

from ffpga_golden import NetworkConfig

from ..signatures.sizes import label_indices


class Contenders:
    """The label at hand; a part of a module, which steps through them.

    Parameters
    ----------
    m : Module
    config : NetworkConfig
    true, first : Value
        The true label, and the first one that contends.
    """

    def __init__(self, m: Module, config: NetworkConfig, true: Value, first: Value) -> None:
        self._m, self._last, self._true, self._first = m, config.classes - 1, true, first
        self._turn = Signal(label_indices(config), reset_less=True)

    def _after(self, label: Value) -> Value:
        return Mux(label == self._last, 0, label + 1)[: len(self._turn)]

    def label(self, ordinal: Value) -> Value:
        """The one that is the `ordinal`-th to be scored."""
        return Mux(ordinal == 0, self._true[: len(self._turn)], self._turn)

    def step(self, ordinal: Value) -> None:
        """On to the next one."""
        after = self._after(self._turn)
        skipped = Mux(after == self._true, self._after(after), after)
        self._m.d.sync += self._turn.eq(Mux(ordinal == 0, self._first, skipped))
