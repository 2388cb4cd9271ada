"""Training with receptive fields: results depend on what neurons see, not on lanes, ports or what calculates."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ffpga_golden import Fields, Network, NetworkConfig, initial_weights
from ffpga_golden.compiled.layers import CompiledLayers
from ffpga_golden.layers import Layers

from .specification import Specification

KINDS = [Layers, CompiledLayers]
#: In layer 1 blocks overlap, and tile 2 nobody sees.
FIELDS = (Fields(tile=4, blocks=((0, 1), (1, 3))), Fields(tile=2, blocks=((0, 7), (1, 6))))
GOOD = {"features": 16, "classes": 5, "layers": (16, 32), "lanes": 4, "fields": FIELDS}


def conversation(config, kind=CompiledLayers, weights=None, blind=(), registers=(), pairs=30):
    """Answers, weights and the generator's state after some training, `blind` inputs being drawn otherwise."""
    network, draw, noise = Network(config, kind), np.random.RandomState(4), np.random.RandomState(5)
    network.weights = initial_weights(config, 2) if weights is None else weights
    for name, value in dict(registers).items():
        network.write_register(name, value)
    said = []
    for n in range(pairs):
        x = (draw.randint(0, 256, (2, config.features)) * (draw.rand(2, config.features) < 0.5)).astype(np.uint8)
        for i in blind:
            x[:, i] = noise.randint(0, 256, 2)
        label, wrong = draw.choice(max(2, config.classes), 2, replace=False).tolist()
        said.append(network.train_pair(x[0], label, wrong, None if config.classes else x[1]))
        if n % 5 == 4:
            said += [network.train_phase(x[0], label, bool(n % 2)), network.infer(x[1])]
    return said, [w.tolist() for w in network.weights], network.random.state


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [5, 0])
def test_lanes_and_ports_change_nothing(classes, kind):
    base = NetworkConfig(**{**GOOD, "classes": classes})
    expected = conversation(base, kind)
    assert expected[1] != [w.tolist() for w in initial_weights(base, 2)]
    for lanes, ports in ((1, 1), (2, 2), (4, 2), (8, 1), (8, 2)):
        assert conversation(replace(base, lanes=lanes, memory_ports=ports), kind) == expected, (lanes, ports)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("registers", [{}, {"objective": 1, "negative_policy": 3}, {"rounding": 1}], ids=str)
@pytest.mark.parametrize("classes", [5, 0])
def test_a_single_block_that_sees_all_is_a_fully_connected_layer(classes, registers, kind):
    full = NetworkConfig(**{**GOOD, "classes": classes, "fields": ()})
    one = replace(full, fields=(Fields(tile=2, blocks=(range(8),)), Fields(tile=1, blocks=(range(16),))))
    assert conversation(one, kind, registers=registers) == conversation(full, kind, registers=registers)
    if registers.get("rounding"):  # no dither that is counted through the blocks
        some = replace(full, fields=(Fields(tile=8, blocks=((0, 1),) * 4), Fields(tile=4, blocks=(range(4),) * 2)))
        assert conversation(some, kind, registers=registers) == conversation(full, kind, registers=registers)


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_sees_changes_nothing(kind):
    config = NetworkConfig(**GOOD)
    unseen = [8, 9, 10, 11]
    assert conversation(config, kind, blind=unseen) == conversation(config, kind)
    assert conversation(config, kind, blind=[12]) != conversation(config, kind)


@st.composite
def networks(draw):
    """Small networks in which some layers have fields."""
    lanes, inputs = draw(st.sampled_from((1, 2, 4))), draw(st.integers(1, 4)) * 4
    features, layers, fields = inputs, [], []
    for _ in range(draw(st.integers(1, 3))):
        tile, blocks, groups = draw(st.sampled_from((1, 2, 4))), draw(st.integers(1, 3)), draw(st.integers(1, 2))
        fits, tiles = inputs % tile == 0, list(range(inputs // tile))
        inputs = lanes * blocks * groups
        layers.append(inputs)
        if not fits or draw(st.integers(0, 3)) == 0:
            fields.append(None)
            continue
        size = draw(st.integers(1, len(tiles)))
        some = st.permutations(tiles).map(lambda order, size=size: tuple(sorted(order[:size])))
        fields.append(Fields(tile=tile, blocks=draw(st.lists(some, min_size=blocks, max_size=blocks))))
    return NetworkConfig(
        features=features, classes=draw(st.sampled_from((0, 2, 3))), layers=tuple(layers), lanes=lanes, fields=fields,
        weight_bits=draw(st.sampled_from((8, 16))), memory_ports=draw(st.sampled_from((1, 2))),
    )  # fmt: skip


REGISTERS = st.fixed_dictionaries(
    {
        "learning_rate": st.integers(8, 15),
        "objective": st.integers(0, 1),
        "polarity": st.integers(0, 1),
        "negative_policy": st.integers(0, 3),
        "rounding": st.sampled_from((0, 0, 1)),
        "shortlist": st.integers(1, 2),
        "seed": st.integers(1, 2**32 - 1),
        "temperature0": st.integers(0, 31),
        "threshold0": st.sampled_from((0, 1 << 16)),
    }
)


@settings(deadline=None, max_examples=60)
@given(networks(), REGISTERS, st.integers(0, 99))
def test_numpy_compiled_and_the_page_agree(config, registers, seed):
    if not config.classes:
        registers["negative_policy"] = 2
    models = [Network(config, kind) for kind in KINDS]
    for model in models:
        model.weights = initial_weights(config, 1)
        for name, value in registers.items():
            model.write_register(name, value)
    page = Specification(config, initial_weights(config, 1), models[0].registers)
    draw = random.Random(seed)
    for number in range(3):
        x, other = (draw.choices((0, 0, 1, 100, 255), k=config.features) for _ in range(2))
        other = None if config.classes else other
        label, negative = draw.randrange(max(1, config.classes)), number % 2 == 1
        wrong = (label + 1) % max(1, config.classes)
        pair, phase, best = page.pair(x, label, wrong, other), page.phase(x, label, negative), page.infer(x)
        one, two = (None if values is None else np.array(values, np.uint8) for values in (x, other))
        for model in models:
            for expected, step in (
                (pair, model.train_pair(one, label, wrong, two)), (phase, model.train_phase(one, label, negative))
            ):  # fmt: skip
                assert expected == (step.entries, step.label)
            assert best == model.infer(one)
            assert page.w == [w.tolist() for w in model.weights]
            assert page.s == model.random.state
    assert models[0].counters == models[1].counters
