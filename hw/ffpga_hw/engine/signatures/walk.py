"""Signatures of a walk: from the sequencer's order to the words, their inputs and the lists that they come from."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig

from .contenders import contest_members
from .places import ListPlaces
from .sizes import address_bits, group_counts, label_indices, neuron_bits


class WalkOrder(wiring.Signature):
    """Sequencer to walker: a walk over a layer. What it is stays until it has ended."""

    def __init__(self) -> None:
        super().__init__(
            {
                "start": Out(1),  #: pulse
                "update": Out(1),  #: an update, not a forward walk
                "open": Out(1),  #: in the clock before, the list still grew
                "labels": Out(6),  #: label rows after the bias, 0 and up
                "done": In(1),  #: pulse: an update's last word is in the memory
            }
        )


class LayerSizes(wiring.Signature):
    """Table of layers to walker, fetch and scorer: what they need to know of the layer at hand.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "base": Out(address_bits(config)),  #: its first word
                "rows": Out(11),  #: its rows
                "bias": Out(11),  #: row of the bias
                "groups": Out(group_counts(config)),  #: its groups of neurons
            }
        )


class WalkInputs(wiring.Signature):
    """Sequencer to fetch: whose inputs a walk takes.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "layer": Out(2),
                "phase": Out(1),  #: list that a walk over another layer than the first takes
                "sample": Out(1),  #: sample that a walk over the first layer takes
                "every": Out(1),  #: label rows are those of all labels
                "label_a": Out(label_indices(config)),  #: else the label of the first label row
                "label_b": Out(label_indices(config)),  #: and of the second
                **contest_members(config),
            }
        )


class ListLengths(wiring.Signature):
    """Fetch to walker: how many entries there are, 0 and up; of an open list, so far."""

    def __init__(self) -> None:
        super().__init__({"list": Out(11)})


class Kind:
    """What a word of the walk is."""

    LIST, BIAS, LABEL, ABOVE = range(4)


class WalkWord(wiring.Signature):
    """Walker to fetch and pipeline: the next word.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "issue": Out(1),  #: a word this clock
                "kind": Out(2),  #: see Kind
                "pointer": Out(10),  #: entry of the list
                "label": Out(config.classes.bit_length()),  #: ordinal of the label row
                "first": Out(1),  #: first word of a group
                "group": Out(group_counts(config)),
                "base": Out(address_bits(config)),  #: first word of the group, `fetch_latency` clocks late
                "turn": Out(5),  #: rotation of the dither for the group's first neuron
            }
        )


class FetchedWord(wiring.Signature):
    """Fetch to pipeline: the word's input and address, `fetch_latency` clocks after its issue.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "value": Out(8),  #: input x
                "address": Out(address_bits(config)),
            }
        )


class WalkState(wiring.Signature):
    """Sequencer to pipeline: what holds of the walk whose words are under way."""

    def __init__(self) -> None:
        super().__init__(
            {
                "active": Out(1),  #: a step runs, from the clock after its start on
                "running": Out(1),  #: the same, from its start on
                "update": Out(1),  #: the walk is an update
                "begun": Out(1),  #: it began a clock ago
                "ended": Out(1),  #: an update's last word is in the memory
                "single": Out(1),  #: one phase, not a pair
                "set": Out(2),  #: set of local errors of the walk's list
            }
        )


class ListPort(wiring.Signature):
    """Vector unit to fetch: entries of the layers' inputs, and how many there are.

    Parameters
    ----------
    config : NetworkConfig
    places : ListPlaces
    """

    def __init__(self, config: NetworkConfig, places: ListPlaces) -> None:
        neuron = neuron_bits(config)
        super().__init__(
            {
                "write": Out(1),
                "place": Out(places.bits),  #: list, see `ListPlaces`
                "pointer": Out(neuron),  #: its entry
                "row": Out(neuron),
                "value": Out(8),  #: x, value / 32
                "lengths": Out(places.count * (neuron + 1)),  #: entries of each list that were written, by place
            }
        )
