"""Inference that ends at the first layer where that is sure of itself: accuracy against clocks, on the golden model.

The core does not have it. An inference of a shortlist of 1 is one that always ends there, one of 2 never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ffpga_golden import GoldenDevice, Network, Polarity
from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset
from ..driver.device import Device
from ..driver.link import DirectLink
from ..fields import order_of
from ..markdown import table
from ..training.loop import Progress, train

#: Margins of goodness from which on an inference would end at the first layer, as powers of two: cheap to compare with.
MARGINS = tuple(range(16, 27))


@dataclass
class Inferences:
    """What an inference of each test sample gave, with one label of the shortlist and with two."""

    margins: np.ndarray  #: first layer's goodness of the best label less that of the second best, int64[n]
    right: np.ndarray  #: whether the label was right, bool[2, n]
    clocks: np.ndarray  #: int64[2, n]

    def ending(self, margin: float) -> dict[str, float]:
        """Accuracy, clocks an inference, and the share that ends, where a margin of at least this ends it."""
        ends = self.margins >= margin
        return {
            "ends": float(ends.mean()),
            "accuracy": float(np.where(ends, *self.right).mean()),
            "clocks": float(np.where(ends, *self.clocks).mean()),
        }


def infer_both(network: Network, data: Dataset) -> Inferences:
    """Inferences of all test samples; the network has at least 2 classes, and takes features in the order of tiles."""
    order = order_of(network.config, data.shape)
    layers, every = network.layers, list(range(network.config.classes))
    sign = -1 if network.registers["polarity"] == Polarity.MINUS_SUM_OF_SQUARES else 1
    count = len(data.test_x)
    found = Inferences(np.zeros(count, np.int64), np.zeros((2, count), bool), np.zeros((2, count), np.int64))
    samples = data.test_x if order is None else data.test_x[:, order]
    for n, (x, truth) in enumerate(zip(samples, data.test_y.tolist(), strict=True)):
        _, totals = layers.score(layers.preactivation(0, layers.inputs(0, x)), every)
        second, best = np.sort(sign * np.asarray(totals, np.int64))[-2:]
        found.margins[n] = best - second
        for shortlist in (1, 2):
            network.write_register("shortlist", shortlist)
            before = network.counters["clocks"]
            label, _ = network.infer(x)
            found.right[shortlist - 1, n] = label == truth
            found.clocks[shortlist - 1, n] = network.counters["clocks"] - before & 0xFFFF_FFFF
    return found


def early_stop(
    config: NetworkConfig, data: Dataset, *, seeds: int, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """Trains a network from each of some seeds, and says what ending early would give.

    Parameters
    ----------
    seeds : int
        Seeds 0 to `seeds` - 1.
    **options
        See `TrainingOptions`.

    Returns
    -------
    dict
        `lines`: for each margin (None: never) `ends`, `accuracy` and `clocks`, means over the seeds; and `accuracies`,
        one a seed.
    """
    margins = [0.0, *(float(1 << m) for m in MARGINS), float("inf")]
    by_seed: list[list[dict[str, float]]] = []
    for seed in range(seeds):
        golden = GoldenDevice(config)
        with Device(golden, config, order=order_of(config, data.shape), link=DirectLink(golden)) as device:
            train(device, data, seed=seed, progress=progress, **options)
        found = infer_both(golden.network, data)
        by_seed.append([found.ending(margin) for margin in margins])
    lines = []
    for margin, runs in zip(margins, zip(*by_seed, strict=True), strict=True):
        means = {name: float(np.mean([run[name] for run in runs])) for name in ("ends", "accuracy", "clocks")}
        accuracies = [run["accuracy"] for run in runs]
        lines.append({"margin": None if margin == float("inf") else int(margin), **means, "accuracies": accuracies})
    return {"configuration": str(config), "seeds": seeds, "options": options, "lines": lines}


def early_stop_table(lines: Sequence[dict[str, Any]]) -> str:
    """Accuracy against clocks, as Markdown; margins that change nothing are left out."""
    rows: list[tuple[str, ...]] = []
    for line in lines:
        margin = line["margin"]
        name = "never" if margin is None else "always" if margin == 0 else f"2^{margin.bit_length() - 1}"
        row = (f"{100 * line['ends']:.1f} %", f"{line['clocks']:,.0f}", f"{100 * line['accuracy']:.2f} %")
        if not rows or margin is None or row != rows[-1][1:]:
            rows.append((name, *row))
    return table(("ends at a margin of", "inferences that end", "clocks", "accuracy"), rows)
