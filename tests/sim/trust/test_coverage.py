"""What the conversations with the whole chip make happen; all of it: `make coverage`."""

from testbenches.trust.coverage.points import coverage
from testbenches.trust.coverage.states import stalled_states, unreachable


def test_everything_that_can_happen_happens():
    figures = coverage()
    assert figures["right"], [point for point, count in figures["points"].items() if not count]
    assert len(figures["points"]) >= 90


def test_the_engine_is_in_every_state_while_an_answer_waits():
    """So no state depends on the host's patience. The states of the link are seen in the long form."""
    stalled = stalled_states("awkward", "engine")
    assert len(stalled) >= 40
    assert not [state for state, clocks in stalled.items() if not clocks and not unreachable(state)]
