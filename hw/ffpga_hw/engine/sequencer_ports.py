"""The ports of the sequencer: to the command, the registers, and the units that it steers."""

from amaranth.lib.wiring import In, Member, Out

from ffpga_golden import NetworkConfig

from .scorer import TotalSlots, slot_bits


def sequencer_ports(config: NetworkConfig) -> dict[str, Member]:
    """All of them; those of time only where the network is recurrent."""
    slot, total_slot = slot_bits(config), TotalSlots(config).bits
    classes = max(2, config.classes)
    recurrent = {
        "time_steps": In(4),  #: register
        "bottom_up": Out(1),  #: the walks are those of time 0
        "odd": Out(1),  #: the activities are of an odd time
        "odd_inputs": Out(1),  #: the lists that a walk takes are
        "common": Out(1),  #: below the top layer both phases have the lists of the first
        "named": Out(1),  #: activities and totals are in the labels' slots
        "sum_first": Out(1),  #: an inference's sum begins
        "quiet": Out(1),  #: the answer does not tell this goodness
    }
    return {
        **(recurrent if config.recurrent else {}),
        # The command.
        "start": In(1),
        "command": In(2),  #: 0 pair, 1 phase, 2 inference, 3 activities (unlabelled only)
        "label": In(8),  #: of the sample; of activities the layer
        "negative": In(8),  #: negative label of a pair; 1 for a negative phase
        "done": Out(1),
        "running": Out(1),
        "active": Out(1),  #: the same, from the clock after `start` on
        # Registers.
        "threshold_objective": In(1),
        "minus": In(1),  #: goodness is minus the sum of squares
        "policy": In(2),
        "shortlist": In(6),
        # Random labels, tosses for the labels that take part.
        "draw": Out(1),  #: step the generator
        "random": In(32),  #: its new state, in the next clock
        # Walks.
        "layer": Out(2),
        "sample_slot": Out(1),  #: sample that a walk over layer 0 takes
        "phase": Out(1),  #: list that a walk over another layer takes
        "walk_start": Out(1),
        "walk_update": Out(1),
        "walk_done": In(1),
        "walk_labels": Out(6),
        "labelled": Out(1),  #: the layer has label rows
        "every": Out(1),  #: all labels are scored
        "label_a": Out(8),  #: label of slot a, and of the walk's first label row
        "label_b": Out(8),
        "single": Out(1),  #: one phase, not a pair
        "update_set": Out(2),  #: set of local errors of the walk's list
        "slots": Out(range(classes + 1)),
        "slot_a": Out(slot),
        "slot_b": Out(slot),
        "score_slot": Out(slot),  #: slot of an unlabelled forward walk
        "scored": In(1),  #: the walk's totals are there
        # Goodness.
        "total_a": Out(total_slot),  #: slots of the totals at hand
        "total_b": Out(total_slot),
        "total_sum": Out(total_slot),
        "written_thresholds": In(config.depth),  #: thresholds that are not those after a reset
        "select_start": Out(1),
        "excluded": Out(classes),
        "among": Out(1),
        "selected": In(8),
        "decide_start": Out(1),
        "sum_start": Out(1),
        "tell_start": Out(1),
        "total_done": In(1),  #: one of the four has ended
        "negate": Out(1),  #: turn the margin's and the local errors' sign
        "changes": In(1),  #: c is not 0
        # Local errors and lists.
        "vector_start": Out(1),
        "vector_errors": Out(1),
        "vector_sets": Out(2),
        "vector_normals": Out(2),
        "vector_read": Out(1),  #: the list goes into the answer
        "vector_idle": In(1),
        "listed": In(2),
        "skipped": Out(1),  #: pulse: an update was skipped
        "updated": Out(1),  #: pulse: an update was made
        # The answer's label.
        "result_valid": Out(1),
        "result": Out(8),
    }
