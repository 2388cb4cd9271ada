"""What the training steps of an epoch answered: goodness, probability and skipped updates, layer by layer.

A device tells the sum of squares and the probability c of every layer and phase in the answer to each training step,
as they were before that step's update. So nothing here costs it a clock.
"""

from dataclasses import dataclass

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..driver.link import Done
from ..training.options import TrainingOptions

#: Bins of goodness: eight an octave of 1 + G, from G = 0 to the most that 34 bits hold.
BINS_AN_OCTAVE, BINS = 8, 8 * 34
ENTRY = 6  #: bytes of an answer's entry: sum of squares u40, c u8


@dataclass(frozen=True)
class Steps:
    """Some steps of one kind: sums of squares and probabilities of each phase and layer.

    `squares` is int64[n, phases, depth] and `probabilities` u8[n, phases, depth]; of a pair phase 0 is the positive
    one, 1 the negative one.
    """

    squares: np.ndarray
    probabilities: np.ndarray


def decode(payloads: list[bytes], config: NetworkConfig, options: TrainingOptions) -> Steps:
    """Answers' payloads as arrays. Entries are in the order that `StepResult` gives."""
    phases = 2 if options.phases == "paired" else 1
    entries = phases * config.depth
    raw = np.frombuffer(b"".join(payloads), np.uint8).reshape(-1, ENTRY * entries + 1)[:, :-1]
    raw = raw.reshape(-1, entries, ENTRY)
    squares = raw[..., :5].astype(np.int64) @ (256 ** np.arange(5, dtype=np.int64))
    if phases == 2 and options.objective == "contrast":  # layer by layer, both phases of each
        order = np.arange(entries).reshape(config.depth, 2).T
    else:
        order = np.arange(entries).reshape(phases, config.depth)
    return Steps(squares[:, order], raw[..., 5][:, order])


def goodness_bins(squares: np.ndarray) -> np.ndarray:
    """Bin of each sum of squares, 0 to BINS - 1."""
    return np.minimum(BINS - 1, np.floor(BINS_AN_OCTAVE * np.log2(1.0 + squares)).astype(np.int64))


def bin_edges() -> np.ndarray:
    """Sums of squares at which the bins begin, float64[BINS + 1]."""
    return 2.0 ** (np.arange(BINS + 1) / BINS_AN_OCTAVE) - 1


@dataclass
class Slice:
    """Some steps in a row, summed up."""

    steps: int  #: pairs, or phases where they are separate
    goodness: np.ndarray  #: uint32[depth, 2, BINS]: how often a sum of squares, phase 0 positive, 1 negative
    updates: np.ndarray  #: uint32[depth]: updates made or skipped
    skipped: np.ndarray  #: uint32[depth]
    right: np.ndarray  #: uint32[depth]: steps that the layer had right already, see `Answers`


class Answers:
    """Collects the answers of an epoch.

    A layer has a pair right where the positive phase has the greater goodness, and a separate phase where its
    goodness is on the right side of the threshold.

    Parameters
    ----------
    config : NetworkConfig
    options : TrainingOptions
    """

    def __init__(self, config: NetworkConfig, options: TrainingOptions) -> None:
        self._config, self._options = config, options
        self._kinds: dict[bool | None, list[bytes]] = {}
        self._sign = -1 if options.polarity == "minus" else 1
        values = options.registers(config)
        self._theta = np.array([values[f"threshold{layer}"] for layer in range(config.depth)])

    def sink(self, negative: bool | None) -> Done:
        """What takes the answers' payloads of pairs (None), positive phases (False) or negative ones (True)."""
        return self._kinds.setdefault(negative, []).append

    def latest(self, count: int) -> Slice | None:
        """The last `count` steps of each kind; None before the first one."""
        if not any(self._kinds.values()):
            return None
        return self._sum({kind: taken[-count:] for kind, taken in self._kinds.items()})

    def slices(self, count: int) -> list[Slice]:
        """The epoch in `count` parts of equal length, or fewer where there are fewer steps."""
        count = max(1, min([count, *map(len, self._kinds.values())]))
        cuts = {kind: np.linspace(0, len(taken), count + 1).astype(int) for kind, taken in self._kinds.items()}
        return [
            self._sum({kind: taken[cuts[kind][n] : cuts[kind][n + 1]] for kind, taken in self._kinds.items()})
            for n in range(count)
        ]

    def _sum(self, kinds: dict[bool | None, list[bytes]]) -> Slice:
        depth = self._config.depth
        total = Slice(0, np.zeros((depth, 2, BINS), np.uint32), *(np.zeros(depth, np.uint32) for _ in range(3)))
        for kind, payloads in kinds.items():
            if payloads:
                self._add(total, kind, decode(payloads, self._config, self._options))
        return total

    def _add(self, total: Slice, kind: bool | None, found: Steps) -> None:
        depth, goodness = self._config.depth, self._sign * found.squares
        if kind is None:
            right = goodness[:, 0] > goodness[:, 1]
        else:
            right = (goodness[:, 0] > self._sign * self._theta) != kind
        # A contrast pair has one update a layer, and the same c in both entries; everything else one an entry.
        contrast = kind is None and self._options.objective == "contrast"
        chances = found.probabilities[:, :1] if contrast else found.probabilities
        total.steps += len(goodness)
        total.updates += np.uint32(chances.shape[0] * chances.shape[1])
        total.skipped += (chances == 0).sum(axis=(0, 1)).astype(np.uint32)
        total.right += right.sum(axis=0).astype(np.uint32)
        bins = goodness_bins(found.squares)
        for layer in range(depth):
            for n in range(bins.shape[1]):
                phase = n if kind is None else int(kind)
                total.goodness[layer, phase] += np.bincount(bins[:, n, layer], minlength=BINS).astype(np.uint32)
