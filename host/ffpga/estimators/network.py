"""What both estimators have: numbers to coded samples, and the network that fits them."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from ffpga_golden.config import NetworkConfig

from ..coding.fitted import Coding
from ..data.dataset import square
from ..data.preparation import Preparation
from ..data.preparing import coded_shape
from ..errors import FfpgaError
from ..fields import Shape, parse_windows
from ..training.checkpoint import Checkpoint
from .chip import Chip
from .refusal import Refused, refusing


class NetworkEstimator(BaseEstimator):
    """A device that is opened for the samples to fit; see `ForwardForwardClassifier` for the parameters."""

    target: str
    layers: tuple[int, ...]
    fields: str | None
    shape: str | int | tuple[int, ...] | None
    coding: str
    input_bits: int
    lanes: int
    weight_bits: int

    def _coding(self, x: np.ndarray) -> Coding:
        """The coding of the samples that are fitted."""
        return Coding.fit(x, self._kind(x), getattr(self, "feature_names_in_", None), bits=self.input_bits)

    def _kind(self, x: np.ndarray) -> str:
        """What `auto` is where samples are u8 already."""
        return "pixels" if self.coding == "auto" and x.dtype == np.uint8 else self.coding

    def _fitted(self, x: np.ndarray, classes: tuple[str, ...]) -> Chip:
        """Fits the coding and opens a device for it, of new weights.

        Raises
        ------
        Refused
            The samples are all equal, or they, the options and the device do not fit each other.
        """
        former = self.__dict__.pop("_chip", None)
        if former is not None:
            former.close()
        self.coding_ = self._coding(x)
        if self.coding_.constant.all():
            raise Refused(
                f"features must not all be equal, not {self.coding_.low[0]:g} in each of n_samples={len(x)}: a coding "
                "is fitted to what differs, bring more samples at once"
            )
        config, order = self._network(len(classes))
        try:
            self._chip = Chip(self.target, config, order, Preparation(self.coding_, classes))
        except FfpgaError as error:
            if not str(error).startswith("the device holds"):
                raise
            raise Refused(
                f"coding {self.coding_.name} needs a device of {config.features} inputs for {self.coding_.features} "
                f"features: {error}"
            ) from None
        return self._chip

    def _network(self, classes: int) -> tuple[NetworkConfig, np.ndarray | None]:
        """The configuration for the coding and so many labels, and the order of its inputs."""
        inputs, layers = self.coding_.inputs, tuple(self.layers)
        sizes: dict[str, Any] = {"lanes": self.lanes, "weight_bits": self.weight_bits, "layers": layers}
        try:
            if self.fields is None:
                return NetworkConfig(features=inputs, classes=classes, **sizes), None
            windows = parse_windows(self.fields, self._shape())
            seen = (windows.fields, *[None] * (len(layers) - 1))
            return NetworkConfig(features=inputs, classes=classes, fields=seen, **sizes), windows.order
        except (TypeError, ValueError) as error:
            raise error if isinstance(error, Refused) else Refused(str(error)) from None

    def _shape(self) -> Shape:
        """How the inputs lie, from how the features do."""
        coding = self.coding_
        lies = square(coding.features) if self.shape is None else Shape.of(self.shape)
        if lies is None:
            raise Refused(
                f"fields need to know how {coding.features} features lie: say shape, such as '28x28' or '6:34'"
            )
        lies.check(coding.features, "the samples")
        coded = coded_shape(lies, coding)
        if coded is None:
            raise Refused(
                f"shape {lies} is an image, and coding {coding.name} makes {coding.per_feature} inputs of each pixel: "
                "take coding pixels or range"
            )
        return coded

    def _coded(self, X: Any) -> np.ndarray:
        """Later samples, as u8[n, inputs]."""
        check_is_fitted(self)
        return self.coding_.transform(self._numbers(X, reset=False))

    def _numbers(self, X: Any, y: Any = "no_validation", **checks: Any) -> Any:
        """scikit-learn's own look at samples; NaN is a missing value."""
        return validate_data(self, X, y, dtype="numeric", ensure_all_finite="allow-nan", **checks)

    def checkpoint(self) -> Checkpoint:
        """What the device holds, with the coding: its `save` writes a file for `ffpga predict` or `ffpga train`."""
        check_is_fitted(self)
        with refusing():
            return self._chip.held

    def close(self) -> None:
        """Releases the device's line; the next call opens it again and writes back what the device held."""
        if hasattr(self, "_chip"):
            self._chip.close()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_chip")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
