"""The core's clocks of a step, counted as its sequencer spends them, by the formulas of `timing.py`."""

from collections.abc import Callable, Sequence

import numpy as np

from . import timing as t
from .config import NetworkConfig

#: A walk's list: its entries, or, where the layer has receptive fields, where each tile's begin, int[tiles + 1].
Listed = int | np.ndarray
#: What is normalised: a sum of squares, and the activities, int[width].
Vector = tuple[int, np.ndarray]


class Clock:
    """Clocks and words of one step, counted as the core's sequencer spends them.

    Parameters
    ----------
    config : NetworkConfig
    tile_walk : function, optional
        Another form of `tile_walk`.
    """

    def __init__(self, config: NetworkConfig, tile_walk: Callable[..., tuple[int, int, int]] = t.tile_walk) -> None:
        self.config = config
        self.sizes = t.sizes_of(config)
        self.tally: t.Tally = [0] * t.TALLY
        self._tiles = [fields.tiles if fields else None for fields in config.fields]
        self._tile_walk = tile_walk

    @property
    def clocks(self) -> int:
        """Clocks of the step so far."""
        return int(self.tally[t.CLOCKS])

    @property
    def spent(self) -> dict[str, int]:
        """What the clocks of all steps went into, see `timing.SPENT`."""
        return {what: int(clocks) for what, clocks in zip(t.SPENT, self.tally, strict=False)}

    def start(self, drawn: bool = False) -> None:
        """A command begins, with a random draw or without."""
        t.start(self.tally, drawn)

    def again(self, drawn: bool) -> None:
        """The second phase of a threshold pair begins, likewise."""
        t.again(self.tally, drawn)

    def _counts(self, layer: int, starts: np.ndarray) -> np.ndarray:
        """Entries of the tiles of each of a layer's fields, int[blocks, tiles of a block]."""
        counts: np.ndarray = np.diff(starts)[self._tiles[layer]]
        return counts

    def forward(self, layer: int, inputs: Listed, labels: int, phase: int = 0, waits: bool | None = None) -> None:
        """A forward walk over non-zero inputs, the bias and `labels` label rows.

        A group takes its words (one idle clock where it has no labels), or the time that scoring the one before it
        takes. If it `waits` (default: above layer 0) it begins when the list of its phase is there that was asked for
        last, or, where it may follow that list, when its first entries are.
        """
        groups = self.config.groups[layer]
        if isinstance(inputs, int):
            walked = t.forward_walk(self.sizes, groups, inputs, labels)
        else:
            walked = t.forward_tiles(self.sizes, groups, self._counts(layer, inputs), labels, self._tile_walk)
        waited = 0
        if layer > 0 if waits is None else waits:
            follows = t.follows_list(self.config, layer)
            waited = t.wait(self.tally, phase, follows, inputs if isinstance(inputs, int) else 0)
        t.forward(self.tally, self.sizes, groups, labels, walked, waited)

    def select(self, candidates: int, others: int) -> None:
        """A scan of the labels' goodness for the best one of some candidates."""
        t.select(self.tally, self.sizes, candidates, others)

    def sum(self) -> None:
        """A layer's goodness is added to the sum of those below."""
        t.add(self.tally, self.sizes)

    def decide(self, k: int) -> None:
        """From two sums of squares, or one and a threshold, to c: shifts by whole bytes take no time."""
        t.decide(self.tally, self.sizes, k)

    def tell(self) -> None:
        """An inference's label and sum go into the answer."""
        t.tell(self.tally, self.sizes)

    def _normalise(self, begin: int, vectors: Sequence[Vector], every: bool = False) -> None:
        """Lists of vectors are made, one after the other; of `every` activity, if 0 or not."""
        for phase, (total, y) in enumerate(vectors):
            clocks = len(y) if every else self._taken(y)
            begin = t.normalise(self.tally, self.sizes, clocks, begin, total.bit_length(), phase)

    def _taken(self, y: np.ndarray) -> int:
        """Clocks in which the normaliser takes the activities of a vector."""
        if not self.sizes.skips:
            return len(y)
        return int(np.maximum(1, np.count_nonzero(y.reshape(-1, self.sizes.together), axis=1)).sum())

    def learn(
        self, layer: int, walks: Sequence[tuple[Listed, int]], sets: int, vectors: Sequence[Vector], update: bool
    ) -> None:
        """The update of a layer beside the normalisation of its activities.

        Parameters
        ----------
        walks : sequence of (list, int)
            The list of each update walk, and its rows beside that.
        sets : int
            Local errors a neuron.
        vectors : sequence of (int, int[width])
            Sums of squares and activities of the vectors that are normalised.
        update : bool
            Whether there is an update at all.
        """
        begin, groups, sizes = self.clocks, self.config.groups[layer], self.sizes
        t.control(self.tally, 1)
        for inputs, extra in walks if update else ():
            held = t.errors_ready(self.tally, sizes, begin, sets)
            if isinstance(inputs, int):
                words, end = t.update_walk(sizes, groups, inputs + extra, *held)
            else:
                words, end = t.update_tiles(sizes, groups, self._counts(layer, inputs), extra, *held, self._tile_walk)
            t.update(self.tally, sizes, words, end)
        t.control(self.tally, 1)
        self._normalise(t.errors_done(sizes, begin, self.config.layers[layer], sets, update), vectors)

    def descend(self, *vectors: Vector) -> None:
        """Inference goes on to the next layer, or to the next time step; `vectors` are as in `learn`."""
        self._normalise(self.clocks + 2, vectors)
        t.control(self.tally, 2)

    def activities(self, vector: Vector) -> None:
        """A layer's normalised activities go into the answer, all of them."""
        self._normalise(self.clocks + 2, [vector], every=True)
        t.spend(self.tally, t.IN_NORMALISE, int(self.tally[t.LISTED]) - self.clocks)

    def candidate(self) -> None:
        """Inference has a candidate's sum; with classes there may be another one."""
        t.candidate(self.tally, self.sizes)

    def finish(self, counters: dict[str, int], what: str = "control") -> None:
        """The answer's last clock, which is one of `what`; clocks and words go into the counters, modulo 2^32."""
        t.finish(self.tally, t.SPENT.index(what))
        for place, name in ((t.CLOCKS, "clocks"), (t.READ, "words_read"), (t.UPDATED, "words_updated")):
            counters[name] = (counters[name] + int(self.tally[place])) & 0xFFFF_FFFF
