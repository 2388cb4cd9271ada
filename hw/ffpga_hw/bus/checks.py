"""Whether a command's values and an address of weights are good."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import PART
from ffpga_golden.registers import NegativePolicy

from ..engine.signatures.port import sample_slots
from ..link.compare import below
from .register_map import Error, Operation


class Checks(wiring.Component):
    """What is wrong with the word that is written, a clock after it is there.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "data": In(32),  #: the word
                "negative_policy": In(2),  #: register of that name
                "command": Out(Error),  #: of a COMMAND
                "place": Out(Error),  #: of a WEIGHT_ADDRESS
                "table": Out(Error),  #: of a TABLE_ADDRESS
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, data = self._config, self.data
        operation, label, negative, take = (data[8 * n : 8 * n + 8] for n in range(4))
        pair, phase, activities = (Signal(name=name) for name in ("pair", "phase", "activities"))
        m.d.comb += [
            pair.eq(operation == Operation.TRAIN_PAIR),
            phase.eq(operation == Operation.TRAIN_PHASE),
            activities.eq(operation == Operation.ACTIVITIES),
        ]
        operations = Operation.ACTIVITIES if config.classes else Operation.ACTIVITIES + 1
        good = [
            below(take, 1 << sample_slots(config)),
            ~phase | below(negative, 2),
        ]
        if config.classes:
            named = below(negative, config.classes) & (negative != label)
            good += [
                ~(pair | phase) | below(label, config.classes),
                ~pair | (self.negative_policy != NegativePolicy.HOST) | named,
            ]
        else:
            good.append(~activities | self._is_part(label, negative))
        m.d.sync += self.command.eq(Mux(Cat(good).all(), Error.NONE, Error.BAD_VALUE))
        with m.If(~below(operation, operations)):
            m.d.sync += self.command.eq(Error.BAD_OPERATION)

        exists = below(data[:16], config.words) & below(data[16:24], config.lanes) & ~data[24:].any()
        m.d.sync += self.place.eq(Mux(exists, Error.NONE, Error.BAD_VALUE))
        m.d.sync += self.table.eq(Mux(below(data, 256 * (config.depth - 1)), Error.NONE, Error.BAD_VALUE))
        return m

    def _is_part(self, layer: Value, part: Value) -> Value:
        """Whether the activities of a layer have this part."""
        parts = [(layer == n) & below(part, -(-width // PART)) for n, width in enumerate(self._config.layers)]
        return Cat(parts).any()
