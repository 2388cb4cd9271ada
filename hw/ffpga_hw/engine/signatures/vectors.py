"""Signatures of what is made of pre-activations: activities, totals, decisions, local errors and lists, the answer."""

from amaranth import signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import scored_together

from .contenders import contest_members
from .sizes import label_bits, label_indices, place_bits, slot_bits, total_bits
from .slots import TotalSlots


class ScoreOrder(wiring.Signature):
    """Sequencer to scorer: what is made of a forward walk. It stays until `done`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        slot = total_bits(config)
        super().__init__(
            {
                "restart": Out(1),  #: a walk began a clock ago
                "slots": Out(range(label_bits(config) + 1)),  #: vectors to make: labels, or 1
                "every": Out(1),  #: slot = label ordinal; else `slot_a`, then `slot_b`
                **contest_members(config),
                **({"scored": In(label_bits(config))} if config.classes else {}),  #: a bit when a label's slot is made
                "slot_a": Out(slot),  #: slot of the total,
                "kept": Out(slot_bits(config)),  #: and slot of its activities
                "slot_b": Out(slot),  #: slot of both
                "labelled": Out(1),  #: add the label's weights
                "first_layer": Out(1),  #: layer 0: its inputs are in 1/256
                "done": In(1),  #: all totals are there
            }
        )


class GroupSums(wiring.Signature):
    """Pipeline to scorer: a group on its way, and its accumulators.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "bias": Out(1),  #: its bias is issued
                "begin": Out(1),  #: from the next clock on its labels' weights can be read, in their order
                "capture": Out(1),  #: take `sums`
                "sums": Out(config.sum_bits * config.lanes),  #: pre-activations without the label
            }
        )


class LabelWeights(wiring.Signature):
    """Scorer to pipeline: a label's weights, from the lanes' own memories.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "label": Out(label_indices(config)),  #: wanted, 1 clock ahead of
                "read": Out(1),  #: else the word stays: where a label's weights are read again, the next group's come
                "word": In(16 * config.lanes),  #: its weights, s16 a lane
            }
        )


class LaneWeight(wiring.Signature):
    """The host's access to a weight, to scorer: one weight of the word that the scorer is looking at.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "host": Out(1),  #: take the one of `lane`
                "lane": Out(range(max(2, config.lanes))),
                "weight": In(signed(config.weight_bits)),  #: the one that was taken
            }
        )


class ActivityWrite(wiring.Signature):
    """Scorer to the memory of activities.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        together = scored_together(config)
        super().__init__(
            {
                "write": Out(1),
                "slot": Out(slot_bits(config)),
                "place": Out(place_bits(config) - together.bit_length() + 1),  #: the first neuron's, over their number
                "y": Out(ACTIVITY_BITS * together),  #: activities of neurons beside each other, value / 64
            }
        )


class ActivityRead(wiring.Signature):
    """Vector unit to the memory of activities: one that is asked for comes `activity_latency` clocks later.

    If only those that are not 0 are wanted (`sparse`), a place stands for all of the neurons that were scored together,
    and those come one after the other; where all are 0, the first one does. While there are `more` of them nothing is
    asked for.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "ask": Out(1),
                "slot": Out(slot_bits(config)),
                "place": Out(place_bits(config)),  #: the neuron's, see `place_bits`
                "sparse": Out(1),  #: it stays until the last one has come
                "there": In(1),  #: the next one:
                "y": In(ACTIVITY_BITS),
                "plain": In(ACTIVITY_BITS),  #: the same where all are wanted, earlier in its clock
                "bank": In(range(scored_together(config))),  #: which of those scored together it is
                "last": In(1),  #: of those
                "more": In(1),  #: see above
            }
        )


class TotalsPort(wiring.Signature):
    """Goodness to the scorer's memory of totals, while no walk runs; slots are those of `TotalSlots`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        slot = TotalSlots(config).bits
        super().__init__(
            {
                "slot": Out(slot),  #: wanted, 1 clock ahead of
                "total": In(config.total_bits),
                "store": Out(1),  #: write `data` to
                "store_slot": Out(slot),
                "data": Out(config.total_bits),
            }
        )


class Decision(wiring.Signature):
    """Sequencer to goodness: one of four pulses; what goes with it stays until `done`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        slot = TotalSlots(config).bits
        super().__init__(
            {
                "active": Out(1),  #: a step runs: slots are those below, not the registers'
                "select": Out(1),  #: the best label
                "decide": Out(1),  #: c
                "sum": Out(1),  #: an inference's sum
                "tell": Out(1),  #: a total into the answer
                "layer": Out(2),  #: layer whose temperature counts
                "slot_a": Out(slot),  #: slots of the totals at hand
                "slot_b": Out(slot),
                "slot_sum": Out(slot),
                "pair": Out(1),  #: decide: both totals are told
                "negate": Out(1),  #: decide: turn the margin's sign
                "first": Out(1),  #: sum: it begins
                "excluded": Out(label_bits(config)),  #: select: labels that do not take part, a bit each
                "among": Out(1),  #: or, if set, the only ones that do
                "label": In(label_indices(config)),  #: the best
                "changes": In(1),  #: c is not 0
                "done": In(1),  #: pulse: one of the four has ended
            }
        )


class Decided(wiring.Signature):
    """Goodness to vector unit: what a decision leaves.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "c": Out(8),  #: probability, 255 = 1
                "total": Out(8 * config.total_bytes),  #: sum of squares of phase a
                "second": In(1),  #: 6 clocks later `total` must be that of phase b
            }
        )


class VectorOrder(wiring.Signature):
    """Sequencer to vector unit: local errors and lists of a layer's activities. It keeps what comes with `start`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        slot = slot_bits(config)
        super().__init__(
            {
                "start": Out(1),  #: begin; c and the totals hold until `idle`
                "errors": Out(1),  #: make local errors
                "sets": Out(2),  #: sets of local errors: 1, 2 or 3
                "normals": Out(2),  #: lists to make: 0, 1 or 2
                "read": Out(1),  #: the list is not stored but told:
                "part": Out(8),  #: which PART of it, until it is
                "layer": Out(2),
                "negate": Out(1),  #: turn the sign of the local errors
                "slot_a": Out(slot),  #: slots of the phases' activities; they hold until `idle`
                "slot_b": Out(slot),
                "begun": In(2),  #: lists of which some entries may have been made since `start`,
                "listed": In(2),  #: and those that are complete
                "idle": In(1),  #: a clock ago it was idle, and nothing began
            }
        )


class TableLookup(wiring.Signature):
    """Vector unit to a black box's tables."""

    def __init__(self) -> None:
        super().__init__(
            {
                "layer": Out(2),  #: table
                "index": Out(8),  #: what goes in,
                "value": In(8),  #: and what comes out in the next clock
            }
        )


class AnswerByte(wiring.Signature):
    """Sequencer, goodness and vector unit to the answer: a byte this clock."""

    def __init__(self) -> None:
        super().__init__({"valid": Out(1), "data": Out(8)})
