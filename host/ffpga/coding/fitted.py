"""A coding: what was learned of the training part, and applied to every later sample."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ffpga_golden.protocol import quantised

from ..errors import FfpgaError
from .choice import check_bits, check_inputs, choose, name_of, parse
from .kinds import KINDS, extremes, inputs_of


@dataclass(frozen=True, eq=False)
class Coding:
    """How numbers become a device's u8 inputs; see `fit`.

    A missing value, NaN, is coded as nothing seen: all inputs of its feature are 0. A value outside of what was seen
    is held at the ends. A feature that was constant in the training part says nothing: all of its inputs are 0.
    """

    kind: str  #: pixels, range, onoff or population
    centres: int  #: of a population; of no meaning otherwise
    names: tuple[str, ...]  #: of the features
    fitted: np.ndarray  #: float64[features, parameters], what was learned of each feature; see `kinds`
    low: np.ndarray  #: float64[features], smallest value seen
    high: np.ndarray  #: float64[features], largest value seen
    missing: np.ndarray  #: int64[features], values of the training part that were missing
    why: str  #: why it was chosen, in a line
    bits: int = 8  #: bits of an input: fewer take the nearest of as many values

    @staticmethod
    def parse(text: str) -> tuple[str, int]:
        """Kind and centres from what is typed, such as ``population:5``; FfpgaError where there is no such coding."""
        return parse(text)

    @classmethod
    def fit(cls, x: np.ndarray, coding: str = "auto", names: Sequence[str] | None = None, *, bits: int = 8) -> "Coding":
        """A coding of the features of training samples.

        Parameters
        ----------
        x : array [n, features]
            Numbers of any scale; NaN where a value is missing. The training part alone.
        coding : str
            auto, pixels, range, onoff or population[:K].
        names : sequence of str, optional
            Of the features; default: feature 1, feature 2, ...
        bits : int
            Of an input, 8, 4, 2 or 1: with fewer than 8 inputs are the multiples of 17, of 85, or 0 and 255.

        Raises
        ------
        FfpgaError
            There is no such coding, or it does not fit the samples.
        """
        kind, centres = parse(coding)
        check_bits(bits)
        x = _numbers(x, kind == "pixels")
        if not len(x):
            raise FfpgaError("a coding must be fitted to samples, not to none: give it the training part")
        features = x.shape[1]
        why = "as asked for"
        if kind == "auto":
            kind, centres, why = choose(x)
        check_inputs(kind, centres, features)
        held = tuple(str(name) for name in names) if names is not None else default_names(features)
        if len(held) != features:
            raise FfpgaError(f"names must be one a feature, {features}, not {len(held)}")
        if np.isinf(x).any():
            row, column = np.argwhere(np.isinf(x))[0]
            raise FfpgaError(
                f"{held[column]} must be finite, not {x[row, column]} (sample {row + 1}): correct it or leave it empty"
            )
        low, high = (x.min(axis=0), x.max(axis=0)) if x.dtype == np.uint8 else extremes(x)
        if kind == "pixels":
            _check_pixels(low, high, held)
        fitted, missing = KINDS[kind].fit(x, centres), np.isnan(x).sum(axis=0)
        return cls(kind, centres, held, fitted, low.astype(np.float64), high.astype(np.float64), missing, why, bits)

    @property
    def name(self) -> str:
        """What is typed for it, such as ``population:5``."""
        return name_of(self.kind, self.centres)

    @property
    def features(self) -> int:
        """Numbers of a sample."""
        return len(self.names)

    @property
    def per_feature(self) -> int:
        """Inputs of a feature; they lie side by side."""
        return inputs_of(self.kind, self.centres)

    @property
    def inputs(self) -> int:
        """Inputs of a device that takes its samples."""
        return self.features * self.per_feature

    @property
    def input_names(self) -> tuple[str, ...]:
        """Of the inputs, such as ``pressure above``."""
        parts = KINDS[self.kind].parts
        return tuple(
            name + part for name, row in zip(self.names, self.fitted, strict=True) for part in parts(row, self.centres)
        )

    @property
    def constant(self) -> np.ndarray:
        """bool[features]: what had one value in the training part, or none."""
        return self.low == self.high if self.kind != "pixels" else np.zeros(self.features, bool)

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Samples [n, features] as u8[n, inputs].

        Raises
        ------
        FfpgaError
            They have another number of features, or are no numbers.
        """
        x = _numbers(x, self.kind == "pixels")
        self.check(x.shape[1], "the samples")
        if x.dtype == np.uint8:
            return quantised(x, self.bits)
        return quantised(KINDS[self.kind].transform(x, self.fitted).reshape(len(x), self.inputs), self.bits)

    def check(self, features: int, name: str) -> None:
        """FfpgaError unless those of `name` are as many features as were fitted."""
        if features != self.features:
            few = ", ".join(self.names[:8]) + (", ..." if self.features > 8 else "")
            raise FfpgaError(
                f"coding {self.name} needs {self.features} features ({few}), not the {features} of {name}: "
                "give the columns that it was fitted to"
            )

    def outside(self, x: np.ndarray) -> np.ndarray:
        """int64[features]: how many values of samples [n, features] lie outside of what was seen, and are held."""
        x = _numbers(x, self.kind == "pixels")
        self.check(x.shape[1], "the samples")
        low, high = (0, 255) if self.kind == "pixels" else (self.low, self.high)
        return ((x < low) | (x > high)).sum(axis=0)

    def rows(self) -> list[tuple[str, str]]:
        """Of each feature its name and what was done to it, in a few words."""
        found = []
        for n, name in enumerate(self.names):
            said = KINDS[self.kind].says(self.fitted[n])
            if self.constant[n]:
                only = f"all {self.low[n]:.6g}" if self.low[n] or not self.missing[n] else "no value but 0"
                said = f"nothing: {only} in the training part"
            if self.missing[n]:
                said += f"; {self.missing[n]:,} missing, coded as nothing seen"
            found.append((name, said))
        return found

    def describe(self) -> list[str]:
        """A line a feature: its name and what was done to it."""
        return [f"{name}: {said}" for name, said in self.rows()]

    @property
    def warnings(self) -> list[str]:
        """What a user should know of the features, a line each."""
        said = []
        if self.constant.any():
            dead = [name for name, constant in zip(self.names, self.constant, strict=True) if constant]
            listed = ", ".join(dead[:8]) + (f" and {len(dead) - 8} more" if len(dead) > 8 else "")
            said.append(f"constant in the training part, so coded as 0: {listed}; leave out what never changes")
        if self.missing.any():
            holes = int(self.missing.sum())
            columns = [name for name, count in zip(self.names, self.missing, strict=True) if count]
            listed = ", ".join(columns[:8]) + (f" and {len(columns) - 8} more" if len(columns) > 8 else "")
            said.append(f"{holes:,} missing values are coded as nothing seen, all inputs 0: {listed}")
        return said

    def __str__(self) -> str:
        few = "" if self.bits == 8 else f" of {self.bits} bit{'s' * (self.bits > 1)}"
        return f"coding {self.name} ({self.why}), {self.inputs} inputs{few} of {self.features} features"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coding) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_json(self) -> str:
        """Everything, exactly, as text."""
        values = {
            "kind": self.kind,
            "centres": self.centres,
            "names": list(self.names),
            "fitted": [[None if np.isnan(value) else value for value in row] for row in self.fitted.tolist()],
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "missing": self.missing.tolist(),
            "why": self.why,
            "bits": self.bits,
        }
        return json.dumps(values, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Coding":
        """The inverse of `to_json`.

        Raises
        ------
        ValueError
            It is none: types, sizes or values do not fit each other.
        """
        found = json.loads(text)
        try:
            kind, centres, names = found["kind"], found["centres"], found["names"]
            rows = [[np.nan if value is None else float(value) for value in row] for row in found["fitted"]]
            low, high = (np.array(found[name], np.float64) for name in ("low", "high"))
            missing, why, bits = np.array(found["missing"], np.int64), found["why"], found["bits"]
            check_bits(bits)
            if kind not in KINDS or type(centres) is not int or parse(name_of(kind, centres))[0] != kind:
                raise ValueError("no such kind")
            if not names or not all(isinstance(name, str) for name in [*names, why]):
                raise ValueError("names must be text")
            check_inputs(kind, centres, len(names))
            width = {"pixels": 0, "population": centres}.get(kind, 2)
            fitted = np.array(rows, np.float64).reshape(len(rows), width)
            if not (len(names) == len(rows) and low.shape == high.shape == missing.shape == (len(names),)):
                raise ValueError("sizes differ")
            if not (np.isfinite(low).all() and np.isfinite(high).all() and (missing >= 0).all()):
                raise ValueError("limits must be finite")
            _check_fitted(kind, fitted)
        except (KeyError, TypeError, FfpgaError, OverflowError) as error:
            raise ValueError(f"no coding ({error})") from None
        return cls(kind, centres, tuple(names), fitted, low, high, missing, why, bits)


def default_names(features: int) -> tuple[str, ...]:
    """Of features that nobody named."""
    return tuple(f"feature {n + 1}" for n in range(features))


def _check_fitted(kind: str, fitted: np.ndarray) -> None:
    """ValueError unless parameters are such as `fit` makes."""
    holes = np.isnan(fitted)
    if kind == "population":
        ascending = np.diff(fitted, axis=1) > 0
        right = (ascending | holes[:, 1:]).all() and not (holes[:, :-1] & ~holes[:, 1:]).any()
    else:
        right = not holes.any() and (kind != "onoff" or (fitted[:, 1] >= 0).all())
    if not right or np.isinf(fitted).any():
        raise ValueError("parameters out of order")


def _numbers(x: Any, bytes_: bool) -> np.ndarray:
    """Samples as float64[n, features]; where bytes are wanted and there, as they are."""
    x = np.asarray(x)
    if x.ndim != 2:
        raise FfpgaError(f"samples must be an array [samples, features], not {list(x.shape)}")
    if x.dtype.kind not in "buif":
        raise FfpgaError(f"features must be numbers, not {x.dtype}: convert them")
    return x if bytes_ and x.dtype == np.uint8 else x.astype(np.float64)


def _check_pixels(low: np.ndarray, high: np.ndarray, names: tuple[str, ...]) -> None:
    bad = (low < 0) | (high > 255)
    if bad.any():
        n = int(np.argmax(bad))
        value = low[n] if low[n] < 0 else high[n]
        raise FfpgaError(f"coding pixels takes numbers 0 to 255, not {value:g} ({names[n]}): take --coding range")
