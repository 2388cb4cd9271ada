"""Clocks of the core, predicted exactly; and the floor that the weight memory sets.

The constants are the fixed parts of the core's schedule. A change of a unit's latency changes one of them, and the
tests of the whole chip, which compare the clock counter with this prediction, say so.
"""

import math
from collections.abc import Callable, MutableSequence
from typing import NamedTuple

import numpy as np

from .config import NetworkConfig

START = 3  #: command to the first forward walk: latch, labels
AGAIN = 2  #: the same for the second phase of a threshold pair
DRAW = 3  #: a random draw, beside these
ENTER = 2  #: a walk's start to its first word
LOOK = 0  #: the same to the clock since which tiles are looked up, beside ENTER and the latencies below
SCORE = 11  #: a group's bias word to the totals in their memory, beside the group's scoring and the latencies below
LEAST_PERIOD = 3  #: from a group's bias word to the next one's, at least: a total returns before it is read again
SELECT = 4  #: scan for the best label, beside a clock for each other label and a turn and 3 for each further candidate
SUM = 6  #: reading two totals and adding them, beside a turn
DECIDE = 12  #: two totals to c, beside two turns and the shift
TELL = 5  #: a total into the answer, beside a turn and the answer's last clock
BEGUN = 1  #: the normaliser begins a list to the clock in which a walk over it may begin
FOLLOW = 3  #: a list is complete to the first group's bias, of a walk that began before it was
READY = 8  #: first local errors of a group, beside their own number, to its first word
FLUSH = 6  #: last word of an update until the memory may be read, beside the latencies below
DRAIN = 7  #: vector pipeline, beside the latency of activities
TABLE = 1  #: a black box, beside DRAIN
FINISH = 1  #: the answer's last clock

#: What a clock of a step goes into; those of the walk are the floor.
SPENT = (
    "walk",  # the weight memory reads or writes a word
    "fill",  # a walk begins, its accumulators are cleared, an update waits for local errors or ends
    "score",  # activities and sums of squares that the walk does not hide
    "select",  # the best label is looked for
    "decide",  # goodness is compared, summed, told
    "normalise",  # a walk waits for its inputs
    "control",  # commands, random draws, going on to the next layer
)
IN_WALK, IN_FILL, IN_SCORE, IN_SELECT, IN_DECIDE, IN_NORMALISE, IN_CONTROL = range(len(SPENT))

#: A tally is integers: the clocks of all steps, by what they went into as `SPENT` says; then, of one step, its clocks,
#: words read and updated; then, of the list of each phase that was asked for last, the clock in which it is there, and
#: the one in which a walk may begin that follows it.
CLOCKS, READ, UPDATED, LISTED = range(len(SPENT), len(SPENT) + 4)
OPENED = LISTED + 2
TALLY = OPENED + 2
Tally = MutableSequence[int]


def scored_together(config: NetworkConfig) -> int:
    """Neurons that the scorer takes in a clock: one of fewer than 4 lanes, 2 from 4 on, 4 from 16 on, 8 from 32 on.

    They divide the lanes; of an odd number of lanes it is one.
    """
    most = next(number for least, number in ((32, 8), (16, 4), (4, 2), (0, 1)) if config.lanes >= least)
    return math.gcd(config.lanes, most)


def skips_zeros(config: NetworkConfig) -> bool:
    """Whether the normaliser takes clocks only for activities that are not 0, at least one for those scored together.

    It takes one for each where every input has to be made: for a black box, and where layers above the first have
    receptive fields, whose tiles are counted.
    """
    return scored_together(config) > 1 and not config.black_box and not any(config.fields[1:])


def follows_list(config: NetworkConfig, layer: int) -> bool:
    """Whether a forward walk over a layer may begin before its list is complete.

    Its first group then takes each entry when it was made. Tiles are known when the list is, and a recurrent network's
    walk takes two lists.
    """
    return layer > 0 and not config.recurrent and config.fields_of(layer) is None


def update_interval(config: NetworkConfig) -> int:
    """Clocks between two words of an update."""
    return 3 - config.memory_ports


def fetch_latency(config: NetworkConfig) -> int:
    """Clocks from a word's issue to its row and input: beside two ports, block RAM has a register at its output."""
    return 1 + config.memory_ports


def activity_latency(config: NetworkConfig) -> int:
    """Clocks from a neuron's index to its activity: with two ports a register behind the memory's banks."""
    return config.memory_ports


