"""The clocks of a walk over tiles: the recurrence against a walk and a look-up that are simulated clock by clock."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.compiled.layers import compiled_tile_walk
from ffpga_golden.timing import forward_tiles, sizes_of, tile_walk


def simulated(counts, repeat, interval, enter, after, period, ready, each):
    """What `tile_walk` tells, by the clock: a look-up that stops and a walk that takes what it has stopped at."""
    last = len(counts[0]) - 1
    groups = [tiles for tiles in counts for _ in range(repeat)]
    ahead = deque((group, place) for group in range(len(groups)) for place in range(last + 1))
    stopped = None  # the tile that the look-up has stopped at
    words, group, place = 0, 0, None  # the walk's: words of its tile that are left, the tile
    biases, end, lost = [], None, 0
    clock = min(enter, -interval)
    while len(biases) < len(groups) or clock < end:
        if clock > enter and stopped is None and ahead:
            one = ahead.popleft()
            if groups[one[0]][one[1]] or one[1] == last:
                stopped = one
        turn = clock % interval == 0
        if turn and clock >= ready + group * each and clock >= 0:
            if words:
                words -= 1
            elif place == last and end is None and (not biases or clock - biases[-1] >= period):
                biases.append(clock)
                end = clock + after
        if not words and (place != last or (end is not None and clock >= end)) and clock >= -interval:
            # The walk is free: the words of a tile that it takes now begin at its next turn.
            if stopped and turn:
                (group, place), stopped, end = stopped, None, None
                words = groups[group][place]
            elif len(biases) < len(groups):
                lost += 1
        clock += 1
    return biases[-1], end, lost


@st.composite
def walks(draw):
    """Few entries, so that several tiles in a row are empty, or tiles of a group, or groups."""
    blocks, size, interval = draw(st.integers(1, 4)), draw(st.integers(1, 6)), draw(st.integers(1, 3))
    entries = draw(st.sampled_from((st.just(0), st.sampled_from((0, 0, 0, 1)), st.integers(0, 6))))
    turns = st.integers(0, 12).map(lambda n: n * interval)
    return {
        "counts": draw(st.lists(st.lists(entries, min_size=size, max_size=size), min_size=blocks, max_size=blocks)),
        "repeat": draw(st.integers(1, 3)),
        "interval": interval,
        "enter": draw(st.integers(-5, 6)),
        "after": draw(turns),
        "period": draw(turns),
        "ready": draw(st.integers(-10, 30)),
        "each": draw(st.integers(0, 12)),
    }


@settings(deadline=None, max_examples=300)
@given(walks())
def test_the_recurrence_is_the_walk(walk):
    expected = simulated(**walk)
    walk["counts"] = np.array(walk["counts"])
    assert tile_walk(**walk) == expected
    assert compiled_tile_walk(*walk.values()) == expected


@given(
    entries=st.integers(0, 20), groups=st.integers(1, 5), interval=st.integers(1, 2), extra=st.integers(2, 4),
    period=st.integers(0, 40), ready=st.integers(-10, 40), each=st.integers(0, 40),
)  # fmt: skip
def test_a_single_tile_found_in_time_is_a_fully_connected_walk(entries, groups, interval, extra, period, ready, each):
    """The closed forms of `timing.Clock` where a layer has no fields: forward, then an update with its bias held."""
    counts, enter = np.array([[entries]]), -1 - interval
    bias, _, lost = tile_walk(counts, groups, 1, -2, extra - 1, period, 0, 0)
    assert (bias, lost) == (entries + (groups - 1) * max(entries + extra, period), 0)
    rows = entries + extra
    begins = [max(0, -(-(ready + group * each) // interval) * interval) for group in range(groups)]
    latest = max(begin + (groups - 1 - group) * interval * rows for group, begin in enumerate(begins))
    walked = tile_walk(counts, groups, interval, enter, interval * (extra - 1), 0, ready, each)
    assert walked[1] == latest + interval * (rows - 1)


@pytest.mark.parametrize(
    ("counts", "enter", "expected"),
    [
        # A word a clock from 0 on, the bias after them; the end is two clocks later, for two labels.
        ([[3]], -2, (3, 5, 0)),
        # Three empty tiles before one with an entry: the look-up finds it in clock 2, a walk could have at -1.
        ([[0, 0, 0, 1]], -2, (4, 6, 3)),
        # They are passed while the five entries before them are walked.
        ([[5, 0, 0, 0, 1]], -2, (6, 8, 0)),
        # A group's last tile is stopped at though it is empty: it costs its clock, no word.
        ([[0, 0]], -2, (1, 3, 1)),
        # So the next group's first tile is looked up only when the last one of this is taken.
        ([[4, 0], [1, 0]], -2, (8, 10, 0)),
        # The first tile is found in clock 1 if it is looked up since clock 0.
        ([[1]], 0, (3, 5, 2)),
    ],
)
def test_some_walks_by_hand(counts, enter, expected):
    assert tile_walk(np.array(counts), 1, 1, enter, 2, 0, 0, 0) == expected


@pytest.mark.parametrize(("ports", "later"), [(1, 0), (2, 2)])
def test_with_two_ports_tiles_are_found_two_clocks_later(ports, later):
    """Three tiles are looked up in clocks 1 to 3, or 3 to 5; the last one's three entries, then the bias, follow."""
    fields = Fields(tile=4, blocks=((0, 1, 2),))
    config = NetworkConfig(features=12, layers=(8,), classes=0, memory_ports=ports, fields=(fields,))
    walked = forward_tiles(sizes_of(config), 1, np.array([[0, 0, 3]]), 0, tile_walk)
    assert walked == (4, 7 + later, 4 + later)
