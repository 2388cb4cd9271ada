"""Which coding: what is typed, and what `auto` chooses."""

import re

import numpy as np

from ffpga_golden.config import MAX_FEATURES
from ffpga_golden.protocol import BITS

from ..errors import FfpgaError
from .kinds import KINDS, inputs_of

#: What is typed.
CODINGS = "auto, pixels, range, onoff or population[:K]"
#: Centres of a population where nobody says how many.
CENTRES = 5
#: Most centres: with more, hardly a value of the training part is near each of them.
MOST_CENTRES = 32
#: Up to so many features `auto` takes a population of CENTRES: 200 inputs. Measured, see host/docs/data.md.
FEW_FEATURES = 40
#: Features from which numbers 0 to 255 can be an image, and the share of zeros from which they are taken for one.
IMAGE_FEATURES, IMAGE_ZEROS = 64, 0.2


def parse(text: str) -> tuple[str, int]:
    """Kind and centres from ``onoff`` or ``population:5``.

    Raises
    ------
    FfpgaError
        There is no such coding.
    """
    found = re.fullmatch(r"([a-z]+)(?::(\d{1,4}))?", text.strip())
    kind, centres = (found[1], found[2]) if found else ("", None)
    if kind not in ("auto", *KINDS) or (centres is not None and kind != "population"):
        raise FfpgaError(f"coding must be {CODINGS}, such as population:5, not {text!r}")
    count = CENTRES if centres is None else int(centres)
    if not 2 <= count <= MOST_CENTRES:
        raise FfpgaError(f"a population must have 2 to {MOST_CENTRES} centres, not {count}: take population:{CENTRES}")
    return kind, count


def check_bits(bits: int) -> None:
    """FfpgaError where an input cannot have so many bits."""
    if type(bits) is not int or bits not in BITS:
        raise FfpgaError(f"input_bits must be 8, 4, 2 or 1, not {bits!r}")


def name_of(kind: str, centres: int) -> str:
    """What is typed for it."""
    return f"population:{centres}" if kind == "population" else kind


def choose(x: np.ndarray) -> tuple[str, int, str]:
    """What `auto` takes for values float64[n, features]: kind, centres, and why in a few words."""
    features = x.shape[1]
    known = x[~np.isnan(x)]
    bytes_ = bool(((known >= 0) & (known <= 255) & (known == np.rint(known))).all())
    zeros = float(np.mean(known == 0)) if known.size else 0.0
    if bytes_ and features >= IMAGE_FEATURES and zeros >= IMAGE_ZEROS and known.size and known.max() > 127:
        return "pixels", CENTRES, f"{features} features are all integers 0 to 255, {100 * zeros:.0f} % of them 0"
    if features <= FEW_FEATURES:
        return "population", CENTRES, f"{features} features are at most {FEW_FEATURES}"
    if 2 * features <= MAX_FEATURES:
        return "onoff", CENTRES, f"{features} features are more than {FEW_FEATURES}"
    return "range", CENTRES, f"{features} features leave room for one input each"


def check_inputs(kind: str, centres: int, features: int) -> None:
    """FfpgaError where a device cannot have so many inputs."""
    if not 1 <= features <= MAX_FEATURES:
        raise FfpgaError(f"features must be 1 to {MAX_FEATURES}, not {features}: choose or pool some")
    inputs = features * inputs_of(kind, centres)
    if inputs > MAX_FEATURES:
        fitting = [name for name, k in (("onoff", 2), ("range", 1)) if k * features <= MAX_FEATURES]
        raise FfpgaError(
            f"coding {name_of(kind, centres)} makes {inputs:,} inputs of {features} features, a device has at most "
            f"{MAX_FEATURES}: take {' or '.join(fitting)}, or choose or pool some features"
        )
