"""Signatures around the lanes: their work, their own memories, the weight memory, the dither."""

from amaranth import signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig

from .sizes import address_bits, group_counts, scratch_bits, word_bits


class LaneWork(wiring.Signature):
    """Pipeline to lanes: a word's product or update, and what comes of it.

    `value` comes 2 clocks ahead of the word's weights.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "update": Out(1),  #: the walk is an update
                "value": Out(8),  #: input x
                "weights": Out(word_bits(config)),
                "noise": Out(32 * config.lanes),  #: dither, with the weights; 0 forward and where rounding is plain
                "load": Out(1),  #: the next product is added to the weight, not to the sum
                "add": Out(1),  #: the sum changes at the end of this clock
                "clear": Out(1),  #: the sum is zeroed instead
                "host": Out(1),  #: the new weights are all
                "given": Out(signed(config.weight_bits)),  #: this one, held
                "take": Out(1),  #: the new weights change at the end of this clock
                "sums": In(config.sum_bits * config.lanes),  #: pre-activations without the label
                "word": In(word_bits(config)),  #: new weights
            }
        )


class ScratchPort(wiring.Signature):
    """Pipeline to the lanes' own memories: labels' weights (forward), local errors (update).

    Where two lanes share a memory, an update fetches the odd lanes' errors a clock before the even ones'.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "address": Out(scratch_bits(config)),
                "read": Out(1),  #: else `data` stays
                "odd": Out(1),
                "keep": Out(1),  #: the odd lanes keep the error that they have
                "data": In(16 * config.lanes),  #: s16 a lane, 1 clock after the address
                "label_write": Out(1),  #: store the weights
                "label": Out(scratch_bits(config)),
            }
        )


class LocalErrors(wiring.Signature):
    """Vector unit to the lanes' own memories.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "write": Out(config.lanes),  #: lanes to write
                "set": Out(2),
                "group": Out(group_counts(config)),
                "g": Out(signed(16)),  #: local error
            }
        )


class WeightMemoryPort(wiring.Signature):
    """Pipeline to weight memory, each of the families' own as well; see `WeightMemory`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "read_address": Out(address_bits(config)),  #: word to read
                "read_data": In(word_bits(config)),  #: word that was asked for `memory_latency` clocks before
                "write_enable": Out(config.lanes),  #: lanes to write
                "write_address": Out(address_bits(config)),
                "write_data": Out(word_bits(config)),  #: with one port a clock late
            }
        )


class HostWeight(wiring.Signature):
    """The host's access to a weight, to pipeline: while no step runs.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "address": Out(address_bits(config)),  #: word, until the access has ended
                "host": Out(1),  #: the next new weights of the lanes are `given`
                "given": Out(signed(config.weight_bits)),
                "write": Out(1),  #: write it,
                "lanes": Out(config.lanes),  #: to this one
                "keep": Out(1),  #: the word that is read is at the lanes: keep it as labels' weights are kept
            }
        )


class Noise(wiring.Signature):
    """Pipeline to random generator: the dither of an update's rows.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "step": Out(1),  #: a row is visited
                "first": Out(1),  #: with `step`: the first row of a group
                "turn": Out(5),  #: rotation of the group's first neuron, a multiple of `turn_unit`
                "commit": Out(1),  #: the walk has ended
                "words": In(32 * config.lanes),  #: u32 a lane
            }
        )


class Draw(wiring.Signature):
    """Sequencer to random generator: random labels, tosses for the labels that take part."""

    def __init__(self) -> None:
        super().__init__(
            {
                "step": Out(1),
                "random": In(32),  #: the new state, in the next clock
            }
        )