def memory_latency(config: NetworkConfig) -> int:
    """Clocks from a word's address to its weights: with two ports, registers at the output and behind the banks."""
    return 2 * config.memory_ports


def floor_clocks(config: NetworkConfig, words_read: int, words_updated: int) -> int:
    """Clocks that the weight memory alone needs."""
    return words_read + update_interval(config) * words_updated


def tile_latency(config: NetworkConfig) -> int:
    """Clocks by which looking up a tile is later than with one port: block RAM has a register at its output."""
    return 2 * (config.memory_ports - 1)


def tile_walk(
    counts: np.ndarray, repeat: int, interval: int, enter: int, after: int, period: int, ready: int, each: int
) -> tuple[int, int, int]:
    """When the last words of a walk over tiles are issued, in clocks from the first one that a word might be issued in.

    While a tile's entries are walked, the next tile that has any is looked for, a tile a clock. So a tile takes its
    words' clocks or those of the tiles up to the next one, whichever is more. A group's last tile is always stopped at.

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


class Sizes(NamedTuple):
    """What of a configuration the clocks of a step depend on, beside its layers."""

    lanes: int
    together: int  #: `scored_together`
    interval: int  #: `update_interval`
    turn: int  #: bytes of a total, each a clock
    leading: int  #: clocks to find a total's leading bits, if it is 0
    drain: int
    score: int
    flush: int
    look: int
    classes: int
    skips: bool  #: `skips_zeros`


def sizes_of(config: NetworkConfig) -> Sizes:
    """Those of a configuration."""
    latency, together = fetch_latency(config) + memory_latency(config), scored_together(config)
    return Sizes(
        lanes=config.lanes,
        together=together,
        interval=update_interval(config),
        turn=config.total_bytes,
        leading=(config.goodness_bits + 1) // 2 - 1,
        drain=DRAIN + activity_latency(config) + TABLE * config.black_box,
        score=SCORE + latency + together.bit_length() - 1,  # squares that are there together are added up in pairs
        flush=FLUSH + latency,
        look=LOOK + tile_latency(config),
        classes=config.classes,
        skips=skips_zeros(config),
    )


# What a step does, one function each: they take integers and arrays, so that Numba can compile them, too. ------------
def spend(tally: Tally, what: int, clocks: int) -> None:
    """Clocks that go into something."""
    tally[what] += clocks
    tally[CLOCKS] += clocks


def start(tally: Tally, drawn: bool) -> None:
    """See `clock.Clock.start`."""
    for n in range(CLOCKS, TALLY):
        tally[n] = 0
    spend(tally, IN_CONTROL, START + DRAW * drawn)


def again(tally: Tally, drawn: bool) -> None:
    """See `clock.Clock.again`."""
    spend(tally, IN_CONTROL, AGAIN + DRAW * drawn)


def scored(sizes: Sizes, labels: int) -> int:
    """Clocks in which a group is scored under so many labels."""
    return max(1, labels) * sizes.lanes // sizes.together


def forward_walk(sizes: Sizes, groups: int, entries: int, labels: int) -> tuple[int, int, int]:
    """Words of a forward walk, clock of the last group's bias, clocks in which it waited for a tile."""
    period = max(LEAST_PERIOD, scored(sizes, labels))
    bias = entries + (groups - 1) * max(entries + 1 + max(1, labels), period)
    return groups * (entries + 1 + labels), bias, 0


def forward_tiles(
    sizes: Sizes, groups: int, counts: np.ndarray, labels: int, walk: Callable[..., tuple[int, int, int]]
) -> tuple[int, int, int]:
    """The same of a layer with receptive fields; `counts` are as for `tile_walk`, of which `walk` is a form."""
    repeat = groups // len(counts)
    period = max(LEAST_PERIOD, scored(sizes, labels))
    bias, _, lost = walk(counts, repeat, 1, sizes.look, max(1, labels), period, 0, 0)
    return repeat * int(counts.sum()) + groups * (1 + labels), bias, lost


def wait(tally: Tally, phase: int, follows: bool, entries: int) -> int:
    """Clocks by which a walk's first group ends later than if the list of a phase had been there.

    A walk that follows its list takes an entry a clock, and of a list no fewer clocks are left than entries: so the
    group ends when the list has, or when a walk that began with the list's first entries would have.
    """
    now, listed = tally[CLOCKS], tally[LISTED + phase]
    if now >= listed or not follows:
        return max(0, listed - now)
    begun = max(now, tally[OPENED + phase])
    return max(listed, begun + entries) + FOLLOW - (now + ENTER + entries)


