"""GW1N, GW2A and GW5A of Gowin."""

from .chip import GowinChip
from .gw5a import Gw5aChip, Gw5aClock
from .pll import Gw1nClock, Gw2aClock

__all__ = ["GowinChip", "Gw1nClock", "Gw2aClock", "Gw5aChip", "Gw5aClock"]
