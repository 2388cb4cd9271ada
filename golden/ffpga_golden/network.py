"""The golden network: what every training step and inference does to the weights, bit for bit."""

from dataclasses import dataclass, field

import numpy as np

from . import arithmetic as a
from .config import NetworkConfig
from .dither import Generator
from .initial import initial_weights
from .registers import COUNTERS, NegativePolicy, Objective, Polarity, Rounding, registers
from .timing import Clock

UNLABELLED = 255  #: the label that answers carry where there are no classes


@dataclass(frozen=True)
class Inputs:
    """A layer's non-zero inputs: rows int[n], values float[n]. Bias and label rows are added by the walk."""

    rows: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> "Inputs":
        """From a whole vector of u8 inputs."""
        rows = np.flatnonzero(x)
        return cls(rows, x[rows].astype(np.float32))

    def with_rows(self, *extra: int) -> "Inputs":
        """The same inputs and then rows of value 255 (bias, label)."""
        rows = np.concatenate((self.rows, extra)).astype(np.int64)
        values = np.concatenate((self.values, np.full(len(extra), a.LABEL_VALUE, np.float32)))
        return Inputs(rows, values)

    def __len__(self) -> int:
        return len(self.rows)


NO_INPUTS = Inputs(np.empty(0, np.int64), np.empty(0, np.float32))


@dataclass
class Step:
    """What a training step answers: (sum of squares, c) of each layer and phase in order of execution, and a label.

    The label is the negative one of a pair, the one used of a phase, 255 where there are no classes.
    """

    entries: list[tuple[int, int]] = field(default_factory=list)
    label: int = UNLABELLED


