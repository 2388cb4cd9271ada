"""The specification of `golden/README.md`, written out a second time with Python's integers, against the golden model.

Nothing of `ffpga_golden` calculates here: what the page does not say would be missing.
"""

import math
import random

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden.initial import initial_weights
from ffpga_golden.network import Network


class Specification:
    """A network as the page has it; `w[layer][row][neuron]`, rows in its order."""

    def __init__(self, config, weights, registers) -> None:
        self.c, self.w, self.r = config, [w.tolist() for w in weights], dict(registers)
        self.s = self.r["seed"] | 1
        self.p = -1 if self.r["polarity"] else 1
        self.limit = 127 if config.weight_bits == 8 else 8191
        rate = self.r["learning_rate"]
        self.u = (16 if rate & 16 and config.weight_bits == 8 else 8) + rate % 8

    def step(self) -> int:
        s = self.s
        s ^= (s << 13) % 2**32
        s ^= s >> 17
        s ^= (s << 5) % 2**32
        self.s = s
        return s

    def bias(self, layer: int) -> int:
        return len(self.w[layer]) - 1

    def rows(self, x) -> list[tuple[int, int]]:
        return [(row, value) for row, value in enumerate(x) if value]

    def activities(self, layer: int, rows) -> list[int]:
        s = (8 if layer == 0 else 5) + (6 if self.c.weight_bits == 16 else 0)
        out = []
        for j in range(self.c.layers[layer]):
            z = sum(x * self.w[layer][row][j] for row, x in [*rows, (self.bias(layer), 255)])
            out.append(min(4095, (max(z, 0) + 2 ** (s - 1)) >> s))
        return out

    def labelled(self, x, label: int) -> list[int]:
        return self.activities(0, [*self.rows(x), (self.c.features + label, 255)])

    def square(self, y) -> int:
        return sum(value * value for value in y)

    def normalise(self, y) -> list[int]:
        total = self.square(y)
        if not total:
            return [0] * len(y)
        q = 0
        while 4 ** (q + 1) <= total:
            q += 1
        i = 32 * total // 4**q
        root = 32 * math.sqrt(len(y))
        a = math.floor(math.log2(root))
        m = min(255, math.floor(128 * (root / 2**a) / math.sqrt((i + 0.5) / 32) + 0.5))
        e = q + 10 - a
        return [min(255, (8 * m * value + (2**e >> 1)) >> e) for value in y]

    def probability(self, layer: int, margin: int) -> int:
        d = min(127, max(-128, margin >> self.r[f"temperature{layer}"]))
        c = math.floor(255 / (1 + math.exp(d / 16)) + 0.5)
        return 0 if c < self.r["update_gate"] else c

    def update(self, layer: int, parts, c: int) -> None:
        """`parts`: rows with their inputs, and d; each row takes a step of the generator."""
        b = 23 if self.u >= 16 else 15
        for rows, d in parts:
            g = [(c * value + 16) >> 5 for value in d]
            for row, x in rows:
                s = 0 if self.r["rounding"] else self.step()
                for j, w in enumerate(self.w[layer][row]):
                    turn = 4 * j % 32
                    word = (s << turn | s >> 32 - turn) % 2**32
                    dither = 2 ** (self.u - 1) if self.r["rounding"] else (word >> b - self.u) % 2**self.u
                    new = w + ((x * g[j] + dither) >> self.u)
                    self.w[layer][row][j] = max(-self.limit, min(self.limit, new))

    def hardest(self, x, out) -> int:
        goodness = {n: self.p * self.square(self.labelled(x, n)) for n in range(self.c.classes) if n not in out}
        return min(goodness, key=lambda n: (-goodness[n], n))

    def wrong(self, x, label: int, host: int) -> int:
        classes = self.c.classes
        match self.r["negative_policy"]:
            case 0:
                return self.hardest(x, {label})
            case 1:
                return (label + 1 + ((self.step() >> 24) * (classes - 1) >> 8)) % classes
            case 2:
                return host
        tosses = self.step()
        out = {n for n in range(classes) if n == label or tosses >> n & 1}
        return self.hardest(x, out if len(out) < classes else {label})

    def contrast(self, x, label: int, host: int, other=None):
        entries, depth, wrong = [], self.c.depth, 255
        pos, neg = x, x if other is None else other
        for layer in range(depth):
            first = layer == 0 and self.c.classes
            if first:
                wrong = self.wrong(x, label, host)
                y = self.labelled(x, label), self.labelled(x, wrong)
            else:
                y = self.activities(layer, self.rows(pos)), self.activities(layer, self.rows(neg))
            squares = [self.square(one) for one in y]
            c = self.probability(layer, self.p * (squares[0] - squares[1]))
            entries += [(squares[0], c), (squares[1], c)]
            up, down = [self.p * v for v in y[0]], [-self.p * v for v in y[1]]
            bias = (self.bias(layer), 255)
            if c and first:
                both = [a + b for a, b in zip(up, down, strict=True)]
                true, false = ([(self.c.features + n, 255)] for n in (label, wrong))
                self.update(0, [([*self.rows(x), bias], both), (true, up), (false, down)], c)
            elif c:
                self.update(layer, [([*self.rows(pos), bias], up), ([*self.rows(neg), bias], down)], c)
            pos, neg = self.normalise(y[0]), self.normalise(y[1])
        return entries, wrong

    def phase(self, x, label: int, negative: bool):
        entries, used = [], label if self.c.classes else 255
        sign = -self.p if negative else self.p
        for layer in range(self.c.depth):
            first = layer == 0 and self.c.classes
            if first:
                used = self.wrong(x, label, label) if negative else label
                y = self.labelled(x, used)
            else:
                y = self.activities(layer, self.rows(x))
            total = self.square(y)
            c = self.probability(layer, sign * (total - self.r[f"threshold{layer}"]))
            entries.append((total, c))
            rows = [*self.rows(x), (self.bias(layer), 255), *([(self.c.features + used, 255)] if first else [])]
            if c:
                self.update(layer, [(rows, [sign * value for value in y])], c)
            x = self.normalise(y)
        return entries, used

    def pair(self, x, label: int, host: int, other=None):
        if not self.r["objective"]:
            return self.contrast(x, label, host, other)
        first, _ = self.phase(x, label, False)
        wrong = host if self.r["negative_policy"] == 2 else label
        second, used = self.phase(x if other is None else other, wrong, True)
        return first + second, used

    def infer(self, x):
        sums = {}
        if self.c.classes:
            starts = {n: self.labelled(x, n) for n in range(self.c.classes)}
        else:
            starts = {255: self.activities(0, self.rows(x))}
        order = sorted(starts, key=lambda n: (-self.p * self.square(starts[n]), n))
        shortlist = self.r["shortlist"]
        for n in order[:shortlist]:
            y = starts[n]
            sums[n] = self.square(y)
            for layer in range(1, self.c.depth if shortlist > 1 or not self.c.classes else 1):
                y = self.activities(layer, self.rows(self.normalise(y)))
                sums[n] += self.square(y)
        best = min(sums, key=lambda n: (-self.p * sums[n], n))
        return best, sums[best]


