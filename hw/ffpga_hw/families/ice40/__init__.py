"""The iCE40 UltraPlus of Lattice."""

from .chip import Ice40Chip
from .pll import Ice40Clock

__all__ = ["Ice40Chip", "Ice40Clock"]
