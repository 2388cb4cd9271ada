"""The golden network: what every training step and inference does to the weights, bit for bit."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from . import arithmetic as a
from .clock import Clock
from .config import NetworkConfig
from .initial import initial_weights
from .layers import Inputs, Layers, Parts
from .registers import COUNTERS, NegativePolicy, Objective, Polarity, Rounding, registers
from .wrong_labels import WrongLabels

UNLABELLED = 255  #: the label that answers carry where there are no classes


@dataclass
class Step:
    """What a training step answers: (sum of squares, c) of each layer and phase in order of execution, and a label.

    The label is the negative one of a pair, the one used of a phase, 255 where there are no classes.
    """

    entries: list[tuple[int, int]] = field(default_factory=list)
    label: int = UNLABELLED


@dataclass(frozen=True)
class Steps:
    """What a run of training steps answers: sums of squares and c, [n, entries], and labels, [n], as `Step` does."""

    squares: np.ndarray  #: int64
    probabilities: np.ndarray  #: u8
    labels: np.ndarray  #: u8


class Network:
    """Weights, registers and counters of a device, and the steps that change them.

    `weights` is a list of int16[rows, width], one a layer, rows in the order features, labels (layer 0), bias.

    Parameters
    ----------
    config : NetworkConfig
    layers : type of Layers
        What calculates.

    Raises
    ------
    ValueError
        The configuration is recurrent, or is not where it should be.
    """

    recurrent = False
    #: What chooses wrong labels.
    wrong_labels: type[WrongLabels] = WrongLabels

    def __init__(self, config: NetworkConfig, layers: type[Layers] = Layers) -> None:
        if config.recurrent != self.recurrent:
            raise ValueError(f"recurrent must be {self.recurrent} here, not {config.recurrent}: take `network_of`")
        self.config = config
        self._layers = layers(config)
        self._table = {register.name: register for register in registers(config)}
        self.registers = {name: register.reset for name, register in self._table.items()}
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.random = self._layers.random
        self.random.seed(self.registers["seed"])
        #: Tables between normaliser and next layer, u8[depth - 1, 256]: identities, where the core has them.
        self.tables = np.tile(np.arange(256, dtype=np.uint8), (config.depth - 1, 1))
        self._clock = Clock(config, self._layers.tile_walk)
        self._wrong = self.wrong_labels(config.classes, self.registers, self.random, self._clock)

    @classmethod
    def initialised(cls, config: NetworkConfig, seed: int) -> "Network":
        """A network with `initial_weights`."""
        network = cls(config)
        network.weights = initial_weights(config, seed)
        return network

    # State ---------------------------------------------------------------------------------------------------------
    @property
    def weights(self) -> list[np.ndarray]:
        """Copies of the weights, int16[rows, width] a layer."""
        return self._layers.weights

    @weights.setter
    def weights(self, weights: list[np.ndarray]) -> None:
        self._layers.weights = weights

    @property
    def layers(self) -> Layers:
        """What calculates."""
        return self._layers

    @property
    def spent(self) -> dict[str, int]:
        """What the clocks of all steps so far went into, see `timing.SPENT`."""
        return dict(self._clock.spent)

    def read_weights(self, layer: int, rows: np.ndarray, neurons: np.ndarray) -> np.ndarray:
        """Some weights of a layer, int16[n]."""
        return self._layers.read(layer, rows, neurons)

    def write_weights(self, layer: int, rows: np.ndarray, neurons: np.ndarray, values: np.ndarray) -> None:
        """Write some weights of a layer; what is beyond +-weight_max is held there."""
        self._layers.write(layer, rows, neurons, values)

    def write_register(self, name: str, value: int) -> None:
        """Set a register; it keeps the low bits that it has."""
        self.registers[name] = value & (1 << self._table[name].width) - 1
        if name == "seed":
            self.registers[name] |= 1
            self.random.seed(value)

    @property
    def _rate(self) -> int:
        """u as the core decodes it: bit 4 chooses 16 to 23 (8-bit weights only) or 8 to 15."""
        value = self.registers["learning_rate"]
        high = value & 16 and self.config.weight_bits == 8
        return (16 if high else 8) + value % 8

    @property
    def _sign(self) -> int:
        return -1 if self.registers["polarity"] == Polarity.MINUS_SUM_OF_SQUARES else 1

    # Pieces of a step ----------------------------------------------------------------------------------------------
    def _plain(self, layer: int, inputs: Inputs, phase: int = 0) -> tuple[np.ndarray, int]:
        """Activities and sum of squares of a layer without labels, with its clocks."""
        self._clock.forward(layer, inputs.listed, 0, phase)
        return self._layers.activity(layer, self._layers.preactivation(layer, inputs))

    def _score(self, inputs: Inputs, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Layer-0 activities [labels, width] and sums of squares [labels] of a sample under each label."""
        self._clock.forward(0, inputs.listed, len(labels))
        return self._layers.score(self._layers.preactivation(0, inputs), labels)

    def _probability(self, layer: int, margin: int) -> int:
        k = self.registers[f"temperature{layer}"]
        self._clock.decide(k)
        return a.probability(margin, k, self.registers["update_gate"])

    def _update(self, layer: int, inputs: Inputs, parts: Parts, c: int) -> None:
        """One update of a layer: the rows of its inputs and of the first part, then those of each further part.

        A part is rows of value 255 and the difference of activities that they take.
        """
        plain = self.registers["rounding"] == Rounding.PLAIN
        errors = [(extra, self._layers.local_error(c, d)) for extra, d in parts]
        self._layers.update(layer, inputs, errors, self._rate, plain)

    def _next(self, layer: int, y: np.ndarray, total: int) -> Inputs:
        """Inputs of the layer above `layer`."""
        x = self._layers.normalised(y, total)
        return self._layers.inputs(layer + 1, self.tables[layer][x] if self.config.black_box else x)

    def _count(self, c: int) -> None:
        self.counters["updates" if c else "updates_skipped"] += 1

    # Steps ---------------------------------------------------------------------------------------------------------
    def train_pair(self, x: np.ndarray, label: int, negative: int = 0, x_negative: np.ndarray | None = None) -> Step:
        """One training step on a pair.

        Parameters
        ----------
        x : u8[features]
            The sample; without classes the positive one.
        label, negative : int
            The true label, and the wrong one that is used under the policy HOST.
        x_negative : u8[features]
            Without classes: the negative sample.
        """
        threshold = self.registers["objective"] == Objective.THRESHOLD
        self._clock.start(not threshold and self._wrong.draws)
        if threshold:
            step = self._threshold_pair(x, label, negative, x_negative)
        else:
            step = self._contrast_pair(x, label, negative, x_negative)
        self.counters["pairs"] += 1
        self._clock.finish(self.counters)
        return step

    def train_phase(self, x: np.ndarray, label: int, negative: bool) -> Step:
        """One training step on a single phase, by the threshold objective.

        In the negative phase `label` is the wrong label under the policy HOST, else the true one.
        """
        self._clock.start(negative and self._wrong.draws)
        step = Step()
        step.label = self._phase(self._layers.inputs(0, x), label, negative, step.entries)
        self.counters["phases"] += 1
        self._clock.finish(self.counters)
        return step

    def train_run(
        self, x: np.ndarray, labels: np.ndarray, given: np.ndarray, negative: bool | None, x_negative: np.ndarray | None
    ) -> Steps:
        """Training steps in turn: pairs, or, where `negative` is not None, phases.

        Samples are u8[n, features], labels and the host's wrong ones (which a phase has no need of) int[n].
        """
        said = []
        for n, label in enumerate(labels.tolist()):
            if negative is None:
                said.append(self.train_pair(x[n], label, int(given[n]), None if x_negative is None else x_negative[n]))
            else:
                said.append(self.train_phase(x[n], label, negative))
        shape = len(said), self.config.depth * (2 if negative is None else 1), 2
        entries = np.array([step.entries for step in said], np.int64).reshape(shape)
        used = np.array([step.label for step in said], np.uint8)
        return Steps(entries[..., 0], entries[..., 1].astype(np.uint8), used)

    def infer_run(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Labels u8[n] and sums of squares int64[n] of samples u8[n, features]: see `infer`."""
        said = np.array([self.infer(sample) for sample in x], np.int64).reshape(-1, 2)
        return said[:, 0].astype(np.uint8), said[:, 1]

    def _threshold_pair(self, x: np.ndarray, label: int, negative: int, x_negative: np.ndarray | None) -> Step:
        """A positive phase and then a negative one on the same sample."""
        step, sample = Step(), self._layers.inputs(0, x)
        self._phase(sample, label, False, step.entries)
        wrong = negative if self._wrong.policy == NegativePolicy.HOST else label
        other = sample if x_negative is None else self._layers.inputs(0, x_negative)
        self._clock.again(self._wrong.draws)
        step.label = self._phase(other, wrong, True, step.entries)
        return step

    def _phase(self, sample: Inputs, label: int, negative: bool, entries: list[tuple[int, int]]) -> int:
        config, inputs = self.config, sample
        used = label if config.classes else UNLABELLED
        sign = self._sign * (-1 if negative else 1)
        for layer in range(config.depth):
            labelled = layer == 0 and config.classes > 0
            if labelled and negative and self._wrong.scores:
                used, contested, sums = self._wrong.contest(label, partial(self._score, inputs))
                y, total = contested[used], int(sums[used])
            elif labelled:
                if negative:
                    used = self._wrong.given(label, label)
                ys, totals = self._score(inputs, [used])
                y, total = ys[0], int(totals[0])
            else:
                y, total = self._plain(layer, inputs)
            c = self._probability(layer, sign * (total - self.registers[f"threshold{layer}"]))
            entries.append((total, c))
            self._count(c)
            extra = [config.bias_row(layer)] + ([config.first_label + used] if labelled else [])
            if c:
                self._update(layer, inputs, [(extra, sign * y)], c)
            deeper = layer + 1 < config.depth
            self._clock.learn(layer, [(inputs.listed, len(extra))], 1, [(total, y)] if deeper else [], bool(c))
            inputs = self._next(layer, y, total) if deeper else inputs
        return used

    def _contrast_pair(self, x: np.ndarray, label: int, negative: int, x_negative: np.ndarray | None) -> Step:
        config, step = self.config, Step()
        sign = self._sign
        pos = self._layers.inputs(0, x)
        neg = pos if x_negative is None else self._layers.inputs(0, x_negative)
        for layer in range(config.depth):
            labelled = layer == 0 and config.classes > 0
            if labelled and self._wrong.scores:
                step.label, contested, sums = self._wrong.contest(label, partial(self._score, pos))
                y_pos, y_neg = contested[label], contested[step.label]
                g_pos, g_neg = int(sums[label]), int(sums[step.label])
            elif labelled:
                step.label = self._wrong.given(label, negative)
                (y_pos, y_neg), totals = self._score(pos, [label, step.label])
                g_pos, g_neg = int(totals[0]), int(totals[1])
            else:
                y_pos, g_pos = self._plain(layer, pos)
                y_neg, g_neg = self._plain(layer, neg, 1)
            c = self._probability(layer, sign * (g_pos - g_neg))
            step.entries += [(g_pos, c), (g_neg, c)]
            self._count(c)
            bias = config.bias_row(layer)
            up, down = sign * y_pos, -sign * y_neg
            if c and labelled:
                first = config.first_label
                self._update(0, pos, [([bias], up + down), ([first + label], up), ([first + step.label], down)], c)
            elif c:
                self._update(layer, pos, [([bias], up)], c)
                self._update(layer, neg, [([bias], down)], c)
            deeper = layer + 1 < config.depth
            normalised = [(g_pos, y_pos), (g_neg, y_neg)] if deeper else []
            walks = [(pos.listed, 3)] if labelled else [(pos.listed, 1), (neg.listed, 1)]
            self._clock.learn(layer, walks, 3 if labelled else 2, normalised, bool(c))
            if deeper:
                pos, neg = self._next(layer, y_pos, g_pos), self._next(layer, y_neg, g_neg)
        return step

    def activities(self, x: np.ndarray, layer: int) -> np.ndarray:
        """Normalised activities, u8[width], of a layer for a sample, u8[features]; the network has no labels.

        They are what the layer above sees, but for a black box.
        """
        self._clock.start()
        inputs = self._layers.inputs(0, x)
        for below in range(layer + 1):
            y, total = self._plain(below, inputs)
            self._clock.sum()
            if below < layer:
                self._clock.descend((total, y))
                inputs = self._next(below, y, total)
        self._clock.activities((total, y))
        self._clock.finish(self.counters, "normalise")
        return self._layers.normalised(y, total)

    def infer(self, x: np.ndarray) -> tuple[int, int]:
        """(label, its sum of squares over the layers evaluated). Without classes the label is 255.

        Layer 0 scores every label; the best `shortlist` of them go through the other layers, unless there is only one.
        On a tie the lowest label wins.
        """
        self._clock.start()
        config, sample = self.config, self._layers.inputs(0, x)
        results: dict[int, int] = {}
        if config.classes:
            ys, totals = self._score(sample, list(range(config.classes)))
        else:
            y, total = self._plain(0, sample)
            ys, totals = y[None], np.array([total])
        k = min(max(1, self.registers["shortlist"]), max(1, config.classes))
        order = np.argsort(-self._sign * totals, kind="stable")[:k]
        for candidate in order.tolist():
            if config.classes:
                self._clock.select(config.classes - len(results), len(results))
            y, total = ys[candidate], int(totals[candidate])
            self._clock.sum()
            result = total
            deeper = range(1, config.depth) if k > 1 or not config.classes else ()
            for layer in deeper:
                self._clock.descend((total, y))
                y, total = self._plain(layer, self._next(layer - 1, y, total))
                self._clock.sum()
                result += total
            self._clock.candidate()
            results[candidate if config.classes else UNLABELLED] = result
        if config.classes:
            self._clock.select(k, config.classes - k)
        self._clock.tell()
        self.counters["inferences"] += 1
        self._clock.finish(self.counters, "decide")
        best = min(results, key=lambda label: (-self._sign * results[label], label))
        return best, results[best]
