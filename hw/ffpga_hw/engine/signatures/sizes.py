"""Widths that several blocks share, all of them from the configuration."""

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import scored_together


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


def total_bits(config: NetworkConfig) -> int:
    """Bits of a slot of totals: the labels, then (layer parity, phase) of vectors that are not a label's."""
    return (config.classes + 3).bit_length()


def activity_slots(config: NetworkConfig) -> int:
    """Slots of activities: the labels', or the phases' without labels.

    What a layer without label rows makes of a phase takes the slot of the phase's label: the list below it, made of
    that slot, is complete before. Only in a recurrent network such layers have slots of their own, as totals do.
    """
    return config.classes + 4 if config.recurrent else label_bits(config)


def slot_bits(config: NetworkConfig) -> int:
    """Bits of a slot of activities."""
    return (activity_slots(config) - 1).bit_length()


def group_stride(config: NetworkConfig) -> int:
    """Activities are addressed by pairs of a group and a slot: as many a group as there are slots.

    It is 1 where that takes no fewer words, rounded to a power of two, than powers of two of neurons and of slots: they
    are bits of the address then. So it is for lanes that are no power of two, and for memories of one block RAM.
    """
    steps = config.lanes // scored_together(config)
    bits = slot_bits(config) + neuron_bits(config) - scored_together(config).bit_length() + 1
    pairs = activity_slots(config) * max(config.groups)
    fewer = (pairs * steps - 1).bit_length() < bits
    return activity_slots(config) if fewer and bits > 8 and not config.lanes & config.lanes - 1 else 1


def place_bits(config: NetworkConfig) -> int:
    """Bits of a neuron's place: its lane, then its group times `group_stride`."""
    stride = group_stride(config)
    if stride == 1:
        return neuron_bits(config)
    return (stride * (max(config.groups) - 1) * config.lanes + config.lanes - 1).bit_length()


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
