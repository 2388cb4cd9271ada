"""The bus: AXI4-Stream and AXI4-Lite in place of the link, for a core inside a system."""

from .bus import Bus

__all__ = ["Bus"]
