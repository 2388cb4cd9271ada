"""Which neurons are never active on the test samples under their true labels: of a run of `ffpga train`, or of digits.

python host/examples/silent.py [RUN/checkpoint.npz DATA]
"""

import sys

import numpy as np

import ffpga
from ffpga_golden.arithmetic import LABEL_VALUE, activity, normalise, sum_of_squares

if len(sys.argv) > 1:
    held, data = ffpga.load_checkpoint(sys.argv[1]), ffpga.load_dataset(sys.argv[2])
    config, order, weights = held.config, held.order, held.weights
else:
    data, order = ffpga.load_dataset("digits"), None
    config = ffpga.NetworkConfig(features=64, classes=10, layers=(64, 64), lanes=8)
    with ffpga.open("golden", config) as chip:
        ffpga.train(chip, data, epochs=5)
        weights = chip.read_weights()

first, *above = (layer.astype(np.int64) for layer in weights)
first = ffpga.fields.by_feature(config, first, order)  # a row a pixel, then a row a label, then the bias
x = data.test_x.astype(np.int64)
z = x @ first[: config.features] + LABEL_VALUE * (first[config.features + data.test_y] + first[-1])
for layer, width in enumerate(config.layers):
    y = activity(z, config.activity_shift[layer]).astype(np.int64)
    often = (y > 0).mean(axis=0)  # share of the samples, of each neuron
    print(
        f"layer {layer + 1}: {np.sum(often == 0)} of {width} neurons are never active, {np.sum(often < 0.01)} on less "
        f"than 1 % of the samples; {100 * often.mean():.1f} % of them at a time"
    )
    if layer < len(above):
        x = np.stack([normalise(one, int(total)) for one, total in zip(y, sum_of_squares(y), strict=True)])
        z = x.astype(np.int64) @ above[layer][:-1] + LABEL_VALUE * above[layer][-1]
