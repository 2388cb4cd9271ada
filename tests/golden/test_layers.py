"""The compiled layers against those in NumPy: whole conversations, bit for bit."""

import numpy as np
import pytest

from ffpga_golden import Fields, NetworkConfig, initial_weights, network_of
from ffpga_golden.compiled.layers import CompiledLayers
from ffpga_golden.layers import Layers
from ffpga_golden.recurrent import fastest_layers

CONFIGURATIONS = [
    {"features": 30, "layers": (24, 8), "classes": 5},
    {"features": 300, "layers": (40, 16, 8), "classes": 10},
    {"features": 20, "layers": (3, 5), "lanes": 1, "classes": 3},
    {"features": 40, "layers": (16, 8), "classes": 4, "weight_bits": 16},
    {"features": 40, "layers": (16, 8), "classes": 0},
    {"features": 40, "layers": (16, 8, 8), "classes": 4, "black_box": True},
    {"features": 40, "layers": (16, 8), "classes": 4, "recurrent": True},
    {
        "features": 96, "layers": (48, 16, 8), "classes": 4, "black_box": True,
        "fields": (Fields(tile=16, blocks=((0, 1), (1, 2), (4, 5))), Fields(tile=1, blocks=((0, 9), (9, 47))), None),
    },
    {
        "features": 40, "layers": (24, 24), "lanes": 4, "classes": 0, "weight_bits": 16, "memory_ports": 2,
        "fields": (Fields(tile=8, blocks=((0, 1, 4), (1, 2, 4))), Fields(tile=4, blocks=((0, 5), (2, 3), (4, 5)))),
    },
]  # fmt: skip


def steps(kind, sizes, extreme, seed=3):
    """Everything that a network answers, and its weights."""
    config = NetworkConfig(**sizes)
    network, random = network_of(config, kind), np.random.RandomState(seed)
    network.weights = initial_weights(config, seed)
    if extreme:
        network.weights = [random.choice((-1, 1), w.shape, p=(0.3, 0.7)) * config.weight_max for w in network.weights]
    network.tables[:] = random.randint(0, 256, network.tables.shape)
    said = []
    for n in range(120):
        if n % 10 == 0:
            for name, value in {
                "learning_rate": random.randint(8, config.rate_max + 1),
                "objective": n // 10 % 2,
                "polarity": n // 20 % 2,
                "negative_policy": random.randint(0, 4) if config.classes else 2,
                "rounding": int(random.rand() < 0.3),
                "shortlist": random.randint(1, 4),
                "seed": random.randint(1, 1 << 30),
                "threshold0": random.choice((0, 4096 * 8)),
            }.items():
                network.write_register(name, int(value))
        x = (random.randint(0, 256, (2, config.features)) * (random.rand(2, config.features) < 0.4)).astype(np.uint8)
        if n % 17 == 0:
            x[0] = 255 * (n % 2)
        label, wrong = random.choice(max(2, config.classes), 2, replace=False).tolist()
        if n % 5 == 4:
            said += [network.infer(x[0]), network.train_phase(x[0], label, bool(n % 2))]
        else:
            said.append(network.train_pair(x[0], label, wrong, None if config.classes else x[1]))
    return said, network.counters, network.random.state, [w.tolist() for w in network.weights]


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("sizes", CONFIGURATIONS, ids=str)
def test_compiled_layers_equal_the_specification(sizes, extreme):
    assert steps(CompiledLayers, sizes, extreme) == steps(Layers, sizes, extreme)


def test_the_compiled_layers_are_taken_where_numba_is_installed():
    assert fastest_layers() is CompiledLayers
