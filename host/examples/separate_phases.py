"""Positive and negative phases apart: positive data by day, negative data by night, prepared off-line.

The wrong labels of the night are drawn as another classifier, on the host, would mistake the samples.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression

import ffpga
from ffpga_golden import initial_weights

EPOCHS, DAY = 12, 64  # and how many samples a day has

data = ffpga.load_dataset("digits")
config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)

# Off-line: the chances of each sample's wrong labels, as logistic regression sees them, made less unequal.
x = data.train_x / 255
chances = LogisticRegression(max_iter=500).fit(x, data.train_y).predict_proba(x) ** 0.25
chances[np.arange(len(chances)), data.train_y] = 0
chances /= chances.sum(axis=1, keepdims=True)

# A phase alone has nothing to compare with but a threshold; the wrong labels are the host's.
options = ffpga.TrainingOptions(epochs=EPOCHS, objective="threshold", negatives="host")
with ffpga.open("golden", config) as chip:
    options.apply(chip)
    chip.write_weights(initial_weights(config, options.seed))
    random = np.random.RandomState(0)
    for epoch in range(EPOCHS):
        chip.write_register("learning_rate", options.learning_rate(config, epoch))
        order = random.permutation(len(data.train_x))
        for first in range(0, len(order), DAY):
            seen = order[first : first + DAY].tolist()
            for sample in seen:  # by day
                chip.submit_sample(data.train_x[sample])
                chip.submit_phase(False, int(data.train_y[sample]))
            for sample in seen:  # by night
                chip.submit_sample(data.train_x[sample])
                chip.submit_phase(True, random.choice(data.classes, p=chances[sample]))
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1:2}: {100 * ffpga.evaluate(chip, data):.1f} % of the test samples")

# The same in one call, with the chip's own hardest labels in place of the host's:
#   ffpga.train(chip, data, objective="threshold", phases="separate", negatives="replay", block=64)
