"""The engine: everything between the link's commands and the weights."""

from .engine import Engine

__all__ = ["Engine"]
