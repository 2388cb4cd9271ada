"""The recurrent network against a dense one, written down again here; what sees what and when; that it learns."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ffpga_golden import Network, NetworkConfig, RecurrentNetwork, initial_weights, network_of, registers
from ffpga_golden import arithmetic as a
from ffpga_golden.compiled.network import CompiledNetwork
from ffpga_golden.dither import field_bits, rotate, step
from ffpga_golden.layers import Layers


class Dense:
    """Whole vectors of every layer in plain integers, all of them of the step before; a row's weights one by one."""

    def __init__(self, config, weights, **values):
        self.config, self.state = config, values.get("seed", 1)
        self.w = [w.astype(int) for w in weights]
        self.registers = SimpleNamespace(**{**{r.name: r.reset for r in registers(config)}, **values})

    def vector(self, layer, sample, states, label):
        """All inputs of a layer, by rows; `label` None: none, `states` [None, ...]: nothing from above yet."""
        config, top = self.config, self.config.depth - 1
        below = sample if layer == 0 else states[layer - 1]
        labels = np.zeros(config.classes, int)
        if label is not None:
            labels[label] = 255
        rest = labels if layer == top else np.zeros(config.layers[layer + 1], int)
        if layer < top and states[layer + 1] is not None:
            rest = states[layer + 1]
        return np.concatenate((below, rest, [255])).astype(int)

    def forward(self, layer, x):
        y = a.activity((x @ self.w[layer]).astype(float), self.config.activity_shift[layer]).astype(int)
        return y, int((y * y).sum())

    def learn(self, layer, x, d, c):
        """Rows of inputs, then the bias, then the label's."""
        config, u = self.config, self.registers.learning_rate
        g = [(c * int(n) + 16) >> 5 for n in d]
        label_rows = range(config.inputs(layer), len(x) - 1) if layer == config.depth - 1 else ()
        rows = [row for row in range(len(x) - 1) if row not in label_rows] + [len(x) - 1, *label_rows]
        for row in rows:
            if not x[row]:
                continue
            self.state = step(self.state)
            for j in range(len(g)):
                noise = rotate(self.state, 4 * j) >> (field_bits(u) - u) & (1 << u) - 1
                new = self.w[layer][row, j] + ((int(x[row]) * g[j] + noise) >> u)
                self.w[layer][row, j] = max(-config.weight_max, min(config.weight_max, new))

    def bottom_up(self, sample):
        """States of time 0 below the top layer, and the goodness of every label above them."""
        depth = self.config.depth
        states = [None] * depth
        for layer in range(depth - 1):
            y, total = self.forward(layer, self.vector(layer, sample, states, None))
            states[layer] = a.normalise(y, total)
        tops = [self.forward(depth - 1, self.vector(depth - 1, sample, states, n)) for n in range(self.config.classes)]
        return states, tops

    def phases(self, sample, signs):
        """Time steps of phases {label: sign of its d}; returns the last step's (G, c)."""
        config, held = self.config, self.registers
        start, tops = self.bottom_up(sample)
        states = {label: [*start[:-1], a.normalise(*tops[label])] for label in signs}
        for _ in range(held.time_steps):
            told, after = [], {label: [] for label in signs}
            for layer in range(config.depth):
                x = {label: self.vector(layer, sample, states[label], label) for label in signs}
                found = {label: self.forward(layer, x[label]) for label in signs}
                (first, _), *other = ((found[label][1], label) for label in signs)
                threshold = getattr(held, f"threshold{layer}")
                margin = first - other[0][0] if other else signs[next(iter(signs))] * (first - threshold)
                c = a.probability(margin, getattr(held, f"temperature{layer}"), held.update_gate)
                for label, sign in signs.items():
                    told.append((found[label][1], c))
                    if c:
                        self.learn(layer, x[label], sign * found[label][0], c)
                    after[label].append(a.normalise(*found[label]))
            states = after
        return told

    def hardest(self, sample, label):
        totals = [total for _, total in self.bottom_up(sample)[1]]
        return max((n for n in range(len(totals)) if n != label), key=lambda n: (totals[n], -n))


@pytest.mark.parametrize("layers", [(8, 5), (6, 4, 3)])
@pytest.mark.parametrize("objective", [0, 1])
def test_it_is_the_dense_network(layers, objective):
    config = NetworkConfig(features=12, classes=4, layers=layers, lanes=1, recurrent=True)
    values = {"objective": objective, "time_steps": 3, "learning_rate": 13, "seed": 77}
    dense = Dense(config, initial_weights(config, 5), **values)
    network = RecurrentNetwork.initialised(config, 5)
    for name, value in values.items():
        network.write_register(name, value)
    random = np.random.RandomState(1)
    for _ in range(6):
        x = random.randint(0, 256, 12) * (random.rand(12) < 0.5)
        label = int(random.randint(4))
        said = network.train_pair(x.astype(np.uint8), label)
        if objective:
            entries = dense.phases(x, {label: 1})
            wrong = dense.hardest(x, label)
            entries += dense.phases(x, {wrong: -1})
        else:
            wrong = dense.hardest(x, label)
            entries = dense.phases(x, {label: 1, wrong: -1})
        assert (said.entries, said.label) == (entries, wrong)
        assert network.random.state == dense.state
        for own, w in zip(network.weights, dense.w, strict=True):
            assert np.array_equal(own, w)


