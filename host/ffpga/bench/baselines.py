"""What others make of the same data, in the same run: their accuracies stand beside the chip's."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset
from ..driver.opening import open_device
from ..training.loop import prepare
from ..training.options import TrainingOptions
from ..training.unsupervised import read_activities, read_out

EPOCHS = 20


def raw_pixels(data: Dataset, layers: tuple[int, ...], seed: int) -> float:
    """The linear read-out on the features themselves: logistic regression (scikit-learn)."""
    return read_out(data.train_x, data.train_y, data.test_x, data.test_y)


def random_weights(data: Dataset, layers: tuple[int, ...], seed: int) -> float:
    """The linear read-out on the activities of a chip with initial weights."""
    with open_device("golden", NetworkConfig(features=data.features, classes=0, layers=layers)) as device:
        prepare(device, TrainingOptions(seed=seed, negatives="host"))
        train_x, test_x = (read_activities(device, x) for x in (data.train_x, data.test_x))
    return read_out(train_x, data.train_y, test_x, data.test_y)


def backpropagation(data: Dataset, layers: tuple[int, ...], seed: int) -> float:
    """A multilayer perceptron of the same layers in float (scikit-learn; Adam, batches of 200, 20 epochs)."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(layers, max_iter=EPOCHS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped after so many epochs on purpose
        model.fit(data.train_x / np.float32(255), data.train_y)
    return float(model.score(data.test_x / np.float32(255), data.test_y))


def float_forward_forward(data: Dataset, layers: tuple[int, ...], seed: int, batch: int = 10) -> float:
    """The chip's algorithm in float: contrast objective, hard negatives, batches of 10, 20 epochs, no quantisation."""
    random = np.random.RandomState(seed)
    features, classes = data.features, data.classes
    deviations = [0.5 / np.sqrt(0.1 * features), *(1 / np.sqrt(n) for n in layers[:-1])]
    sizes = [features, *layers[:-1]]
    weights = [random.randn(n, m) * d for n, m, d in zip(sizes, layers, deviations, strict=True)]
    w, labels = [a.astype(np.float32) for a in weights], (0.2 * random.randn(classes, layers[0])).astype(np.float32)
    biases = [np.zeros(m, np.float32) for m in layers]

    def scored(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y = np.maximum((x @ w[0] + biases[0])[:, None] + labels, 0)
        return y, (y * y).mean(axis=2)

    def normal(y: np.ndarray) -> np.ndarray:
        return y / np.sqrt((y * y).mean(axis=-1, keepdims=True) + 1e-6)

    for epoch in range(EPOCHS):
        rate = 2.0**-6 * (1 - epoch / EPOCHS) / np.sqrt(batch)
        for at in np.array_split(random.permutation(len(data.train_x)), len(data.train_x) // batch):
            x, true, every = data.train_x[at] / np.float32(256), data.train_y[at], np.arange(len(at))
            y, goodness = scored(x)
            goodness[every, true] = -np.inf
            wrong = goodness.argmax(axis=1)
            below = [x, x]
            both = [y[every, true], y[every, wrong]]
            for n in range(len(layers)):
                if n:
                    both = [np.maximum(b @ w[n] + biases[n], 0) for b in below]
                margin = sum(s * (y * y).mean(axis=1) for s, y in zip((1, -1), both, strict=True))
                c = 1 / (1 + np.exp(np.clip(4 * margin, -30, 30)))[:, None]
                g = [rate * c * both[0], -rate * c * both[1]]
                above = [normal(y) for y in both]
                w[n] += below[0].T @ g[0] + below[1].T @ g[1]
                biases[n] += (g[0] + g[1]).sum(axis=0)
                if n == 0:
                    np.add.at(labels, true, g[0])
                    np.add.at(labels, wrong, g[1])
                below = above
    right = 0
    for at in np.array_split(np.arange(len(data.test_x)), max(1, len(data.test_x) // 500)):
        y, total = scored(data.test_x[at] / np.float32(256))
        for n in range(1, len(layers)):
            y = np.maximum(normal(y) @ w[n] + biases[n], 0)
            total = total + (y * y).mean(axis=2)
        right += int((total.argmax(axis=1) == data.test_y[at]).sum())
    return right / len(data.test_x)


#: Accuracy on the test samples, 0 to 1, of (data, layers, seed).
BASELINES: dict[str, Callable[[Dataset, tuple[int, ...], int], Any]] = {
    "raw pixels": raw_pixels,
    "random weights": random_weights,
    "backpropagation": backpropagation,
    "float forward-forward": float_forward_forward,
}
