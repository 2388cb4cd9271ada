"""Without labels: a chip learns features of images, and scikit-learn reads its activities out.

Real images are the positive data, hybrids of two the negative ones; 50 labelled samples train the read-out.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ffpga
from ffpga.training.unsupervised import read_activities, train_unsupervised

LABELLED = 50

data = ffpga.load_dataset("digits")
config = ffpga.NetworkConfig(features=data.features, classes=0, layers=(256,), lanes=8)

with ffpga.open("golden", config) as chip:
    learned = train_unsupervised(chip, data, epochs=6, objective="threshold", theta=1.0)
    print(f"{config}: {learned.pairs:,} pairs, no label seen")

    chip.load_sample(data.test_x[0])
    (activities,) = chip.activities()  # u8[width], value / 32, of each layer
    print(f"the first test sample excites {np.count_nonzero(activities)} of {len(activities)} neurons")

    train_features = read_activities(chip, data.train_x[:LABELLED])
    test_features = read_activities(chip, data.test_x)

for name, train, test in (
    ("activities", train_features, test_features),
    ("pixels", data.train_x[:LABELLED], data.test_x),
):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    model.fit(train.astype(float), data.train_y[:LABELLED])
    accuracy = model.score(test.astype(float), data.test_y)
    print(f"read-out of {name}: {100 * accuracy:.1f} % from {LABELLED} labelled samples")
