"""What each kind of coding does to the features: what it learns of the training part, and the u8 that it makes.

All take float64[n, features] in which a missing value is NaN, and make u8[n, features * inputs]: the inputs of a
feature lie side by side. `low` and `high` are the smallest and largest values that were seen of each feature; where
they are equal the feature is constant, and all of its inputs are 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Inputs of on/off reach 255 at three deviations from the mean.
ON_OFF_SCALE = 85.0

#: From values [n, features] and what was learned of each feature [features, parameters] to inputs [n, features, k].
Transform = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Kind:
    """A kind of coding."""

    #: From training values [n, features] and centres to parameters float64[features, p], NaN where there are fewer.
    fit: Callable[[np.ndarray, int], np.ndarray]
    transform: Transform
    says: Callable[[np.ndarray], str]  #: what is done to a feature, from its parameters
    parts: Callable[[np.ndarray, int], list[str]]  #: what a feature's inputs are called, after its name


def extremes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value of each feature, float64[features] each; both 0 where all are missing."""
    seen = ~np.isnan(x)
    low = np.where(seen, x, np.inf).min(axis=0, initial=np.inf)
    high = np.where(seen, x, -np.inf).max(axis=0, initial=-np.inf)
    none = ~seen.any(axis=0)
    return np.where(none, 0.0, low), np.where(none, 0.0, high)


def _as_u8(values: np.ndarray) -> np.ndarray:
    """Rounded and held at 0 and 255; a missing value is 0."""
    return np.rint(np.clip(np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0), 0, 255)).astype(np.uint8)


def _fit_pixels(x: np.ndarray, centres: int) -> np.ndarray:
    return np.zeros((x.shape[1], 0))


def _pixels(x: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    return _as_u8(x)[:, :, None]


def _fit_range(x: np.ndarray, centres: int) -> np.ndarray:
    return np.stack(extremes(x), axis=1)


def _range(x: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    low, high = fitted.T
    width = np.where(high > low, high - low, 1.0)
    return np.where(high > low, _as_u8((np.clip(x, low, high) - low) * (255 / width)), 0).astype(np.uint8)[:, :, None]


def _fit_onoff(x: np.ndarray, centres: int) -> np.ndarray:
    seen = ~np.isnan(x)
    count = np.maximum(1, seen.sum(axis=0))
    mean = np.where(seen, x, 0.0).sum(axis=0) / count
    variance = (np.where(seen, x - mean, 0.0) ** 2).sum(axis=0) / count
    low, high = extremes(x)
    return np.stack([mean, np.where(high > low, np.sqrt(variance), 0.0)], axis=1)


def _onoff(x: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    mean, deviation = fitted.T
    z = ON_OFF_SCALE * ((x - mean) / np.where(deviation > 0, deviation, np.inf))
    return np.stack([_as_u8(z), _as_u8(-z)], axis=2)


def _fit_population(x: np.ndarray, centres: int) -> np.ndarray:
    out = np.full((x.shape[1], centres), np.nan)
    for feature, values in enumerate(x.T):
        found = centres_of(values[~np.isnan(values)], centres)
        out[feature, : len(found)] = found
    return out


def centres_of(values: np.ndarray, centres: int) -> np.ndarray:
    """Up to so many centres, float64 in ascending order: quantiles of the values, from the smallest to the largest.

    Where some of them are equal, because a value is frequent, they are the quantiles of the values that differ; where
    fewer values differ than there are centres, these values.
    """
    if not len(values):
        return values
    share = np.linspace(0, 1, centres)
    found = np.unique(np.quantile(values, share))
    if len(found) < centres:
        different = np.unique(values)
        found = different if len(different) <= centres else np.unique(np.quantile(different, share))
    return found


def _population(x: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    out = np.zeros((*x.shape, fitted.shape[1]), np.uint8)
    for feature, (values, row) in enumerate(zip(x.T, fitted, strict=True)):
        held = row[~np.isnan(row)]
        if len(held) < 2:
            continue
        seen = np.flatnonzero(~np.isnan(values))
        value = np.clip(values[seen], held[0], held[-1])
        left = np.clip(np.searchsorted(held, value, side="right") - 1, 0, len(held) - 2)
        share = (value - held[left]) / (held[left + 1] - held[left])
        out[seen, feature, left] = np.rint(255 * (1 - share))
        out[seen, feature, left + 1] = np.rint(255 * share)
    return out


def _centres_said(fitted: np.ndarray) -> str:
    held = fitted[~np.isnan(fitted)]
    fewer = "" if len(held) == len(fitted) else f" (no other values, so {len(fitted) - len(held)} inputs stay 0)"
    return "triangles between " + ", ".join(f"{centre:.6g}" for centre in held) + fewer


def _centre_parts(fitted: np.ndarray, centres: int) -> list[str]:
    return [" unused" if np.isnan(centre) else f" near {centre:.6g}" for centre in fitted]


#: By name.
KINDS: dict[str, Kind] = {
    "pixels": Kind(_fit_pixels, _pixels, lambda fitted: "as it is, 0 to 255", lambda fitted, centres: [""]),
    "range": Kind(
        _fit_range,
        _range,
        lambda fitted: f"{fitted[0]:.6g} to {fitted[1]:.6g} scaled to 0 to 255",
        lambda fitted, centres: [""],
    ),
    "onoff": Kind(
        _fit_onoff,
        _onoff,
        lambda fitted: f"above and below the mean {fitted[0]:.6g}, 85 a deviation of {fitted[1]:.6g}",
        lambda fitted, centres: [" above", " below"],
    ),
    "population": Kind(_fit_population, _population, _centres_said, _centre_parts),
}


def inputs_of(kind: str, centres: int) -> int:
    """Inputs of a feature."""
    return {"onoff": 2, "population": centres}.get(kind, 1)
