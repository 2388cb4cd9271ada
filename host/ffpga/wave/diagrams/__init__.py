"""The diagrams of the documents: timing from a recording of the core, and blocks."""

from .make import make_diagrams

__all__ = ["make_diagrams"]
