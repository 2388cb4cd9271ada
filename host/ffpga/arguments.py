"""Options that several commands have, and what their texts mean."""

from pathlib import Path
from typing import Annotated

import typer

from .errors import FfpgaError

Layers = Annotated[str, typer.Option(help="widths of the 1 to 4 layers")]
Lanes = Annotated[int, typer.Option(help="neurons side by side, 1 to 64")]
WeightBits = Annotated[int, typer.Option(help="8 or 16")]
MemoryPorts = Annotated[int, typer.Option(help="ports of the weight memory, 1 or 2")]
Json = Annotated[Path | None, typer.Option(help="write the figures to this file")]


def parse_layers(text: str) -> tuple[int, ...]:
    """Widths from ``64,64``."""
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise FfpgaError(f"layers must be widths with commas between them, such as 64,64, not {text!r}") from None