def test_a_label_comes_down_a_layer_in_a_time_step():
    config = NetworkConfig(features=12, classes=4, layers=(8, 8, 8), recurrent=True)
    network = RecurrentNetwork.initialised(config, 3)
    x = np.random.RandomState(0).randint(0, 256, 12).astype(np.uint8)
    different = []
    for steps in (1, 2):
        network.write_register("time_steps", steps)
        different.append([len(set(goodness)) > 1 for goodness in network.goodness(x).T.tolist()])
    assert different == [[False, True, True], [True, True, True]]


def test_an_inference_adds_up_all_layers_and_time_steps():
    config = NetworkConfig(features=12, classes=4, layers=(8, 8), recurrent=True)
    network = RecurrentNetwork.initialised(config, 3)
    for n in range(20):
        x = np.random.RandomState(n).randint(0, 256, 12).astype(np.uint8)
        totals = network.goodness(x).sum(axis=1)
        network.write_register("shortlist", 4)
        assert network.infer(x) == (int(np.argmax(totals)), int(totals.max()))
        tops = Dense(config, network.weights).bottom_up(x)[1]
        best = max(range(4), key=lambda label: (tops[label][1], -label))
        network.write_register("shortlist", 1)
        assert network.infer(x) == (best, tops[best][1])


def test_a_step_waits_for_the_list_of_its_own_phase():
    """Nothing is active in the top layer, then all of it is under the wrong label alone: that list is there later."""
    config = NetworkConfig(features=1, classes=2, layers=(8, 64), lanes=8, recurrent=True)
    waited = []
    for weight in (0, 127):
        network = RecurrentNetwork(config)
        network.write_weights(1, np.full(64, config.first_label + 1), np.arange(64), np.full(64, weight))
        network.write_register("time_steps", 1)
        network.train_pair(np.zeros(1, np.uint8), 0)
        waited.append(network.spent["normalise"])
    # 64 activities take a clock each, zeros half of one; 26 bits of goodness are 12 clocks sooner than none.
    assert waited[1] - waited[0] == 64 - 32 - 12


def test_lanes_change_nothing():
    digests = set()
    for lanes in (1, 4, 8):
        config = NetworkConfig(features=64, layers=(16, 8), lanes=lanes, recurrent=True)
        network = RecurrentNetwork.initialised(config, 1)
        x, y = load_digits(return_X_y=True)
        for n in range(30):
            network.train_pair((x[n] * 15).astype(np.uint8), int(y[n]))
        digests.add(hashlib.sha256(b"".join(w.tobytes() for w in network.weights)).hexdigest())
    assert len(digests) == 1


def test_the_network_of_a_configuration():
    recurrent, plain = (NetworkConfig(features=4, layers=(8, 8), recurrent=found) for found in (True, False))
    assert type(network_of(recurrent)) is RecurrentNetwork
    assert type(network_of(plain)) is CompiledNetwork and type(network_of(plain, Layers)) is Network
    with pytest.raises(ValueError, match="recurrent must be False here, not True: take `network_of`"):
        Network(recurrent)
    with pytest.raises(ValueError, match="recurrent must be True here, not False"):
        RecurrentNetwork(plain)


@pytest.mark.parametrize(("objective", "first_rate"), [(0, 17), (1, 18)])
def test_it_learns(objective, first_rate):
    """Three passes over the digits reach 88 % of those held out (seen: 92 to 95 %)."""
    x, y = load_digits(return_X_y=True)
    x = np.rint(x * 255 / 16).astype(np.uint8)
    order = np.random.RandomState(0).permutation(len(x))
    config = NetworkConfig(features=64, layers=(64, 64), recurrent=True)
    network = network_of(config)
    network.weights = initial_weights(config, 0)
    network.write_register("objective", objective)
    network.write_register("time_steps", 2)
    for epoch in range(3):
        network.write_register("learning_rate", first_rate + epoch)
        for n in order[:1437]:
            network.train_pair(x[n], int(y[n]))
    right = np.mean([network.infer(x[n])[0] == y[n] for n in order[1437:]])
    print(objective, right)
    assert right >= 0.88
