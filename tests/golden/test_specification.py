"""The page's second implementation, `specification.py`, against the golden model: whole conversations, bit for bit."""

import math
import random

import numpy as np
import pytest

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.compiled.layers import CompiledLayers
from ffpga_golden.initial import initial_weights
from ffpga_golden.layers import Layers
from ffpga_golden.network import Network

from .specification import Specification

#: Fields of 16 inputs: blocks that overlap, tile 2 that nobody sees.
OVERLAP = Fields(tile=4, blocks=((0, 1), (1, 3)))
#: Of 8 inputs: as many blocks as there are tiles, and each of them alone.
APART = Fields(tile=2, blocks=((0,), (3,), (1,), (2,)))
FIRST = {"features": 16, "fields": (OVERLAP, None)}

CASES = {
    "contrast": ({}, {}),
    "own negatives, gate": ({"layers": (8, 12, 4), "lanes": 4}, {"negative_policy": 3, "update_gate": 60}),
    "contenders": ({}, {"contenders": 2}),
    "one contender, threshold": (FIRST, {"contenders": 1, "objective": 1}),
    "contenders, own": ({"classes": 9}, {"contenders": 3, "negative_policy": 3}),
    "no contenders, own, minus": ({"classes": 3}, {"contenders": 0, "negative_policy": 3, "polarity": 1}),
    "random, minus": ({}, {"negative_policy": 1, "polarity": 1, "learning_rate": 12, "shortlist": 3}),
    "host, plain": ({"layers": (16,), "lanes": 16}, {"negative_policy": 2, "rounding": 1, "shortlist": 1}),
    "threshold": ({}, {"objective": 1, "learning_rate": 15}),
    "threshold, minus, own": ({}, {"objective": 1, "polarity": 1, "negative_policy": 3, "threshold0": 9999}),
    "threshold, host": ({"classes": 2}, {"objective": 1, "negative_policy": 2}),
    "sixteen bits": ({"weight_bits": 16}, {"learning_rate": 9}),
    "unlabelled": ({"classes": 0}, {"learning_rate": 13}),
    "unlabelled, threshold": ({"classes": 0, "layers": (8, 8, 8)}, {"objective": 1, "learning_rate": 15}),
    "fields of layer 1": (FIRST, {}),
    "fields, groups in a block": (
        {"features": 12, "layers": (24, 8), "lanes": 4, "fields": (Fields(tile=1, blocks=((0, 11), (4, 5))), None)},
        {"learning_rate": 14, "shortlist": 5},
    ),
    "fields of layer 2": (
        {"layers": (8, 16), "lanes": 4, "fields": (None, APART), "memory_ports": 2},
        {"learning_rate": 14, "negative_policy": 1},
    ),
    "fields of layer 2, sixteen lanes": (
        {"layers": (16, 32), "lanes": 16, "fields": (None, OVERLAP)},
        {"polarity": 1, "learning_rate": 12, "negative_policy": 3},
    ),
    "fields of three layers": (
        {
            "features": 24,
            "layers": (16, 24, 8),
            "lanes": 4,
            "memory_ports": 2,
            "fields": (
                Fields(tile=8, blocks=((0, 2), (0, 1))),
                Fields(tile=1, blocks=((0, 3, 15), (0, 3, 15))),
                Fields(tile=4, blocks=((1, 3, 5), (0, 3, 4))),
            ),
        },
        {"update_gate": 60, "negative_policy": 3, "learning_rate": 13},
    ),
    "fields, one tile": (
        {"features": 16, "layers": (16, 8), "fields": (Fields(tile=16, blocks=((0,), (0,))), None)},
        {"polarity": 1, "learning_rate": 12},
    ),
    "fields, host, plain": (FIRST, {"negative_policy": 2, "rounding": 1, "shortlist": 1}),
    "fields, threshold": (FIRST, {"objective": 1, "learning_rate": 15}),
    "fields, threshold, minus, random": (
        {**FIRST, "memory_ports": 2},
        {"objective": 1, "polarity": 1, "negative_policy": 1, "threshold0": 9999},
    ),
    "fields, threshold, own, plain": (
        {"layers": (8, 16), "lanes": 4, "fields": (None, APART)},
        {"objective": 1, "negative_policy": 3, "rounding": 1},
    ),
    "fields, threshold, host": (FIRST, {"objective": 1, "negative_policy": 2, "learning_rate": 14}),
    "fields, sixteen bits": ({**FIRST, "layers": (8, 16), "lanes": 4, "weight_bits": 16}, {"learning_rate": 9}),
    "fields, sixteen bits, unlabelled": (
        {"classes": 0, "layers": (8, 16), "lanes": 4, "weight_bits": 16, "fields": (None, APART)},
        {"learning_rate": 8},
    ),
    "fields, unlabelled": (
        {"classes": 0, "features": 16, "layers": (8, 16), "lanes": 4, "fields": (OVERLAP, APART)},
        {"learning_rate": 13},
    ),
    "fields, unlabelled, threshold": (
        {"classes": 0, "features": 16, "layers": (8, 16), "lanes": 4, "fields": (OVERLAP, APART), "memory_ports": 2},
        {"objective": 1, "learning_rate": 13},
    ),
}


