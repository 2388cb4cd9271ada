"""Initial weights."""

import numpy as np

from .arithmetic import saturate
from .config import NetworkConfig


def initial_weights(config: NetworkConfig, seed: int) -> list[np.ndarray]:
    """Normal noise, int16[rows, width] a layer; the same for every number of lanes.

    Standard deviations: of n features that a neuron sees 0.5 / sqrt(0.1 n), of n inputs of a layer above 1 / sqrt(n),
    labels 0.2, bias 0. Inputs from the layer above, in a recurrent network, 1 / sqrt(n); in layer 0, whose inputs count
    an eighth, 8 times.
    """
    random = np.random.RandomState(seed)  # its stream is frozen across NumPy versions
    unit = 64 if config.weight_bits == 8 else 4096
    layers = []
    for layer, width in enumerate(config.layers):
        inputs, above = config.seen(layer), config.above(layer)
        deviation = np.zeros(config.rows(layer))
        deviation[:inputs] = 0.5 / np.sqrt(0.1 * inputs) if layer == 0 else 1 / np.sqrt(inputs)
        deviation[inputs:-1] = 0.2
        if above:
            deviation[inputs:-1] = (8 if layer == 0 else 1) / np.sqrt(above)
        noise = random.standard_normal((config.rows(layer), width)) * deviation[:, None]
        layers.append(saturate(np.rint(noise * unit), config.weight_max).astype(np.int16))
    return layers
