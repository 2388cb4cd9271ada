"""GW1N and GW2A of Gowin."""

from .chip import GowinChip
from .pll import Gw1nClock, Gw2aClock

__all__ = ["GowinChip", "Gw1nClock", "Gw2aClock"]
