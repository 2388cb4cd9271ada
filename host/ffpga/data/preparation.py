"""What a sample goes through before a device sees it, and what the labels are called: it travels with the weights."""

import json
from dataclasses import asdict, dataclass

from ffpga_golden.config import MAX_CLASSES

from ..coding.fitted import Coding
from ..errors import FfpgaError
from ..series.windows import Windowing


@dataclass(frozen=True)
class Preparation:
    """How samples of a data set became u8, and the names of its classes.

    Parameters
    ----------
    coding : Coding
        Of the features; its names are those of the columns.
    labels : tuple of str
        Name of each class; none where nobody said any.
    windowing : Windowing, optional
        How a recording becomes samples, where they come from one.
    """

    coding: Coding
    labels: tuple[str, ...] = ()
    windowing: Windowing | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of a recording's channels."""
        assert self.windowing is not None
        first, *_ = self.windowing.names([""])
        return tuple(name.removesuffix(first) for name in self.coding.names[:: self.windowing.length])

    def to_json(self) -> str:
        """Everything, exactly, as text."""
        windowing = None if self.windowing is None else asdict(self.windowing)
        return json.dumps({"coding": self.coding.to_json(), "labels": list(self.labels), "windowing": windowing})

    @classmethod
    def from_json(cls, text: str) -> "Preparation":
        """The inverse of `to_json`; ValueError where it is none."""
        found = json.loads(text)
        try:
            labels, windowing = found["labels"], found["windowing"]
            if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
                raise ValueError("labels must be text")
            if len(labels) > MAX_CLASSES or len(set(labels)) != len(labels):
                raise ValueError("labels must differ")
            held = None if windowing is None else Windowing(**windowing)
            if held is not None and not all(type(value) is int for value in (held.window, held.hop)):
                raise ValueError("windows must be integers")
            return cls(Coding.from_json(found["coding"]), tuple(labels), held)
        except (KeyError, TypeError, FfpgaError) as error:
            raise ValueError(f"no preparation ({error})") from None


def class_names(prepared: Preparation | None, classes: int) -> tuple[str, ...]:
    """What to call so many classes: their numbers where nobody named them."""
    named = () if prepared is None else prepared.labels[:classes]
    return (*named, *map(str, range(len(named), classes)))
