"""A classifier for scikit-learn that a device learns."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from ffpga_golden.config import MAX_CLASSES

from ..data.dataset import Dataset
from ..data.raw import listed
from ..record.beliefs import decisive_goodness, label_goodness
from ..training.field.drifting import RATE
from ..training.loop import POLL, predict, prepare, train
from ..training.options import TrainingOptions
from .network import NetworkEstimator
from .refusal import Refused, refusing


class ForwardForwardClassifier(ClassifierMixin, NetworkEstimator):
    """A classifier that learns on a device: the golden model, the simulated core or a board.

    Parameters
    ----------
    target : str
        golden, sim or serial:PORT.
    layers : tuple of int
        Widths.
    fields : str, optional
        Receptive fields of the first layer, TILE,WINDOW,STRIDE.
    shape : str, int or tuple of int, optional
        How a sample's features lie, where there are fields: 28x28, 128, 6:34; default: a square image.
    coding : str
        auto, pixels, range, onoff or population[:K]; see `ffpga.coding.fitted.Coding.fit`. NaN is a missing value.
    epochs : int
        Passes of `fit` over its samples.
    seed : int
        Of weights, order and dither: the same one gives the same weights on every device.
    rate, gate : int, optional
        First learning-rate shift u and update gate; defaults as for `ffpga train`.
    negatives : str
        How the device chooses wrong labels: hard, own or random.
    objective : str
        contrast or threshold.
    lanes, weight_bits : int
        Of the device.
    input_bits : int
        Of an input, 8, 4, 2 or 1: fewer lose values, and are fewer bytes on the line.

    Attributes
    ----------
    classes_ : array
        Labels, sorted.
    coding_ : Coding
        Fitted by `fit`, or by the first `partial_fit`, and kept.
    n_features_in_, feature_names_in_
        As scikit-learn has them.
    """

    def __init__(
        self,
        target: str = "golden",
        layers: tuple[int, ...] = (64, 64),
        fields: str | None = None,
        shape: str | int | tuple[int, ...] | None = None,
        coding: str = "auto",
        epochs: int = 30,
        seed: int = 0,
        rate: int | None = None,
        gate: int | None = None,
        negatives: str = "hard",
        objective: str = "contrast",
        lanes: int = 8,
        weight_bits: int = 8,
        input_bits: int = 8,
    ) -> None:
        self.target = target
        self.layers = layers
        self.fields = fields
        self.shape = shape
        self.coding = coding
        self.epochs = epochs
        self.seed = seed
        self.rate = rate
        self.gate = gate
        self.negatives = negatives
        self.objective = objective
        self.lanes = lanes
        self.weight_bits = weight_bits
        self.input_bits = input_bits

    @property
    def _said(self) -> dict[str, Any]:
        """Options of training."""
        if self.negatives not in ("hard", "own", "random"):
            raise Refused(f"negatives must be hard, own or random, not {self.negatives!r}")
        names = ("epochs", "seed", "rate", "gate", "negatives", "objective")
        return {name: getattr(self, name) for name in names}

    def fit(self, X: Any, y: Any) -> "ForwardForwardClassifier":
        """Trains from new weights on samples [n, features] and their labels [n].

        Raises
        ------
        Refused
            What is wrong, and what would be right; it is an FfpgaError and a ValueError.
        """
        with refusing():
            x, y = self._labelled(X, y)
            classes = _checked_classes(np.unique(y))
            said = self._said
            TrainingOptions(**said)
            chip = self._fitted(x, tuple(map(str, classes.tolist())))
            self.classes_ = classes
            coded, numbers = self.coding_.transform(x), np.searchsorted(classes, y)
            # `train` tests after every epoch: one sample is the least that it takes.
            data = Dataset(
                "the samples", coded, numbers, coded[:1], numbers[:1], len(classes), str(self.coding_),
                prepared=chip.prepared,
            )  # fmt: skip
            train(chip.learning(), data, **said)
            self._streamed = RATE
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> "ForwardForwardClassifier":
        """Learns on from samples in the order in which they come, each of them once.

        The first call, where no `fit` was before, fits the coding and fixes the classes. The learning-rate shift is
        that of a first epoch, and one more after `fit`, unless `rate` says it.

        Parameters
        ----------
        X, y
            Samples [n, features] and their labels [n].
        classes : array, optional
            All labels that may ever come; needed at the first call.

        Raises
        ------
        Refused
            A label was never announced, or what `fit` refuses.
        """
        with refusing():
            first = not hasattr(self, "classes_")
            if first and classes is None:
                raise Refused(
                    "classes must be announced at the first partial_fit, not left out: pass classes=[...], all labels "
                    "that may ever come"
                )
            x, y = self._labelled(X, y, reset=first)
            announced = None if classes is None else _checked_classes(np.unique(np.asarray(classes)))
            known = announced if first else self.classes_
            assert known is not None
            if announced is not None and not np.array_equal(announced, known):
                raise Refused(
                    f"classes must stay those of the first call ({listed(known.tolist())}), not become "
                    f"{listed(announced.tolist())}: leave them out, or fit again"
                )
            strange = ~np.isin(y, known)
            if strange.any():
                raise Refused(
                    f"label must be one of the classes that were announced ({listed(known.tolist())}), not "
                    f"{y[strange][:1].tolist()[0]!r}: fit again with it, or announce it at the first partial_fit"
                )
            options = TrainingOptions(**self._said)
            if first:
                chip = self._fitted(x, tuple(map(str, known.tolist())))
                prepare(chip.learning(), options)
                self.classes_, self._streamed = known, 0
            device = self._chip.learning()
            rate = options.first_rate(device.config) + (self._streamed if self.rate is None else 0)
            device.write_register("learning_rate", min(device.config.rate_max, rate))
            numbers = np.searchsorted(known, y).tolist()
            for done, (sample, label) in enumerate(zip(self.coding_.transform(x), numbers, strict=True), start=1):
                device.submit_sample(sample)
                device.submit_pair(label)
                if done % POLL == 0:
                    device.submit_counters()
            device.counters()
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The device's answers, labels [n]."""
        coded = self._coded(X)
        with refusing():
            labels = predict(self._chip.device, coded)
        return self.classes_[labels]

    def goodness(self, X: Any) -> np.ndarray:
        """Mean square activity of each sample under each label, float64[n, classes]: the answer has the most.

        A device tells no other label's than the answer's, so it is calculated from its weights, by the golden model.
        Labels that an inference leaves after the first layer, because they are not on its shortlist, are put below
        those that are.
        """
        coded = self._coded(X)
        with refusing():
            held = self._chip.held
            found = decisive_goodness(held, coded)
            left = np.isinf(found)
            if left.any():
                first = label_goodness(held, coded)[:, :, 0] / (4096.0 * held.config.layers[0])
                worst = np.where(left, np.inf, found).min(axis=1, keepdims=True)
                above = np.where(left, first, -np.inf).max(axis=1, keepdims=True)
                # As far apart as they are in the first layer; the best of them as far below the worst listed one as
                # they are in that layer.
                listed_first = np.where(left, np.inf, first).min(axis=1, keepdims=True)
                gap = np.maximum(listed_first - above, 1 / (4096.0 * held.config.layers[0]))
                found = np.where(left, worst - gap - (above - first), found)
        return found

    def decision_function(self, X: Any) -> np.ndarray:
        """`goodness`; of two classes the second one's less the first one's, float64[n]."""
        found = self.goodness(X)
        return found[:, 1] - found[:, 0] if len(self.classes_) == 2 else found

    def predict_proba(self, X: Any) -> np.ndarray:
        """Softmax of `goodness` times 4, the slope of the device's own probability; not calibrated."""
        found = TrainingOptions.alpha * self.goodness(X)
        found = np.exp(found - found.max(axis=1, keepdims=True))
        return found / found.sum(axis=1, keepdims=True)

    def _labelled(self, X: Any, y: Any, **checks: Any) -> tuple[np.ndarray, np.ndarray]:
        x, y = self._numbers(X, y, **checks)
        check_classification_targets(y)
        return x, column_or_1d(y, warn=True)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")


def _checked_classes(classes: np.ndarray) -> np.ndarray:
    if len(classes) == 1:
        raise Refused(f"y must have 2 to {MAX_CLASSES} classes, not one class, {classes.tolist()[0]!r}")
    if len(classes) > MAX_CLASSES:
        raise Refused(
            f"y must have 2 to {MAX_CLASSES} classes, not {len(classes)} ({listed(classes.tolist())}): put some of "
            "them together"
        )
    return classes
