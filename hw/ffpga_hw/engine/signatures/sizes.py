"""Widths that several blocks share, all of them from the configuration."""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from ffpga_golden import NetworkConfig


def address_bits(config: NetworkConfig) -> int:
    """Bits of a word's address."""
    return max(1, (config.words - 1).bit_length())


def word_bits(config: NetworkConfig) -> int:
    """Bits of a word of weights, one a lane."""
    return config.lanes * config.weight_bits


def neuron_bits(config: NetworkConfig) -> int:
    """Bits of a neuron's index in its layer."""
    return max(1, (max(config.layers) - 1).bit_length())


def group_bits(config: NetworkConfig) -> int:
    """Bits of a group's index in its layer."""
    return max(1, (max(config.groups) - 1).bit_length())


def group_counts(config: NetworkConfig) -> range:
    """Numbers of groups, none of them among these."""
    return range(max(config.groups) + 1)


def label_bits(config: NetworkConfig) -> int:
    """Labels as bits of a set, at least two."""
    return max(2, config.classes)


def label_indices(config: NetworkConfig) -> range:
    """Labels as numbers, at least two."""
    return range(label_bits(config))


def contend(config: NetworkConfig) -> bool:
    """Whether fewer wrong labels than all may contend for the hardest one: there is a register for it."""
    return config.classes > 2 and not config.recurrent


def contest_members(config: NetworkConfig) -> dict[str, wiring.Member]:
    """What scorer and fetch have to know of contenders; nothing where there is no such register."""
    if not contend(config):
        return {}
    return {
        "some": Out(1),  #: the labels are `label_a` and then those that contend
        "contender": Out(label_indices(config)),  #: the first of these
    }


def slot_bits(config: NetworkConfig) -> int:
    """Bits of a slot of activities: the labels, then (layer parity, phase) of vectors that are not a label's."""
    return (config.classes + 3).bit_length()


def scratch_bits(config: NetworkConfig) -> int:
    """Address bits of a lane's own memory: a label's weight each, or up to 4 sets of local errors for each group."""
    labels = (label_bits(config) - 1).bit_length()
    return max(group_bits(config) + 2, labels)


def paired(config: NetworkConfig) -> bool:
    """Whether two lanes share a memory of their own.

    They can where an update has two clocks a word, one for the error of each, and a memory's 16 bits hold the label
    weights of both.
    """
    return config.memory_ports == 1 and config.weight_bits == 8 and config.lanes % 2 == 0
