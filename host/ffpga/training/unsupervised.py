"""Learning without labels: real images against hybrids of two, and a linear read-out of what was learned."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..data.dataset import Dataset
from ..data.images import hybrid, side
from ..driver.device import Device
from ..errors import FfpgaError
from .loop import POLL, REPORT, Progress, prepare
from .options import TrainingOptions


@dataclass
class UnsupervisedResult:
    """What an unsupervised run did."""

    pairs: int
    clocks: int
    seconds: float
    updates_skipped: list[float] = field(default_factory=list)  #: share of each epoch


def train_unsupervised(
    device: Device, data: Dataset, *, progress: Progress | None = None, **options: Any
) -> UnsupervisedResult:
    """Trains a device without classes on a data set's images; its labels are not used.

    The negative sample of each pair is a hybrid of its positive one with another training image, drawn at random
    (Hinton 2022, section 3.2).

    Parameters
    ----------
    device, data
        A device of 0 classes, and square images.
    **options
        See `TrainingOptions`; `negatives`, `phases` and `shift` have no meaning here.

    Raises
    ------
    FfpgaError
        The device has classes or another number of features, or the samples are no square images.
    """
    chosen = TrainingOptions(**{**options, "negatives": "host"})
    if device.config.classes:
        raise FfpgaError(f"unsupervised training needs a device of 0 classes, not {device.config.classes}")
    if device.config.features != data.features:
        raise FfpgaError(f"the device has {device.config.features} features, {data.name} {data.features}")
    side(data.features)
    prepare(device, chosen)
    started, first = time.perf_counter(), device.counters()
    result = UnsupervisedResult(0, 0, 0.0)
    images, total = data.train_x, len(data.train_x)
    for epoch in range(chosen.epochs):
        random = np.random.RandomState([chosen.seed, epoch])
        device.write_register("learning_rate", chosen.learning_rate(device.config, epoch))
        before = device.counters()
        for done, sample in enumerate(random.permutation(total).tolist(), start=1):
            other = random.randint(total)
            device.submit_sample(images[sample], 0)
            device.submit_sample(hybrid(images[sample], images[other], random), 1)
            device.submit_pair(0)
            if done % POLL == 0:
                device.submit_counters()
            if progress is not None and (done % REPORT == 0 or done == total):
                progress(f"epoch {epoch + 1}", done, total)
        after = device.counters()
        made, skipped = (after[name] - before[name] for name in ("updates", "updates_skipped"))
        result.updates_skipped.append(skipped / (made + skipped))
    result.pairs = after["pairs"] - first["pairs"]
    result.clocks = after["clocks"] - first["clocks"]
    result.seconds = time.perf_counter() - started
    return result


def read_activities(device: Device, x: np.ndarray, *, progress: Progress | None = None) -> np.ndarray:
    """Normalised activities of all layers, u8[n, sum of widths], of samples u8[n, features].

    Raises
    ------
    FfpgaError
        The device has classes; or it has no activities at all, because it was never trained.
    """
    out: list[np.ndarray] = []
    for done, sample in enumerate(x, start=1):
        device.submit_sample(sample)
        device.submit_activities(out.append)
        if done % POLL == 0:
            device.submit_counters()
        if progress is not None and (done % REPORT == 0 or done == len(x)):
            progress("activities", done, len(x))
    device.flush()
    activities = np.stack(out)
    if not activities.any():
        raise FfpgaError("the device has no activities for these samples: train it or write a checkpoint's weights")
    return activities


def read_out(train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray) -> float:
    """Test accuracy of a linear read-out (logistic regression, scikit-learn) of features, 0 to 1."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200))
    model.fit(train_x.astype(np.float32), train_y)
    return float(model.score(test_x.astype(np.float32), test_y))
