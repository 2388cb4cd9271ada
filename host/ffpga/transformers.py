"""Codings, windows and spectra for scikit-learn's pipelines: this module imports it, `import ffpga` does not.

>>> from sklearn.pipeline import make_pipeline
>>> from ffpga.transformers import CodingTransformer, SpectrumTransformer
>>> make_pipeline(SpectrumTransformer(channels=6), CodingTransformer("onoff"))  # doctest: +SKIP
"""

from typing import Any

import numpy as np

from .coding.fitted import Coding
from .errors import FfpgaError, needed_by
from .series.windows import Windowing, cut, stretches, window_starts

with needed_by("ffpga.transformers"):
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["CodingTransformer", "SpectrumTransformer", "WindowsTransformer"]


def _names(names: Any, features: int, fitted: Any) -> list[str]:
    """Of the features: those that are said, else those of the table that was fitted, else x0, x1, ... as elsewhere."""
    if names is None:
        names = getattr(fitted, "feature_names_in_", [f"x{n}" for n in range(features)])
    elif list(getattr(fitted, "feature_names_in_", names)) != list(names):
        raise ValueError("input_features is not equal to feature_names_in_")
    if len(names) != features:
        raise ValueError("input_features should have length equal to number of features")
    return [str(name) for name in names]


class CodingTransformer(TransformerMixin, BaseEstimator):
    """Numbers of any scale to the u8 that a device takes; NaN is a missing value.

    Parameters
    ----------
    coding : str
        auto, pixels, range, onoff or population[:K]; see `ffpga.coding.fitted.Coding.fit`.

    Attributes
    ----------
    coding_ : Coding
        What was fitted.
    """

    def __init__(self, coding: str = "auto") -> None:
        self.coding = coding

    def fit(self, X: Any, y: Any = None) -> "CodingTransformer":
        """Fits the coding to samples [n, features], of the training part alone."""
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.coding_ = Coding.fit(x, self.coding, _names(None, x.shape[1], self))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Samples as u8[n, inputs]."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.coding_.transform(x)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the inputs, such as ``pressure above``."""
        check_is_fitted(self)
        names = _names(input_features, self.n_features_in_, self)
        coding = self.coding_
        return np.array(Coding(**{**vars(coding), "names": tuple(names)}).input_names, object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class SpectrumTransformer(TransformerMixin, BaseEstimator):
    """Windows [n, channels * values], channel after channel, to spectra; see `ffpga.series.spectrum.spectrum`.

    Parameters
    ----------
    channels : int
        Of a window.
    unit : float
        What the recording has where one unit was measured.
    """

    def __init__(self, channels: int = 1, unit: float = 1.0) -> None:
        self.channels = channels
        self.unit = unit

    def fit(self, X: Any, y: Any = None) -> "SpectrumTransformer":
        """Only looks at the size of a window."""
        features = validate_data(self, X, dtype=np.float64).shape[1]
        if self.channels < 1 or features % self.channels:
            raise FfpgaError(f"channels must divide the {features} values of a window, not {self.channels}")
        window = features // self.channels
        self.windowing_ = Windowing(window, window, "spectrum", self.unit)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Spectra float64[n, channels * (bins + 2)]."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, reset=False)
        return self.windowing_.of(x.reshape(len(x), self.channels, -1))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the values, such as ``channel 2 bin 5``."""
        check_is_fitted(self)
        return np.array(self.windowing_.names([f"channel {n + 1}" for n in range(self.channels)]), object)


class WindowsTransformer(TransformerMixin, BaseEstimator):
    """A recording [rows, channels] to windows [n, channels * window], channel after channel.

    There are fewer windows than rows, so it stands before a pipeline, not in one; `cut` takes labels and groups along.

    Parameters
    ----------
    window, hop : int
        Rows of a window, and from one to the next; hop is half of it where it is None.
    """

    def __init__(self, window: int = 128, hop: int | None = None) -> None:
        self.window = window
        self.hop = hop

    def fit(self, X: Any, y: Any = None) -> "WindowsTransformer":
        """Only looks at the number of channels."""
        validate_data(self, X, dtype=np.float64)
        self.windowing_ = Windowing(self.window, max(1, self.window // 2) if self.hop is None else self.hop)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Windows of a recording in which nothing changes."""
        return self.cut(X)[0]

    def cut(self, X: Any, y: Any = None, groups: Any = None) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Windows, and the label and group of each; none of them crosses a change of either.

        Raises
        ------
        FfpgaError
            No stretch of one label and group is as long as a window.
        """
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, reset=False)
        found = [None if part is None else np.asarray(part) for part in (y, groups)]
        starts = window_starts(stretches(len(x), *(part for part in found if part is not None)), self.windowing_)
        windows = self.windowing_.of(cut(x, starts, self.window))
        labels, persons = (None if part is None else part[starts] for part in found)
        return windows, labels, persons

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the values, such as ``ax 5``."""
        check_is_fitted(self)
        return np.array(self.windowing_.names(_names(input_features, self.n_features_in_, self)), object)
