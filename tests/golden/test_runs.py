"""Runs of steps that are compiled against the specification's steps one by one: answers, weights, counters, clocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ffpga_golden import Fields, GoldenDevice, NegativePolicy, Network, NetworkConfig, initial_weights, network_of
from ffpga_golden.compiled import steps
from ffpga_golden.compiled.network import CompiledNetwork
from ffpga_golden.layers import Layers
from ffpga_golden.protocol import DELIMITER, Opcode, Status, decode_frame, encode_frame

LARGE = [
    {"features": 784, "layers": (128, 128)},
    {"features": 300, "layers": (1024, 24), "lanes": 8, "classes": 3},
    {"features": 784, "layers": (200, 32), "fields": (Fields.windows(tile=16, grid=(7, 7), window=3, stride=1), None)},
    {"features": 1000, "layers": (64, 64), "lanes": 64, "classes": 32, "weight_bits": 16, "memory_ports": 2},
    {"features": 700, "layers": (90, 60, 30, 15), "lanes": 3, "classes": 0, "black_box": True},
]


@st.composite
def fields(draw, inputs, width, lanes):
    """Receptive fields of a layer that can have some, or none."""
    tiles = [tile for tile in (1, 2, 4, 8) if inputs % tile == 0]
    shares = [blocks for blocks in range(1, 6) if width % (blocks * lanes) == 0]
    if draw(st.booleans()):
        return None
    tile, blocks = draw(st.sampled_from(tiles)), draw(st.sampled_from(shares))
    count = inputs // tile
    size = draw(st.integers(1, min(count, 5)))
    of_block = st.lists(st.integers(0, count - 1), min_size=size, max_size=size, unique=True).map(sorted)
    return Fields(tile=tile, blocks=draw(st.lists(of_block, min_size=blocks, max_size=blocks)))


@st.composite
def sizes(draw):
    """Any small configuration that is not recurrent."""
    lanes = draw(st.sampled_from((1, 2, 3, 4, 5, 8, 16)))
    layers = tuple(lanes * draw(st.integers(1, 6)) for _ in range(draw(st.integers(1, 4))))
    features = draw(st.integers(1, 40))
    inputs = (features, *layers)
    return NetworkConfig(
        features=features, layers=layers, lanes=lanes, classes=draw(st.sampled_from((0, 2, 3, 4, 10))),
        weight_bits=draw(st.sampled_from((8, 16))), memory_ports=draw(st.integers(1, 2)),
        black_box=len(layers) > 1 and draw(st.booleans()),
        fields=tuple(draw(fields(inputs[n], width, lanes)) for n, width in enumerate(layers)),
    )  # fmt: skip


class Both:
    """The compiled network and the specification: what is done to the one is done to the other."""

    def __init__(self, config, seed, extreme=False):
        self.config, self.random = config, np.random.RandomState(seed)
        self.compiled, self.plain = network_of(config), Network(config, Layers)
        assert type(self.compiled) is CompiledNetwork
        weights = initial_weights(config, seed)
        if extreme:
            weights = [self.random.choice((-1, 1), w.shape, p=(0.3, 0.7)) * config.weight_max for w in weights]
        tables = self.random.randint(0, 256, self.plain.tables.shape)
        for one in (self.compiled, self.plain):
            one.weights = weights
            one.tables[:] = tables

    def registers(self):
        config, random = self.config, self.random
        theta = self.plain.registers["threshold0"]
        values = {
            "learning_rate": random.randint(0, 32), "objective": random.randint(2), "polarity": random.randint(2),
            "update_gate": random.choice((0, 0, 30, 128)), "rounding": int(random.rand() < 0.3),
            "negative_policy": random.randint(4) if config.classes else 2, "seed": random.randint(1, 1 << 30),
            "shortlist": random.randint(0, config.classes + 2), "contenders": random.randint(0, config.classes + 1),
            f"temperature{random.randint(config.depth)}": random.randint(32),
            f"threshold{random.randint(config.depth)}": random.choice((0, theta, 2**32 - 1)),
        }  # fmt: skip
        for name, value in values.items():
            for one in (self.compiled, self.plain):
                if name in one.registers:
                    one.write_register(name, int(value))

    def samples(self, count):
        shape = count, self.config.features
        density = self.random.choice((0, 0.1, 0.4, 1), (count, 1))
        return (self.random.randint(0, 256, shape) * (self.random.rand(*shape) < density)).astype(np.uint8)

    def train(self, count, one_by_one=False):
        x, other = self.samples(count), None if self.config.classes else self.samples(count)
        classes = max(2, self.config.classes)
        labels = self.random.randint(0, classes, count)
        wrong = (labels + self.random.randint(1, classes, count)) % classes
        negative = self.random.choice((None, None, False, True))
        expected = self.plain.train_run(x, labels, wrong, negative, other)
        if one_by_one:  # the base class's loop, over the compiled steps
            found = Network.train_run(self.compiled, x, labels, wrong, negative, other)
        else:
            found = self.compiled.train_run(x, labels, wrong, negative, other)
        assert found.squares.tolist() == expected.squares.tolist()
        assert found.probabilities.tolist() == expected.probabilities.tolist()
        assert found.labels.tolist() == expected.labels.tolist()

    def infer(self, count):
        x = self.samples(count)
        found, expected = self.compiled.infer_run(x), self.plain.infer_run(x)
        assert [part.tolist() for part in found] == [part.tolist() for part in expected]
        assert self.compiled.infer(x[0]) == self.plain.infer(x[0])
        if not self.config.classes:
            layer = int(self.random.randint(self.config.depth))
            assert self.compiled.activities(x[0], layer).tolist() == self.plain.activities(x[0], layer).tolist()

    def write(self):
        """Some weights, beyond the limits too."""
        layer = int(self.random.randint(self.config.depth))
        rows = self.random.randint(0, self.config.rows(layer), 5)
        neurons, values = self.random.randint(0, self.config.layers[layer], 5), self.random.randint(-9000, 9000, 5)
        for one in (self.compiled, self.plain):
            one.write_weights(layer, rows, neurons, values)

    def check(self):
        assert self.compiled.counters == self.plain.counters
        assert self.compiled.spent == self.plain.spent
        assert self.compiled.random.state == self.plain.random.state
        for found, expected in zip(self.compiled.weights, self.plain.weights, strict=True):
            assert np.array_equal(found, expected)


def converse(both, turns, count):
    """Blocks and single steps, inferences, registers and weights written between."""
    for turn in range(turns):
        both.registers()
        both.train(count, one_by_one=turn % 3 == 2)
        both.infer(1 + count // 2)
        both.write()
        both.check()


@settings(deadline=None, max_examples=120)
@given(config=sizes(), seed=st.integers(0, 1 << 20), extreme=st.booleans())
def test_runs_of_any_small_network_are_the_specification(config, seed, extreme):
    converse(Both(config, seed, extreme), 5, 6)


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("large", LARGE, ids=lambda large: "-".join(map(str, large["layers"])))
def test_runs_of_large_networks_are_the_specification(large, extreme):
    converse(Both(NetworkConfig(**large), 7, extreme), 12, 4)


def test_arguments_are_of_the_same_types_in_every_network():
    """So that each function is compiled once, and nothing is asked about them in a step; samples may be of any kind."""
    for sizes in LARGE:
        config = NetworkConfig(**sizes)
        network = network_of(config)
        x = np.zeros((2, 2 * config.features), np.uint8)[:, ::2]
        x.flags.writeable = False
        network.train_run(x, np.zeros(2, int), np.ones(2, int), None, None)
        network.train_phase(x[0], 0, False)
        network.infer(x[0])
    assert len(steps.train.signatures) == len(steps.infer.signatures) == 1


def test_a_run_of_no_steps_changes_nothing():
    both = Both(NetworkConfig(features=9, layers=(8, 8), classes=3), 1)
    none = np.zeros((0, 9), np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int64)
    for one in (both.compiled, both.plain):
        assert len(one.train_run(*none, None, None).labels) == 0 and len(one.infer_run(none[0])[0]) == 0
    both.check()


def test_counters_wrap():
    both = Both(NetworkConfig(features=9, layers=(8, 8), classes=3), 1)
    for one in (both.compiled, both.plain):
        one.counters["clocks"] = one.counters["words_read"] = one.counters["words_updated"] = 2**32 - 1
    both.train(20)
    both.check()
    assert max(both.compiled.counters[name] for name in ("clocks", "words_read", "words_updated")) < 10_000


@pytest.mark.parametrize("policy", [NegativePolicy.HARD, NegativePolicy.HOST])
@pytest.mark.parametrize("negative", [None, False, True])
@pytest.mark.parametrize(
    ("label", "given"), [(0, 1), (2, 0), (-1, 1), (3, 1), (3, 0), (0, -1), (0, 3), (1, 1), (-1, -1), (3, 3)]
)
def test_a_run_with_a_step_that_would_be_refused(label, given, negative, policy):
    """None of its steps is executed, whichever it is: its label is none, or a host's wrong one is none or is right."""
    device = GoldenDevice(NetworkConfig(features=4, layers=(4,), lanes=4, classes=3))
    device.network.write_register("negative_policy", policy)
    of_pair = negative is None and policy == NegativePolicy.HOST
    refused = not 0 <= label < 3 or (of_pair and (not 0 <= given < 3 or given == label))
    for place in range(3):
        labels, wrong = np.array([0, 1, 2]), np.array([1, 2, 0])
        labels[place] = label
        if negative is None:
            wrong[place] = given
        before = device.network.counters["clocks"]
        status, steps = device.train_run(np.ones((3, 4), np.uint8), labels, wrong, negative)
        assert (status, steps is None) == ((Status.BAD_VALUE, True) if refused else (Status.OK, False))
        assert (device.network.counters["clocks"] == before) == refused


def test_the_last_sample_of_a_run_stays_loaded():
    config = NetworkConfig(features=4, layers=(4,), lanes=4, classes=3)
    device = GoldenDevice(config)
    device.network.weights = initial_weights(config, 1)
    x = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    device.train_run(x, np.array([0, 1, 2]), np.array([1, 2, 0]), None)
    for number, command in enumerate(((Opcode.IDENTIFY, b"abcd"), (Opcode.INFER, b""))):
        device.write(encode_frame(number, *command))
    *_, answer = filter(None, device.read(1 << 10).split(DELIMITER))
    _, status, said = decode_frame(answer)
    label, total = device.network.infer(x[2])
    assert (status, said) == (Status.OK, bytes((label,)) + total.to_bytes(5, "little"))
    assert total not in (device.network.infer(x[0])[1], device.network.infer(x[1])[1])