class Network:
    """Weights, registers and counters of a device, and the steps that change them.

    `weights` is a list of int16[rows, width], one a layer, rows in the order features, labels (layer 0), bias.
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config
        self._dtype = np.float32 if config.weight_bits == 8 else np.float64
        self._w = [np.zeros((config.rows(n), width), self._dtype) for n, width in enumerate(config.layers)]
        self._table = {register.name: register for register in registers(config)}
        self.registers = {name: register.reset for name, register in self._table.items()}
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.random = Generator(self.registers["seed"])
        self._clock = Clock(config)

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
        return [w.astype(np.int16) for w in self._w]

    @weights.setter
    def weights(self, weights: list[np.ndarray]) -> None:
        for own, w in zip(self._w, weights, strict=True):
            if own.shape != np.shape(w):
                raise ValueError(f"weights must be {own.shape}, not {np.shape(w)}")
            own[:] = w

    def weight(self, layer: int, row: int, neuron: int) -> int:
        """One weight."""
        return int(self._w[layer][row, neuron])

    def set_weight(self, layer: int, row: int, neuron: int, value: int) -> None:
        """Write one weight; beyond +-weight_max it is held there."""
        limit = self.config.weight_max
        self._w[layer][row, neuron] = min(limit, max(-limit, value))

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
    def _forward(self, layer: int, inputs: Inputs) -> np.ndarray:
        """Pre-activation of a layer from its inputs and the bias."""
        full = inputs.with_rows(self.config.bias_row(layer))
        exact = a.exact_dtype(self.config, full.values)
        return a.preactivation(full.values.astype(exact), self._w[layer][full.rows].astype(exact, copy=False))

    def _activity(self, layer: int, z: np.ndarray) -> np.ndarray:
        return a.activity(z, self.config.activity_shift[layer])

    def _score(self, z: np.ndarray, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Layer-0 activities [labels, width] and sums of squares [labels] of an image under each label."""
        first = self.config.features
        y = self._activity(0, z + a.LABEL_VALUE * self._w[0][[first + label for label in labels]])
        return y, a.sum_of_squares(y)

    def _plain(self, layer: int, inputs: Inputs, phase: int = 0) -> tuple[np.ndarray, int]:
        """Activities and sum of squares of a layer without labels, with its clocks."""
        y = self._activity(layer, self._forward(layer, inputs))
        self._clock.forward(layer, len(inputs), 0, phase)
        return y, int(a.sum_of_squares(y))

    def _probability(self, layer: int, margin: int) -> int:
        k = self.registers[f"temperature{layer}"]
        self._clock.decide(k)
        return a.probability(margin, k, self.registers["update_gate"])

    def _update(self, layer: int, parts: list[tuple[Inputs, np.ndarray]]) -> None:
        """Update a layer's rows: for each part its inputs and its local errors, in this order."""
        w, u = self._w[layer], self._rate
        for inputs, g in parts:
            plain = self.registers["rounding"] == Rounding.PLAIN
            dither = 1 << u - 1 if plain else self.random.dither(len(inputs), len(g), u)
            w[inputs.rows] = a.saturate(w[inputs.rows] + a.change(inputs.values, g, dither, u), self.config.weight_max)

    @staticmethod
    def _next(y: np.ndarray, total: int) -> Inputs:
        """Inputs of the layer above."""
        return Inputs.of(a.normalise(y, total))

    def _count(self, c: int) -> None:
        self.counters["updates" if c else "updates_skipped"] += 1

    def _hardest(self, totals: np.ndarray, label: int) -> int:
        """The wrong label of highest goodness, the lowest such label on a tie."""
        goodness = self._sign * totals
        goodness[label] = -np.inf
        return int(np.argmax(goodness))

    def _random_wrong(self, label: int) -> int:
        return (label + 1 + self.random.below(self.config.classes - 1)) % self.config.classes

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
        self._clock.start()
        policy = NegativePolicy(min(2, self.registers["negative_policy"]))
        if self.registers["objective"] == Objective.THRESHOLD:
            step = self._threshold_pair(x, label, negative, x_negative, policy)
        else:
            step = self._contrast_pair(x, label, negative, x_negative, policy)
        self.counters["pairs"] += 1
        self._clock.finish(self.counters)
        return step

    def train_phase(self, x: np.ndarray, label: int, negative: bool) -> Step:
        """One training step on a single phase, by the threshold objective.

        In the negative phase `label` is the wrong label under the policy HOST, else the true one.
        """
        self._clock.start()
        step = Step()
        step.label = self._phase(Inputs.of(x), label, negative, step.entries)
        self.counters["phases"] += 1
        self._clock.finish(self.counters)
        return step

    def _threshold_pair(
        self, x: np.ndarray, label: int, negative: int, x_negative: np.ndarray | None, policy: NegativePolicy
    ) -> Step:
        """A positive phase and then a negative one on the same sample."""
        step, sample = Step(), Inputs.of(x)
        self._phase(sample, label, False, step.entries)
        wrong = negative if policy == NegativePolicy.HOST else label
        other = sample if x_negative is None else Inputs.of(x_negative)
        self._clock.again()
        step.label = self._phase(other, wrong, True, step.entries)
        return step

    def _phase(self, sample: Inputs, label: int, negative: bool, entries: list[tuple[int, int]]) -> int:
        config, inputs = self.config, sample
        policy = NegativePolicy(min(2, self.registers["negative_policy"]))
        used = label if config.classes else UNLABELLED
        sign = self._sign * (-1 if negative else 1)
        for layer in range(config.depth):
            labelled = layer == 0 and config.classes > 0
            if labelled:
                z = self._forward(0, inputs)
                if negative and policy == NegativePolicy.HARD:
                    ys, totals = self._score(z, list(range(config.classes)))
                    self._clock.forward(0, len(inputs), config.classes)
                    used = self._hardest(totals, label)
                    self._clock.select(config.classes - 1, 1)
                    y, total = ys[used], int(totals[used])
                else:
                    if negative and policy == NegativePolicy.RANDOM:
                        used = self._random_wrong(label)
                    ys, totals = self._score(z, [used])
                    self._clock.forward(0, len(inputs), 1)
                    y, total = ys[0], int(totals[0])
            else:
                y, total = self._plain(layer, inputs)
            c = self._probability(layer, sign * (total - self.registers[f"threshold{layer}"]))
            entries.append((total, c))
            self._count(c)
            extra = [config.bias_row(layer)] + ([config.features + used] if labelled else [])
            if c:
                self._update(layer, [(inputs.with_rows(*extra), a.local_error(c, sign * y))])
            deeper = layer + 1 < config.depth
            self._clock.learn(layer, [len(inputs) + len(extra)], 1, [total] if deeper else [], bool(c))
            inputs = self._next(y, total) if deeper else inputs
        return used

    def _contrast_pair(
        self, x: np.ndarray, label: int, negative: int, x_negative: np.ndarray | None, policy: NegativePolicy
    ) -> Step:
        config, step = self.config, Step()
        sign = self._sign
        pos = Inputs.of(x)
        neg = pos if x_negative is None else Inputs.of(x_negative)
        for layer in range(config.depth):
            labelled = layer == 0 and config.classes > 0
            if labelled:
                z = self._forward(0, pos)
                if policy == NegativePolicy.HARD:
                    ys, totals = self._score(z, list(range(config.classes)))
                    self._clock.forward(0, len(pos), config.classes)
                    wrong = self._hardest(totals.copy(), label)
                    self._clock.select(config.classes - 1, 1)
                    y_pos, y_neg = ys[label], ys[wrong]
                    g_pos, g_neg = int(totals[label]), int(totals[wrong])
                else:
                    wrong = self._random_wrong(label) if policy == NegativePolicy.RANDOM else negative
                    (y_pos, y_neg), totals = self._score(z, [label, wrong])
                    self._clock.forward(0, len(pos), 2)
                    g_pos, g_neg = int(totals[0]), int(totals[1])
                step.label = wrong
            else:
                y_pos, g_pos = self._plain(layer, pos)
                y_neg, g_neg = self._plain(layer, neg, 1)
            c = self._probability(layer, sign * (g_pos - g_neg))
            step.entries += [(g_pos, c), (g_neg, c)]
            self._count(c)
            bias = config.bias_row(layer)
            up, down = sign * y_pos, -sign * y_neg
            if c and labelled:
                self._update(
                    0,
                    [
                        (pos.with_rows(bias), a.local_error(c, up + down)),
                        (NO_INPUTS.with_rows(config.features + label), a.local_error(c, up)),
                        (NO_INPUTS.with_rows(config.features + step.label), a.local_error(c, down)),
                    ],
                )
            elif c:
                self._update(
                    layer,
                    [
                        (pos.with_rows(bias), a.local_error(c, up)),
                        (neg.with_rows(bias), a.local_error(c, down)),
                    ],
                )
            deeper = layer + 1 < config.depth
            normalised = [g_pos, g_neg] if deeper else []
            walks = [len(pos) + 3] if labelled else [len(pos) + 1, len(neg) + 1]
            self._clock.learn(layer, walks, 3 if labelled else 2, normalised, bool(c))
            if deeper:
                pos, neg = self._next(y_pos, g_pos), self._next(y_neg, g_neg)
        return step

    def infer(self, x: np.ndarray) -> tuple[int, int]:
        """(label, its sum of squares over the layers evaluated). Without classes the label is 255.

        Layer 0 scores every label; the best `shortlist` of them go through the other layers, unless there is only one.
        On a tie the lowest label wins.
        """
        self._clock.start()
        config, sample = self.config, Inputs.of(x)
        results: dict[int, int] = {}
        if config.classes:
            z = self._forward(0, sample)
            ys, totals = self._score(z, list(range(config.classes)))
            self._clock.forward(0, len(sample), config.classes)
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
                self._clock.descend(layer - 1, total)
                y, total = self._plain(layer, self._next(y, total))
                self._clock.sum()
                result += total
            self._clock.candidate()
            results[candidate if config.classes else UNLABELLED] = result
        if config.classes:
            self._clock.select(k, config.classes - k)
        self._clock.tell()
        self.counters["inferences"] += 1
        self._clock.finish(self.counters)
        best = min(results, key=lambda label: (-self._sign * results[label], label))
        return best, results[best]
