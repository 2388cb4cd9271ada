"""The recurrent network: each layer sees the one below and the one above, as they were a time step ago.

Hinton 2022, section 3.3: a sample is a video that never changes, the label is what the top layer sees above it. A
bottom-up pass, without anything from above but the label, begins (time 0); in each of `time_steps` steps that follow
all layers are calculated from what all were a step ago, and each learns at once by its own goodness. There is no
damping, and nothing is learned at time 0. The wrong label is chosen at time 0, by the top layer's goodness.
"""

from contextlib import suppress
from functools import partial

import numpy as np

from .config import NetworkConfig
from .layers import Inputs, Layers
from .network import Network, Step

#: Normalised activities of each layer, as one phase has them at one time.
States = list[Inputs]


def fastest_layers() -> type[Layers]:
    """The compiled layers where Numba is installed, else those in NumPy: the same integers."""
    try:
        from .compiled.layers import CompiledLayers
    except ImportError:
        return Layers
    return CompiledLayers


def network_of(config: NetworkConfig, layers: type[Layers] | None = None) -> Network:
    """The golden network of a configuration, recurrent or not, with these layers; default: the fastest there are.

    Its steps are compiled where Numba is installed and it is not recurrent.
    """
    if config.recurrent:
        return RecurrentNetwork(config, layers or fastest_layers())
    if layers is None:
        with suppress(ImportError):
            from .compiled.network import CompiledNetwork

            return CompiledNetwork(config)
    return Network(config, layers or Layers)


