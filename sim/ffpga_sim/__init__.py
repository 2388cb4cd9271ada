"""The virtual board: the Verilated core behind the transport of the host driver."""

from .board import VirtualBoard
from .build import BuildError
from .line import PacedLine

__all__ = ["BuildError", "PacedLine", "VirtualBoard"]
