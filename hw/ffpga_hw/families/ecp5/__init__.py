"""The ECP5 of Lattice."""

from .chip import Ecp5Chip
from .pll import Ecp5Clock

__all__ = ["Ecp5Chip", "Ecp5Clock"]
