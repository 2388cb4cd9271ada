"""Waveforms of chosen training steps, from a device that can record them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..driver.device import Device
from ..errors import FfpgaError

Step = TypeVar("Step")


@dataclass(frozen=True)
class Waveform:
    """Steps `first` to `last` of a run, counted from 1, as an FST file.

    Parameters
    ----------
    path : Path
        The file to write.
    first, last : int
        Steps: pairs, or phases where they are separate.
    """

    path: Path
    first: int = 1
    last: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise FfpgaError(f"steps of a waveform must be FIRST:LAST with 1 <= FIRST <= LAST, not {self.steps}")

    @property
    def steps(self) -> str:
        """The steps as ``FIRST:LAST``."""
        return f"{self.first}:{self.last}"

    @classmethod
    def parse(cls, path: Path, steps: str) -> "Waveform":
        """From ``FIRST:LAST``, or ``STEP`` for a single one."""
        first, colon, last = steps.partition(":")
        if not first.isdecimal() or (colon and not last.isdecimal()):
            raise FfpgaError(f"steps of a waveform must be FIRST:LAST, such as 1:3, not {steps!r}")
        return cls(path, int(first), int(last or first))

    def around(self, device: Device, steps: Iterable[Step]) -> Iterator[Step]:
        """Passes on the steps of a run; the recorder runs from before the first to after the last chosen one.

        The consumer submits a step to `device` before it asks for the next one.
        """
        board: Any = device.transport
        if not hasattr(board, "trace"):
            raise FfpgaError("waveforms need target sim: other devices do not show their signals")
        for number, step in enumerate(steps, start=1):
            if number == self.first:
                device.flush()
                try:
                    board.trace(self.path)
                except OSError as error:
                    raise FfpgaError(f"{error}: choose another place") from None
            yield step
            if number == self.last:
                device.flush()
                try:
                    board.stop_trace()
                except OSError as error:
                    raise FfpgaError(f"{error}: choose another place") from None
