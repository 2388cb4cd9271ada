"""A detector of what is not normal, for scikit-learn, that a device learns without labels."""

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import OutlierMixin

from ..training.normal import alarm_threshold, familiarity, follow, learn_normal, mixtures, population_of
from ..training.options import TrainingOptions
from .network import NetworkEstimator
from .refusal import Refused, refusing


class ForwardForwardDetector(OutlierMixin, NetworkEstimator):
    """Learns what is normal on a device, and tells what is not: goodness is high for what is familiar.

    Positive data are the samples, negative data mixtures of them: each column was with probability one half taken from
    another sample. So it learns which values come together, and a sample of low goodness has values that do not.

    Parameters
    ----------
    target, layers, fields, shape, lanes, weight_bits, input_bits
        As of `ForwardForwardClassifier`.
    coding : str
        As of `ForwardForwardClassifier`, but auto is population:8, or as many centres as a device has inputs for.
    epochs, seed, rate, gate
        As of `ForwardForwardClassifier`, for the threshold objective.
    theta : float
        Threshold of goodness, as mean square activity, between what is normal and mixtures.
    false_alarms : float
        Share of normal samples that may be called strange, 0 to 0.5: `held_out` of those to fit set the threshold.
    held_out : float
        Share of the samples to fit that are not trained on, above 0 and below 1.
    contamination : float, optional
        Share of the samples to fit that are outliers themselves, above 0, at most 0.5: so many are called strange, and
        all are trained on. Default: `false_alarms` says the threshold.

    Attributes
    ----------
    offset_ : float
        Goodness below which a sample is strange.
    coding_, n_features_in_, feature_names_in_
        As of `ForwardForwardClassifier`.
    """

    def __init__(
        self,
        target: str = "golden",
        layers: tuple[int, ...] = (64, 64),
        fields: str | None = None,
        shape: str | int | tuple[int, ...] | None = None,
        coding: str = "auto",
        epochs: int = 20,
        seed: int = 0,
        rate: int | None = None,
        gate: int | None = None,
        theta: float = 2.0,
        false_alarms: float = 0.05,
        held_out: float = 0.2,
        contamination: float | None = None,
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
        self.theta = theta
        self.false_alarms = false_alarms
        self.held_out = held_out
        self.contamination = contamination
        self.lanes = lanes
        self.weight_bits = weight_bits
        self.input_bits = input_bits

    @property
    def _options(self) -> TrainingOptions:
        names = ("epochs", "seed", "rate", "gate", "theta")
        said = {name: getattr(self, name) for name in names}
        return TrainingOptions(objective="threshold", negatives="host", **said)

    def _kind(self, x: np.ndarray) -> str:
        if self.coding != "auto":
            return self.coding
        return population_of(x.shape[1])

    def fit(self, X: Any, y: Any = None) -> "ForwardForwardDetector":
        """Trains from new weights on samples [n, features] that are normal.

        Raises
        ------
        Refused
            What is wrong, and what would be right; it is an FfpgaError and a ValueError.
        """
        with refusing():
            self._check_shares()
            x = self._numbers(X, ensure_min_samples=2)
            options = self._options
            apart = np.zeros(len(x), bool)
            if self.contamination is None:
                order = np.random.RandomState([self.seed, len(x)]).permutation(len(x))
                apart[order[: min(len(x) - 1, max(1, round(self.held_out * len(x))))]] = True
            chip = self._fitted(x[~apart], ())
            coded = self.coding_.transform(x)
            learn_normal(chip.learning(), coded[~apart], self.coding_.features, options)
            self._memory, self._passes = coded[~apart], 0
            if self.contamination is None:
                self.offset_ = alarm_threshold(familiarity(chip.device, coded[apart]), self.false_alarms)
            else:
                self.offset_ = float(np.quantile(familiarity(chip.device, coded), self.contamination))
        return self

    def partial_fit(self, X: Any, y: Any = None) -> "ForwardForwardDetector":
        """Learns on from normal samples in the order in which they come, mixed with those to fit.

        The coding and the threshold stay those of `fit`, which the first call is.
        """
        if not hasattr(self, "offset_"):
            return self.fit(X)
        with refusing():
            coded, device = self._coded(X), self._chip.learning()
            self._passes += 1
            random = np.random.RandomState([self.seed, self._options.epochs + self._passes])
            follow(device, coded, mixtures(coded, self._memory, self.coding_.features, random))
        return self

    def score_samples(self, X: Any) -> np.ndarray:
        """Goodness of samples [n, features] as mean square activity, float64[n]: the lower, the stranger."""
        coded = self._coded(X)
        with refusing():
            return familiarity(self._chip.device, coded)

    def decision_function(self, X: Any) -> np.ndarray:
        """`score_samples` less `offset_`, float64[n]: below 0 where a sample is strange."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> np.ndarray:
        """1 for what is normal and -1 for what is strange, int64[n]."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def _check_shares(self) -> None:
        for name, low, high in (("false_alarms", 0, 0.5), ("held_out", 0, 1), ("contamination", 0, 0.5)):
            value = getattr(self, name)
            if value is None and name == "contamination":
                continue
            right = isinstance(value, Real) and low <= float(value) <= high
            if not right or (name != "false_alarms" and value == 0) or (name == "held_out" and value == 1):
                said = {"false_alarms": "0 to 0.5", "held_out": "above 0 and below 1"}.get(name, "above 0, at most 0.5")
                raise Refused(f"{name} must be a share, {said}, not {value!r}")