def forward(tally: Tally, sizes: Sizes, groups: int, labels: int, walked: tuple[int, int, int], waited: int) -> None:
    """See `clock.Clock.forward`; `walked` is what `forward_walk` or `forward_tiles` says, `waited` what `wait` does."""
    words, bias, lost = walked
    tally[READ] += words
    spend(tally, IN_NORMALISE, waited)
    idle = lost + (0 if labels else groups)
    spend(tally, IN_FILL, ENTER + idle)
    spend(tally, IN_WALK, words)
    spend(tally, IN_SCORE, bias + scored(sizes, labels) + sizes.score + 1 - words - idle)


def select(tally: Tally, sizes: Sizes, candidates: int, others: int) -> None:
    """See `clock.Clock.select`."""
    spend(tally, IN_SELECT, (candidates - 1) * (sizes.turn + 3) + others + SELECT)


def add(tally: Tally, sizes: Sizes) -> None:
    """See `clock.Clock.sum`."""
    spend(tally, IN_DECIDE, sizes.turn + SUM)


def decide(tally: Tally, sizes: Sizes, k: int) -> None:
    """See `clock.Clock.decide`."""
    spend(tally, IN_DECIDE, 2 * sizes.turn + k % 8 + DECIDE)


def tell(tally: Tally, sizes: Sizes) -> None:
    """See `clock.Clock.tell`."""
    spend(tally, IN_DECIDE, sizes.turn + TELL)


def normalise(tally: Tally, sizes: Sizes, activities: int, begin: int, bits: int, phase: int) -> int:
    """A vector is normalised from clock `begin` on, into the list of a phase.

    Its activities take so many clocks, see `skips_zeros`; `bits` are those of its sum of squares. Returns the clock in
    which the list is there.
    """
    tally[OPENED + phase] = begin + BEGUN
    begin += sizes.leading - max(0, bits - 1) // 2 + 1 + activities + sizes.drain
    tally[LISTED + phase] = begin
    return begin


def errors_done(sizes: Sizes, begin: int, width: int, sets: int, update: bool) -> int:
    """When the vector unit is free of local errors, of a layer whose learning begins in clock `begin`."""
    return begin + 2 + (width * sets + sizes.drain if update else 0)


def errors_ready(tally: Tally, sizes: Sizes, begin: int, sets: int) -> tuple[int, int]:
    """When the local errors of an update walk's first group are there, and how much later those of each further one.

    The former counts from the first clock in which the walk, which begins now, might issue a word.
    """
    each = sizes.lanes * sets
    return begin + READY + each - tally[CLOCKS] - ENTER, each


def update_walk(sizes: Sizes, groups: int, rows: int, ready: int, each: int) -> tuple[int, int]:
    """Words of an update walk over so many rows, and the clock in which the last one is issued."""
    interval, latest = sizes.interval, 0
    for group in (0, groups - 1):
        held = -(-max(0, ready + group * each) // interval) * interval
        latest = max(latest, held + (groups - 1 - group) * interval * rows)
    return groups * rows, latest + interval * (rows - 1)


def update_tiles(
    sizes: Sizes, groups: int, counts: np.ndarray, extra: int, ready: int, each: int,
    walk: Callable[..., tuple[int, int, int]],
) -> tuple[int, int]:  # fmt: skip
    """The same of a layer with receptive fields, with `extra` rows beside those of the tiles."""
    repeat, after = groups // len(counts), sizes.interval * (extra - 1)
    _, end, _ = walk(counts, repeat, sizes.interval, sizes.look, after, 0, ready, each)
    return repeat * int(counts.sum()) + groups * extra, end


def update(tally: Tally, sizes: Sizes, words: int, end: int) -> None:
    """An update walk."""
    tally[UPDATED] += words
    walk = sizes.interval * words
    spend(tally, IN_WALK, walk)
    spend(tally, IN_FILL, ENTER + end + sizes.flush + 1 - walk)


def control(tally: Tally, clocks: int) -> None:
    """The sequencer goes on."""
    spend(tally, IN_CONTROL, clocks)


def candidate(tally: Tally, sizes: Sizes) -> None:
    """See `clock.Clock.candidate`."""
    spend(tally, IN_CONTROL, 3 if sizes.classes else 2)


def finish(tally: Tally, what: int) -> None:
    """The answer's last clock, which goes into one of `SPENT`."""
    spend(tally, what, FINISH)
