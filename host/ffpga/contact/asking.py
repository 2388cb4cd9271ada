"""What answers at a line: asked before anything is known of it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import fields_tag

from ..driver.identity import identified
from ..driver.lines import open_line
from ..driver.link import Link
from ..driver.serial_port import BAUD
from ..driver.transport import Transport
from ..errors import FfpgaError
from ..fields import Shape, Windows


@dataclass(frozen=True)
class Answer:
    """A device's own words.

    Parameters
    ----------
    block : bytes
        Its configuration block.

    Raises
    ------
    FfpgaError
        It is none.
    """

    block: bytes

    def __post_init__(self) -> None:
        if len(self.block) < 8 or len(self.block) != 8 + 2 * self.block[7] + (self.block[6] & 4):
            raise FfpgaError(f"the device says that it is what there cannot be ({self.block.hex()}): load a bitstream")

    @property
    def features(self) -> int:
        """Inputs of a sample."""
        return int.from_bytes(self.block[:2], "little")

    @property
    def layers(self) -> tuple[int, ...]:
        """Width of each layer."""
        return struct.unpack_from(f"<{self.block[7]}H", self.block, 8)

    @property
    def tag(self) -> int:
        """By what its receptive fields are known; 0: it has none."""
        return int.from_bytes(self.block[8 + 2 * self.block[7] :], "little")

    def windows(self, shape: Shape | None) -> Windows | None:
        """The windows over samples of a shape that its first layer has; None where it has other fields, or none."""
        if not self.tag or shape is None or shape.features != self.features:
            return None
        rest = [None] * (len(self.layers) - 1)
        return next((one for one in _all_windows(shape) if fields_tag((one.fields, *rest)) == self.tag), None)

    def config(self, shape: Shape | None = None) -> NetworkConfig:
        """Its configuration, with the receptive fields that are windows over a shape.

        Raises
        ------
        FfpgaError
            It has fields, and they are no such windows.
        """
        over = self.windows(shape)
        if self.tag and over is None:
            raise FfpgaError(
                f"the device has receptive fields {self.tag:08x}, which are no windows over "
                f"{shape or 'samples of an unknown shape'}: give the shape of a sample with --shape, or its --fields"
            )
        return identified(self.block, (over.fields, *[None] * (len(self.layers) - 1)) if over else ())

    def __str__(self) -> str:
        if not self.tag:
            return str(self.config())
        sizes = "-".join(map(str, (self.features, *self.layers)))
        return f"{sizes}, {self.block[2]} classes, {self.block[3]} lanes, receptive fields {self.tag:08x}"


def _all_windows(shape: Shape) -> Iterator[Windows]:
    for tile in (1 << n for n in range(10)):
        for window in range(1, min(shape.sizes) // tile + 1):
            for stride in range(1, window + 1):
                try:
                    yield Windows(shape, tile, window, stride)
                except FfpgaError:  # it does not fit
                    continue


def ask(line: Transport, *, timeout: float = 0.5, patience: int = 10) -> Answer:
    """Asks what is at a line's other end; times as those of `Link`. A session that is open there ends.

    Raises
    ------
    FfpgaError
        Nothing answers, or what is no device of this version.
    """
    return Answer(Link(line, timeout=timeout, patience=patience).identify())


def ask_board(target: str, baud: int = BAUD, *, timeout: float = 0.5, patience: int = 10) -> Answer:
    """`ask` at a board's line, which is free afterwards."""
    line = open_line(target, baud)
    try:
        return ask(line, timeout=timeout, patience=patience)
    finally:
        line.close()