class RecurrentNetwork(Network):
    """`Network` of a recurrent configuration: the same commands and answers.

    What a training step answers of each layer is that of the last time step. The counters of updates count a layer's
    once a time step.
    """

    recurrent = True

    # Pieces of a step ----------------------------------------------------------------------------------------------
    @property
    def _time_steps(self) -> int:
        return max(1, self.registers["time_steps"])

    def _label_rows(self, layer: int, label: int) -> list[int]:
        """Rows of value 255 in a layer's walk: the bias and, in the top layer, the label."""
        rows = [self.config.bias_row(layer)]
        return [*rows, self.config.first_label + label] if layer == self.config.label_layer else rows

    def _inputs(self, layer: int, sample: Inputs, states: States) -> Inputs:
        """A layer's inputs: the sample or the layer below, then the layer above."""
        below = sample if layer == 0 else states[layer - 1]
        if layer == self.config.label_layer:
            return below
        above = states[layer + 1]
        numbers = np.concatenate((below.numbers, above.numbers + self.config.inputs(layer)))
        return Inputs(numbers, np.concatenate((below.values, above.values)))

    def _later(self, time: int, layer: int, inputs: Inputs, label: int, phase: int = 0) -> tuple[np.ndarray, int]:
        """Activities and sum of squares of a layer after time 0, with its clocks."""
        top = layer == self.config.label_layer
        # In the last step no lists are made, so that there is none to wait for once those of the step before are there.
        waits = layer == 0 or time < self._time_steps
        self._clock.forward(layer, len(inputs), int(top), phase, waits)
        z = self._layers.preactivation(layer, inputs)
        if not top:
            return self._layers.activity(layer, z)
        ys, totals = self._layers.score(z, [label])
        return ys[0], int(totals[0])

    def _top(self, inputs: Inputs, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Activities [labels, width] and sums of squares [labels] of the top layer at time 0 under each label."""
        layer = self.config.label_layer
        self._clock.forward(layer, len(inputs), len(labels))
        return self._layers.score(self._layers.preactivation(layer, inputs), labels)

    def _begin(self, sample: Inputs) -> States:
        """The bottom-up pass of a training step below the top layer."""
        states: States = []
        for layer in range(self.config.label_layer):
            y, total = self._plain(layer, states[-1] if states else sample)
            self._clock.decide(self.registers[f"temperature{layer}"])
            self._clock.learn(layer, [], 0, [(total, y)], False)
            states.append(self._next(layer, y, total))
        return states

    def _begin_top(self, vectors: list[tuple[int, np.ndarray]]) -> None:
        """The clocks of the top layer at time 0, whose goodness is fetched but not learned from."""
        top = self.config.label_layer
        self._clock.decide(self.registers[f"temperature{top}"])
        self._clock.learn(top, [], 0, vectors, False)

    # Steps ---------------------------------------------------------------------------------------------------------
    def _phase(self, sample: Inputs, label: int, negative: bool, entries: list[tuple[int, int]]) -> int:
        config, used = self.config, label
        sign = self._sign * (-1 if negative else 1)
        states = self._begin(sample)
        if negative and self._wrong.scores:
            used, contested, sums = self._wrong.contest(label, partial(self._top, states[-1]))
            y, total = contested[used], int(sums[used])
        else:
            if negative:
                used = self._wrong.given(label, label)
            ys, totals = self._top(states[-1], [used])
            y, total = ys[0], int(totals[0])
        self._begin_top([(total, y)])
        states.append(self._next(config.label_layer, y, total))
        for time in range(1, self._time_steps + 1):
            last, after = time == self._time_steps, []
            for layer in range(config.depth):
                inputs, extra = self._inputs(layer, sample, states), self._label_rows(layer, used)
                y, total = self._later(time, layer, inputs, used)
                c = self._probability(layer, sign * (total - self.registers[f"threshold{layer}"]))
                if last:
                    entries.append((total, c))
                self._count(c)
                if c:
                    self._update(layer, inputs, [(extra, sign * y)], c)
                self._clock.learn(layer, [(len(inputs), len(extra))], 1, [] if last else [(total, y)], bool(c))
                if not last:
                    after.append(self._next(layer, y, total))
            states = after
        return used

    def _contrast_pair(self, x: np.ndarray, label: int, negative: int, x_negative: np.ndarray | None) -> Step:
        config, step, sign = self.config, Step(), self._sign
        sample = self._layers.inputs(0, x)
        states = self._begin(sample)
        if self._wrong.scores:
            step.label, contested, sums = self._wrong.contest(label, partial(self._top, states[-1]))
            ys, totals = [contested[n] for n in (label, step.label)], [sums[n] for n in (label, step.label)]
        else:
            step.label = self._wrong.given(label, negative)
            ys, totals = map(list, self._top(states[-1], [label, step.label]))
        g_pos, g_neg = (int(total) for total in totals)
        self._begin_top([(g_pos, ys[0]), (g_neg, ys[1])])
        top = config.label_layer
        pos = [*states, self._next(top, ys[0], g_pos)]
        neg = [*states, self._next(top, ys[1], g_neg)]
        for time in range(1, self._time_steps + 1):
            last, pos_after, neg_after = time == self._time_steps, [], []
            for layer in range(config.depth):
                in_pos, in_neg = self._inputs(layer, sample, pos), self._inputs(layer, sample, neg)
                y_pos, g_pos = self._later(time, layer, in_pos, label)
                y_neg, g_neg = self._later(time, layer, in_neg, step.label, 1)
                c = self._probability(layer, sign * (g_pos - g_neg))
                if last:
                    step.entries += [(g_pos, c), (g_neg, c)]
                self._count(c)
                rows = self._label_rows(layer, label), self._label_rows(layer, step.label)
                if c:
                    self._update(layer, in_pos, [(rows[0], sign * y_pos)], c)
                    self._update(layer, in_neg, [(rows[1], -sign * y_neg)], c)
                walks = [(len(in_pos), len(rows[0])), (len(in_neg), len(rows[1]))]
                vectors = [] if last else [(g_pos, y_pos), (g_neg, y_neg)]
                self._clock.learn(layer, walks, 2, vectors, bool(c))
                if not last:
                    pos_after.append(self._next(layer, y_pos, g_pos))
                    neg_after.append(self._next(layer, y_neg, g_neg))
            pos, neg = pos_after, neg_after
        return step

    def infer(self, x: np.ndarray) -> tuple[int, int]:
        """(label, its sum of squares over layers and time steps).

        At time 0 the top layer scores every label; the best `shortlist` of them go through all time steps, unless there
        is only one. On a tie the lowest label wins.
        """
        self._clock.start()
        config, sample = self.config, self._layers.inputs(0, x)
        classes, top = config.classes, config.label_layer
        k = min(max(1, self.registers["shortlist"]), classes)
        results: dict[int, int] = {}
        order: list[int] = []
        while len(results) < k:
            if results:  # every candidate but the first begins anew: the lists of time 0 are gone
                self._clock.select(classes - len(results), len(results))
            states = self._begin_inference(sample)
            ys, totals = self._top(states[-1], [order[len(results)]] if results else list(range(classes)))
            if not results:
                order = np.argsort(-self._sign * totals, kind="stable")[:k].tolist()
                self._clock.select(classes, 0)
            candidate, at = order[len(results)], 0 if results else order[0]
            self._clock.sum()
            result = int(totals[at])
            if k > 1:
                self._clock.descend((result, ys[at]))
                states.append(self._next(top, ys[at], result))
                result = sum(self._settle(sample, states, candidate))
            self._clock.candidate()
            results[candidate] = result
        self._clock.select(k, classes - k)
        self._clock.tell()
        self.counters["inferences"] += 1
        self._clock.finish(self.counters, "decide")
        best = min(results, key=lambda label: (-self._sign * results[label], label))
        return best, results[best]

    def _begin_inference(self, sample: Inputs) -> States:
        """The bottom-up pass of an inference below the top layer."""
        states: States = []
        for layer in range(self.config.label_layer):
            y, total = self._plain(layer, states[-1] if states else sample)
            self._clock.sum()
            self._clock.descend((total, y))
            states.append(self._next(layer, y, total))
        return states

    def goodness(self, x: np.ndarray) -> np.ndarray:
        """Sums of squares int64[classes, depth] of a sample, u8[features], over the time steps under every label.

        They are those that an inference adds up; no counter counts them.
        """
        top, sample = self.config.label_layer, self._layers.inputs(0, x)
        begun = self._begin_inference(sample)
        ys, totals = self._top(begun[-1], list(range(self.config.classes)))
        states = [[*begun, self._next(top, y, int(total))] for y, total in zip(ys, totals, strict=True)]
        return np.array([self._settle(sample, state, label) for label, state in enumerate(states)])

    def bottom_up_goodness(self, x: np.ndarray) -> np.ndarray:
        """Sums of squares int64[classes] of the top layer at time 0, which make the shortlist; uncounted, too."""
        states = self._begin_inference(self._layers.inputs(0, x))
        return self._top(states[-1], list(range(self.config.classes)))[1].astype(np.int64)

    def _settle(self, sample: Inputs, states: States, label: int) -> list[int]:
        """The sum of squares of each layer over the time steps after time 0, under a label."""
        result, top, steps = [0] * self.config.depth, self.config.label_layer, self._time_steps
        for time in range(1, steps + 1):
            after: States = []
            for layer in range(self.config.depth):
                y, total = self._later(time, layer, self._inputs(layer, sample, states), label)
                self._clock.sum()
                if time < steps:
                    self._clock.descend((total, y))
                    after.append(self._next(layer, y, total))
                elif layer < top:
                    self._clock.descend()
                result[layer] += total
            states = after
        return result
