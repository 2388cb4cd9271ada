"""The wrong labels that contend for the hardest one: the true label, then in turn those from a random one on."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from ffpga_golden import NetworkConfig

from .sizes import label_indices


def contest_members(config: NetworkConfig) -> dict[str, wiring.Member]:
    """What scorer and fetch have to know of contenders; nothing where all labels always contend."""
    if not config.has_contenders:
        return {}
    return {
        "some": Out(1),  #: the labels are `label_a` and then those that contend
        "contender": Out(label_indices(config)),  #: the first of these
    }


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
        labels = label_indices(config)
        self._m, self._last, self._true, self._first = m, config.classes - 1, true, first
        self._turn = Signal(labels, reset_less=True)
        # The true label is passed over. It holds for long: what comes before and behind it is in registers.
        self._before, self._behind = Signal(labels, reset_less=True), Signal(labels, reset_less=True)
        m.d.sync += [
            self._before.eq(Mux(true == 0, self._last, true - 1)),
            self._behind.eq(self._after(true)),
        ]

    def _after(self, label: Value) -> Value:
        return Mux(label == self._last, 0, label + 1)[: len(self._turn)]

    def label(self, ordinal: Value) -> Value:
        """The one that is the `ordinal`-th to be scored."""
        return Mux(ordinal == 0, self._true[: len(self._turn)], self._turn)

    def step(self, ordinal: Value) -> None:
        """On to the next one."""
        following = Mux(self._turn == self._before, self._behind, self._after(self._turn))
        self._m.d.sync += self._turn.eq(Mux(ordinal == 0, self._first, following))
