"""What a network makes of each label of a sample, by the golden model's arithmetic: the device tells only the best."""

import numpy as np

from ffpga_golden.layers import Layers
from ffpga_golden.recurrent import RecurrentNetwork, fastest_layers
from ffpga_golden.registers import Polarity

from ..training.checkpoint import Checkpoint


def label_goodness(held: Checkpoint, x: np.ndarray) -> np.ndarray:
    """Sums of squares int64[n, classes, depth] of samples u8[n, features] under every label.

    They are those that the device adds up in an inference of a shortlist of all labels.
    """
    config = held.config
    if config.recurrent:
        network = _recurrent(held)
        return np.array([network.goodness(sample) for sample in x]).reshape(len(x), config.classes, config.depth)
    if held.order is not None:
        x = x[:, held.order]
    layers = Layers(config)
    layers.weights = held.weights
    out = np.zeros((len(x), config.classes, config.depth), np.int64)
    for n, sample in enumerate(x):
        z = layers.preactivation(0, layers.inputs(0, sample))
        ys, totals = layers.score(z, list(range(config.classes)))
        for label in range(config.classes):
            y, total = ys[label], int(totals[label])
            out[n, label, 0] = total
            for layer in range(1, config.depth):
                below = layers.normalised(y, total)
                if held.tables is not None:
                    below = held.tables[layer - 1][below]
                y, total = layers.activity(layer, layers.preactivation(layer, layers.inputs(layer, below)))
                out[n, label, layer] = total
    return out


def shortlist_goodness(held: Checkpoint, x: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Sums of squares int64[n, classes] that an inference makes its shortlist by; `squares` are `label_goodness`.

    They are those of the first layer; in a recurrent network those of the top one before its first time step.
    """
    if not held.config.recurrent:
        return squares[:, :, 0]
    network = _recurrent(held)
    return np.array([network.bottom_up_goodness(sample) for sample in x]).reshape(len(x), held.config.classes)


def decisive_goodness(held: Checkpoint, x: np.ndarray) -> np.ndarray:
    """What an inference decides by, float64[n, classes] as mean square activity: the answer has the most.

    It is that of all layers, and minus infinity for a label that is not on the shortlist; with a shortlist of one
    label, that of the layer which makes it. Minus goodness is the sum of squares under the polarity minus.
    """
    config, shortlist = held.config, held.registers["shortlist"]
    sign = -1 if held.registers["polarity"] == Polarity.MINUS_SUM_OF_SQUARES else 1
    squares = label_goodness(held, x)
    listing = sign * shortlist_goodness(held, x, squares)
    if shortlist == 1:
        return listing / (4096.0 * config.layers[config.label_layer])
    times = held.registers["time_steps"] if config.recurrent else 1
    sums = sign * squares.sum(axis=2) / (4096.0 * times * sum(config.layers))
    order = np.argsort(-listing, axis=1, kind="stable")
    np.put_along_axis(sums, order[:, shortlist:], -np.inf, axis=1)
    return sums


def _recurrent(held: Checkpoint) -> RecurrentNetwork:
    network = RecurrentNetwork(held.config, fastest_layers())
    network.weights = held.weights
    network.registers.update(held.registers)
    return network
