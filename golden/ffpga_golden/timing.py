"""Clocks of the core, predicted exactly; and the floor that the weight memory sets.

The constants are the fixed parts of the core's schedule. A change of a unit's latency changes one of them, and the
tests of the whole chip, which compare the clock counter with this prediction, say so.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from .config import NetworkConfig

#: A walk's list: its entries, or, where the layer has receptive fields, where each tile's begin, int[tiles + 1].
Listed = int | np.ndarray

START = 3  #: command to the first forward walk: latch, labels
AGAIN = 2  #: the same for the second phase of a threshold pair
DRAW = 3  #: a random draw, beside these
ENTER = 2  #: a walk's start to its first word
LOOK = 0  #: the same to the clock since which tiles are looked up, beside ENTER and the latencies below
SCORE = 11  #: a group's bias word to the totals in their memory, beside the group's scoring and the latencies below
LEAST_PERIOD = 3  #: from a group's bias word to the next one's, at least: a total returns before it is read again
SELECT = 2  #: scan for the best label, beside a clock for each other label and a turn and 3 for each candidate
SUM = 6  #: reading two totals and adding them, beside a turn
DECIDE = 12  #: two totals to c, beside two turns and the shift
TELL = 5  #: a total into the answer, beside a turn and the answer's last clock
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


def scored_together(config: NetworkConfig) -> int:
    """Neurons that the scorer takes in a clock: one of fewer than 4 lanes, 2 from 4 on, 4 from 16 on, 8 from 32 on.

    They divide the lanes; of an odd number of lanes it is one.
    """
    most = next(number for least, number in ((32, 8), (16, 4), (4, 2), (0, 1)) if config.lanes >= least)
    return math.gcd(config.lanes, most)


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


class Clock:
    """Clocks and words of one step, counted as the core's sequencer spends them.

    `spent` adds up what the clocks of all steps went into, see `SPENT`.

    Parameters
    ----------
    config : NetworkConfig
    tile_walk : function, optional
        Another form of `tile_walk`.
    """

    def __init__(self, config: NetworkConfig, tile_walk: Callable[..., tuple[int, int, int]] = tile_walk) -> None:
        self.config = config
        self._leading = (config.goodness_bits + 1) // 2 - 1
        self._interval = update_interval(config)
        self._turn = config.total_bytes
        self._drain = DRAIN + activity_latency(config) + TABLE * config.black_box
        latency = fetch_latency(config) + memory_latency(config)
        # Squares that are there together are added up in pairs.
        self._score = SCORE + latency + scored_together(config).bit_length() - 1
        self._flush = FLUSH + latency
        self._tiles = [fields.tiles if fields else None for fields in config.fields]
        self._look = LOOK + tile_latency(config)
        self.spent = dict.fromkeys(SPENT, 0)
        self._tile_walk = tile_walk
        self._begin()

    def _begin(self) -> None:
        self.clocks = 0
        self.read = 0
        self.updated = 0
        self._listed = [0, 0]

    def _spend(self, what: str, clocks: int) -> None:
        self.clocks += clocks
        self.spent[what] += clocks

    def start(self, drawn: bool = False) -> None:
        """A command begins, with a random draw or without."""
        self._begin()
        self._spend("control", START + DRAW * drawn)

    def again(self, drawn: bool) -> None:
        """The second phase of a threshold pair begins, likewise."""
        self._spend("control", AGAIN + DRAW * drawn)

    def _counts(self, layer: int, starts: np.ndarray) -> np.ndarray:
        """Entries of the tiles of each of a layer's fields, int[blocks, tiles of a block]."""
        counts: np.ndarray = np.diff(starts)[self._tiles[layer]]
        return counts

    def forward(self, layer: int, inputs: Listed, labels: int, phase: int = 0, waits: bool | None = None) -> None:
        """A forward walk over non-zero inputs, the bias and `labels` label rows.

        A group takes its words (one idle clock where it has no labels), or the time that scoring the one before it
        takes. If it `waits` (default: above layer 0) it begins when the list of its phase is there that was asked for
        last.
        """
        groups, lanes = self.config.groups[layer], self.config.lanes
        scored = max(1, labels) * lanes // scored_together(self.config)
        period = max(LEAST_PERIOD, scored)
        lost = 0
        if isinstance(inputs, int):
            words = groups * (inputs + 1 + labels)
            bias = inputs + (groups - 1) * max(inputs + 1 + max(1, labels), period)
        else:
            counts = self._counts(layer, inputs)
            repeat = groups // len(counts)
            words = repeat * int(counts.sum()) + groups * (1 + labels)
            walked = self._tile_walk(counts, repeat, 1, self._look, max(1, labels), period, 0, 0)
            bias, lost = int(walked[0]), int(walked[2])
        self.read += words
        if layer > 0 if waits is None else waits:
            self._spend("normalise", max(0, self._listed[phase] - self.clocks))
        idle = lost + (0 if labels else groups)
        self._spend("fill", ENTER + idle)
        self._spend("walk", words)
        self._spend("score", bias + scored + self._score + 1 - words - idle)

    def select(self, candidates: int, others: int) -> None:
        """A scan of the labels' goodness for the best one of some candidates."""
        self._spend("select", candidates * (self._turn + 3) + others + SELECT)

    def sum(self) -> None:
        """A layer's goodness is added to the sum of those below."""
        self._spend("decide", self._turn + SUM)

    def decide(self, k: int) -> None:
        """From two sums of squares, or one and a threshold, to c: shifts by whole bytes take no time."""
        self._spend("decide", 2 * self._turn + k % 8 + DECIDE)

    def tell(self) -> None:
        """An inference's label and sum go into the answer."""
        self._spend("decide", self._turn + TELL)

    def _normalise(self, layer: int, begin: int, totals: list[int]) -> None:
        for phase, total in enumerate(totals):
            leading = self._leading - max(0, total.bit_length() - 1) // 2
            begin += leading + 1 + self.config.layers[layer] + self._drain
            self._listed[phase] = begin

    def learn(
        self, layer: int, walks: Sequence[tuple[Listed, int]], sets: int, totals: list[int], update: bool
    ) -> None:
        """The update of a layer beside the normalisation of its activities.

        Parameters
        ----------
        walks : sequence of (list, int)
            The list of each update walk, and its rows beside that.
        sets : int
            Local errors a neuron.
        totals : list of int
            Sums of squares of the vectors that are normalised.
        update : bool
            Whether there is an update at all.
        """
        begin = self.clocks
        groups, lanes, interval = self.config.groups[layer], self.config.lanes, self._interval
        self._spend("control", 1)
        if update:
            vector = begin + 2 + self.config.layers[layer] * sets + self._drain
            for inputs, extra in walks:
                # The first group's local errors, and how much later those of each further one are there.
                ready, each = begin + READY + lanes * sets - self.clocks - ENTER, lanes * sets
                if isinstance(inputs, int):
                    rows, latest = inputs + extra, 0
                    for group in {0, groups - 1}:
                        held = -(-max(0, ready + group * each) // interval) * interval
                        latest = max(latest, held + (groups - 1 - group) * interval * rows)
                    words, end = groups * rows, latest + interval * (rows - 1)
                else:
                    counts = self._counts(layer, inputs)
                    repeat = groups // len(counts)
                    words = repeat * int(counts.sum()) + groups * extra
                    after = interval * (extra - 1)
                    end = int(self._tile_walk(counts, repeat, interval, self._look, after, 0, ready, each)[1])
                self.updated += words
                walk = interval * words
                self._spend("walk", walk)
                self._spend("fill", ENTER + end + self._flush + 1 - walk)
        else:
            vector = begin + 2
        self._spend("control", 1)
        self._normalise(layer, vector, totals)

    def descend(self, layer: int, *totals: int) -> None:
        """Inference goes on to the layer above `layer`, or to the next time step; `totals` are as in `learn`."""
        self._normalise(layer, self.clocks + 2, [*totals])
        self._spend("control", 2)

    def activities(self, layer: int, total: int) -> None:
        """A layer's normalised activities go into the answer."""
        self._normalise(layer, self.clocks + 2, [total])
        self._spend("normalise", self._listed[0] - self.clocks)

    def candidate(self) -> None:
        """Inference has a candidate's sum; with classes there may be another one."""
        self._spend("control", 3 if self.config.classes else 2)

    def finish(self, counters: dict[str, int], what: str = "control") -> None:
        """The answer's last clock, which is one of `what`; clocks and words go into the counters, modulo 2^32."""
        self._spend(what, FINISH)
        for name, amount in (("clocks", self.clocks), ("words_read", self.read), ("words_updated", self.updated)):
            counters[name] = (counters[name] + amount) & 0xFFFF_FFFF