CASES = {
    "contrast": ({}, {}),
    "own negatives, gate": ({"layers": (8, 12, 4), "lanes": 4}, {"negative_policy": 3, "update_gate": 60}),
    "random, minus": ({}, {"negative_policy": 1, "polarity": 1, "learning_rate": 12, "shortlist": 3}),
    "host, plain": ({"layers": (16,), "lanes": 16}, {"negative_policy": 2, "rounding": 1, "shortlist": 1}),
    "threshold": ({}, {"objective": 1, "learning_rate": 15}),
    "threshold, minus, own": ({}, {"objective": 1, "polarity": 1, "negative_policy": 3, "threshold0": 9999}),
    "threshold, host": ({"classes": 2}, {"objective": 1, "negative_policy": 2}),
    "sixteen bits": ({"weight_bits": 16}, {"learning_rate": 9}),
    "unlabelled": ({"classes": 0}, {"learning_rate": 13}),
    "unlabelled, threshold": ({"classes": 0, "layers": (8, 8, 8)}, {"objective": 1, "learning_rate": 13}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_page_is_the_model(name):
    sizes, given = CASES[name]
    config = NetworkConfig(**{"features": 11, "classes": 5, "layers": (16, 8), "lanes": 8, **sizes})
    draw = random.Random(name)
    network = Network.initialised(config, 3)
    for register, value in {"seed": draw.getrandbits(32) | 1, **given}.items():
        network.write_register(register, value)
    page = Specification(config, initial_weights(config, 3), network.registers)
    classes = config.classes

    def sample() -> list[int]:
        return [draw.choice((0, 0, draw.randrange(256), 255)) for _ in range(config.features)]

    changed = 0
    for number in range(60):
        x, other = sample(), None if classes else sample()
        label = draw.randrange(max(1, classes))
        host = (label + 1 + draw.randrange(classes - 1)) % classes if classes else 0
        arrays = [None if one is None else np.array(one, np.uint8) for one in (x, other)]
        before = [w.copy() for w in network.weights]
        if number % 3 == 2:
            negative = number % 2 == 1
            assert page.phase(x, label, negative) == _said(network.train_phase(arrays[0], label, negative))
        else:
            assert page.pair(x, label, host, other) == _said(network.train_pair(arrays[0], label, host, arrays[1]))
        assert page.s == network.random.state
        for layer, w in enumerate(network.weights):
            assert page.w[layer] == w.tolist(), (number, layer)
        changed += any((one != old).any() for one, old in zip(network.weights, before, strict=True))
        if number % 5 == 0:
            assert page.infer(x) == network.infer(arrays[0])
    assert changed > 20, "the case trains"


def _said(step) -> tuple[list[tuple[int, int]], int]:
    return step.entries, step.label


@pytest.mark.parametrize(("bits", "classes"), [(8, 4), (16, 0)])
def test_initial_weights(bits, classes):
    config = NetworkConfig(features=20, classes=classes, layers=(8, 16), lanes=8, weight_bits=bits)
    stream, limit = np.random.RandomState(5), 127 if bits == 8 else 8191
    for layer, found in enumerate(initial_weights(config, 5)):
        inputs = (20, 8)[layer]
        for row in range(len(found)):
            deviation = 0.0
            if row < inputs:
                deviation = 0.5 / math.sqrt(0.1 * inputs) if layer == 0 else 1 / math.sqrt(inputs)
            elif row < len(found) - 1:
                deviation = 0.2
            for j in range(config.layers[layer]):
                exact = stream.standard_normal() * deviation * (64 if bits == 8 else 4096)
                assert found[row, j] == max(-limit, min(limit, round(exact)))
