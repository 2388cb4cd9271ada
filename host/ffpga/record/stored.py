"""The record of a run as its report reads it: `run.json` and `run.npz`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.images import side
from ..data.npz import DAMAGE, read_npz, reason
from ..errors import FfpgaError
from ..fields import Shape
from ..files import as_text

#: Version of the files.
FORMAT = 1
FIGURES, ARRAYS = "run.json", "run.npz"
#: Bytes of all arrays of a record.
RECORD_MAX = 256 << 20

#: The arrays of a record.
HELD = (
    "begun", "ends", "steps", "goodness", "updates", "skipped", "right", "weights", "saturated", "predictions",
    "labels", "fields", "mistakes", "mistakes_x", "mistakes_margin", "mistakes_listed",
)  # fmt: skip

#: Bins of a weight, of either width: both limits, and units of 1/64 between them, from -126 to 126.
WEIGHT_BINS = 255
#: Wrong test samples that the labels' goodness is calculated for.
EXAMINED = 1000


@dataclass
class Run:
    """A run's record as its report reads it."""

    name: str
    figures: dict[str, Any]  #: of `run.json`
    arrays: dict[str, np.ndarray]  #: of `run.npz`
    config: NetworkConfig

    @property
    def epochs(self) -> list[dict[str, Any]]:
        """Figures of each epoch."""
        return self.figures["epochs"]

    @property
    def begun(self) -> float:
        """Epochs that were done before its record begins: 0 but where the run was resumed."""
        return float(self.arrays["begun"])

    @property
    def images(self) -> bool:
        """Whether a sample is an image."""
        return self.figures["images"]

    @property
    def labels(self) -> list[str]:
        """What the classes are called; their numbers where nobody named them, or there are more than names."""
        named = [str(name) for name in self.figures.get("labels") or []]
        return named + [str(n) for n in range(len(named), self.config.classes)]

    @property
    def inputs(self) -> list[str]:
        """What the inputs are called."""
        named = (self.figures.get("coding") or {}).get("inputs") or []
        count = self.config.features
        return named if len(named) == count else [f"feature {n + 1}" for n in range(count)]

    @property
    def image(self) -> tuple[int, int]:
        """(height, width) of a sample; FfpgaError where it is no image."""
        shape = self.figures.get("shape")
        found = Shape.parse(shape).image if shape else None
        return found or (side(self.config.features),) * 2


def load_run(folder: Path) -> Run:
    """Reads the record of a run from its folder.

    Raises
    ------
    FfpgaError
        There is none, or one of another version.
    """
    try:
        figures = json.loads((folder / FIGURES).read_text())
        if figures["format"] != FORMAT:
            raise FfpgaError(f"{folder / FIGURES} must be of format {FORMAT}, not {figures['format']}: train again")
        found = read_npz(folder / ARRAYS, RECORD_MAX)
        arrays = {name: found[name] for name in HELD}
        config = NetworkConfig.from_json(json.dumps(figures["configuration"]))
        if (shape := figures.get("shape")) is not None:
            Shape.parse(shape).check(config.features, "the network")
    except FileNotFoundError as error:
        raise FfpgaError(
            f"{folder} has no {Path(error.filename).name}: name a folder that `ffpga train` has left"
        ) from None
    except DAMAGE as error:
        raise FfpgaError(f"{folder} has no whole record ({reason(error)}): train again") from None
    return Run(as_text(folder.resolve().name), figures, arrays, config)
