"""Learning what is normal, without labels: samples against mixtures of them, and how familiar a sample is."""

import numpy as np

from ffpga_golden.config import MAX_FEATURES

from ..driver.device import Device
from ..driver.runs import RUN, unlabelled_runs_of
from ..errors import FfpgaError
from .loop import POLL, REPORT, Progress, prepare
from .options import TrainingOptions

#: Probability with which a column of a mixture is another sample's.
MIXED = 0.5
#: What codes the features: a population of so many centres, or of as many as the device's inputs allow.
CENTRES = 8


def mixtures(x: np.ndarray, others: np.ndarray, columns: int, random: np.random.RandomState) -> np.ndarray:
    """Samples in which each column was, with probability one half, taken from another sample.

    Each value is one that its column does have; only that they come together is not normal.

    Parameters
    ----------
    x : array
        u8[n, inputs].
    others : array
        u8[m, inputs], where the columns come from, each of a sample of its own.
    columns : int
        Inputs that belong together, side by side, are a column: so many columns has a sample.
    random : RandomState
    """
    inputs = x.shape[1]
    taken = random.rand(len(x), columns) < MIXED
    rows = random.randint(len(others), size=(len(x), columns))
    apart = others.reshape(len(others), columns, inputs // columns)[rows, np.arange(columns)]
    return np.where(taken[:, :, None], apart, x.reshape(len(x), columns, -1)).reshape(len(x), inputs)


def learn_normal(
    device: Device, x: np.ndarray, columns: int, options: TrainingOptions, progress: Progress | None = None
) -> None:
    """Trains a device of 0 classes from new weights: positive data are samples, negative data mixtures of them.

    Parameters
    ----------
    x : array
        Coded samples u8[n, inputs], all of them normal.
    columns : int
        As for `mixtures`.
    options : TrainingOptions
        Its negatives are `host`.

    Raises
    ------
    FfpgaError
        The device has classes, or other inputs.
    """
    check_unlabelled(device)
    prepare(device, options)
    for epoch in range(options.epochs):
        random = np.random.RandomState([options.seed, epoch])
        device.write_register("learning_rate", options.learning_rate(device.config, epoch))
        order = random.permutation(len(x))
        follow(device, x[order], mixtures(x[order], x, columns, random), f"epoch {epoch + 1}", progress)


def follow(
    device: Device, positive: np.ndarray, negative: np.ndarray, what: str = "", progress: Progress | None = None
) -> None:
    """A training step for each positive sample u8[n, inputs] and the negative one beside it, in their order."""
    runs = unlabelled_runs_of(device)
    if runs is not None:
        for first in range(0, len(positive), RUN):
            runs.pairs(positive[first : first + RUN], negative[first : first + RUN])
            device.submit_counters()
            if progress is not None:
                progress(what, min(first + RUN, len(positive)), len(positive))
        return
    for done, (sample, mixed) in enumerate(zip(positive, negative, strict=True), start=1):
        device.submit_sample(sample, 0)
        device.submit_sample(mixed, 1)
        device.submit_pair(0)
        if done % POLL == 0:
            device.submit_counters()
        if progress is not None and (done % REPORT == 0 or done == len(positive)):
            progress(what, done, len(positive))
    device.counters()


def familiarity(device: Device, x: np.ndarray) -> np.ndarray:
    """Goodness of samples u8[n, inputs] as mean square activity of all layers, float64[n]: low where one is strange."""
    runs = unlabelled_runs_of(device)
    if runs is not None:
        return runs.sums(x) / (4096.0 * sum(device.config.layers))
    totals: list[int] = []
    for done, sample in enumerate(x, start=1):
        device.submit_sample(sample)
        device.submit_infer(lambda _, total: totals.append(total))
        if done % POLL == 0:
            device.submit_counters()
    device.flush()
    return np.array(totals, np.float64) / (4096.0 * sum(device.config.layers))


def alarm_threshold(goodness: np.ndarray, share: float) -> float:
    """The goodness below which at most a share of these normal samples, which were not trained on, would alarm."""
    return float(np.quantile(goodness, share, method="lower"))


def check_unlabelled(device: Device) -> None:
    """FfpgaError where a device has classes."""
    if device.config.classes:
        raise FfpgaError(
            f"learning what is normal needs a device of 0 classes, not {device.config.classes}: open one without labels"
        )


def population_of(features: int) -> str:
    """What codes so many features to learn what is normal.

    Raises
    ------
    FfpgaError
        A device has no two inputs for each of them.
    """
    centres = min(CENTRES, MAX_FEATURES // features)
    if centres < 2:
        raise FfpgaError(
            f"features must be at most {MAX_FEATURES // 2} for a population of two centres each, not {features}: "
            "choose or pool some, or say coding='range'"
        )
    return f"population:{centres}"