@pytest.mark.parametrize("kind", [Layers, CompiledLayers])
@pytest.mark.parametrize("name", CASES)
def test_the_page_is_the_model(name, kind):
    sizes, given = CASES[name]
    config = NetworkConfig(**{"features": 11, "classes": 5, "layers": (16, 8), "lanes": 8, **sizes})
    draw = random.Random(name)
    network = Network(config, kind)
    network.weights = initial_weights(config, 3)
    for register, value in {"seed": draw.getrandbits(32) | 1, **given}.items():
        network.write_register(register, value)
    page = Specification(config, initial_weights(config, 3), network.registers)
    classes = config.classes

    def sample(number: int) -> list[int]:
        """Now and then of zeros only, or with a single input, which some blocks do not see."""
        x = [draw.choice((0, 0, draw.randrange(256), 255)) for _ in range(config.features)]
        if number % 8 in (5, 7):
            lit = draw.randrange(config.features) if number % 8 == 7 else -1
            x = [255 * (n == lit) for n in range(config.features)]
        return x

    changed = [0] * config.depth
    for number in range(60):
        x, other = sample(number), None if classes else sample(number + 2)
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
            changed[layer] += bool((w != before[layer]).any())
        if number % 5 == 0:
            assert page.infer(x) == network.infer(arrays[0])
    assert min(changed) > 10, "every layer trains"


def _said(step) -> tuple[list[tuple[int, int]], int]:
    return step.entries, step.label


@pytest.mark.parametrize(
    ("bits", "classes", "fields", "seen"),
    [
        (8, 4, (), (16, 8)),
        (16, 0, (), (16, 8)),
        (8, 4, (OVERLAP, APART), (8, 2)),
        (16, 0, (OVERLAP, None), (8, 8)),
        (8, 3, (None, APART), (16, 2)),
    ],
)
def test_initial_weights(bits, classes, fields, seen):
    config = NetworkConfig(features=16, classes=classes, layers=(8, 16), lanes=4, weight_bits=bits, fields=fields)
    stream, limit = np.random.RandomState(5), 127 if bits == 8 else 8191
    for layer, found in enumerate(initial_weights(config, 5)):
        inputs = seen[layer]
        assert found.shape == (inputs + (0 if layer else classes) + 1, (8, 16)[layer])
        for row in range(len(found)):
            deviation = 0.0
            if row < inputs:
                deviation = 0.5 / math.sqrt(0.1 * inputs) if layer == 0 else 1 / math.sqrt(inputs)
            elif row < len(found) - 1:
                deviation = 0.2
            for j in range(config.layers[layer]):
                exact = stream.standard_normal() * deviation * (64 if bits == 8 else 4096)
                assert found[row, j] == max(-limit, min(limit, round(exact)))


def test_initial_weights_of_what_is_above():
    """In a recurrent network: as from below, and in layer 1, where an input counts an eighth, 8 times as large."""
    config = NetworkConfig(features=10, classes=3, layers=(4, 8, 6), lanes=2, weight_bits=16, recurrent=True)
    stream = np.random.RandomState(7)
    deviations = (
        [0.5 / math.sqrt(0.1 * 10)] * 10 + [8 / math.sqrt(8)] * 8 + [0.0],
        [1 / math.sqrt(4)] * 4 + [1 / math.sqrt(6)] * 6 + [0.0],
        [1 / math.sqrt(8)] * 8 + [0.2] * 3 + [0.0],
    )
    for width, rows, found in zip(config.layers, deviations, initial_weights(config, 7), strict=True):
        exact = stream.standard_normal((len(rows), width)) * np.array(rows)[:, None] * 4096
        assert found.tolist() == np.clip(np.rint(exact), -8191, 8191).tolist()
