"""The clocks of a walk over a layer with receptive fields.

While a tile's entries are walked, the next tile that has any is looked for, a tile a clock. So a tile takes its words'
clocks or those of the tiles up to the next one, whichever is more. A group's last tile is always stopped at.
"""

import numpy as np


def tile_walk(
    counts: np.ndarray, repeat: int, interval: int, enter: int, after: int, period: int, ready: int, each: int
) -> tuple[int, int, int]:
    """When a walk's last words are issued, in clocks from the first one that a word might be issued in.

    Parameters
    ----------
    counts : int[blocks, tiles of a block]
        Entries of the tiles of each field, in the order of the walk.
    repeat : int
        Groups of a block.
    interval : int
        Clocks between two words.
    enter : int
        Clock since which tiles are looked up.
    after : int
        Clocks from a group's bias to the end of the group.
    period : int
        Least clocks between two groups' biases.
    ready, each : int
        Clock in which the first group's words may begin, and how much later those of each further one.

    Returns
    -------
    tuple of int
        Clock of the last group's bias, clock of its end, clocks in which the walk waited for a tile.
    """
    since, looked = enter, 0  # tiles that were looked up since a tile was stopped at
    end, bias, lost, group = -interval, -period, 0, 0
    size = counts.shape[1]
    for block in range(len(counts)):
        for _ in range(repeat):
            held = -(-max(0, ready + group * each) // interval) * interval
            for place in range(size):
                looked += 1
                count = counts[block, place]
                if count == 0 and place < size - 1:
                    continue
                since = max(end, -(-(since + looked) // interval) * interval)
                looked = 0
                lost += since - end
                end = since
                if count:
                    end = max(end, held - interval) + interval * count
            bias = max(end + interval, bias + period, held)
            end = bias + after
            group += 1
    return bias, end, lost
