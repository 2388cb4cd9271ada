"""Options of a network: the sizes that its data do not have already."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_type_hints

import typer

from ffpga_golden.config import NetworkConfig

from ...data.dataset import Dataset
from ...errors import FfpgaError
from .grouped import Command, grouped

Features = Annotated[int, typer.Option(help="inputs, 1 to 1,000")]
Classes = Annotated[int, typer.Option(help="labels, 2 to 32, or 0 for unlabelled data")]


def parse_layers(text: str) -> tuple[int, ...]:
    """Widths from ``64,64``."""
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise FfpgaError(f"layers must be widths with commas between them, such as 64,64, not {text!r}") from None


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """What is said of a network on the command line."""

    layers: Annotated[str, typer.Option(help="widths of the 1 to 4 layers")] = "64,64"
    lanes: Annotated[int, typer.Option(help="neurons side by side, 1 to 64")] = 8
    weight_bits: Annotated[int, typer.Option(help="8 or 16")] = 8
    memory_ports: Annotated[int, typer.Option(help="ports of the weight memory, 1 or 2")] = 1
    black_box: Annotated[
        bool, typer.Option("--black-box", help="a table of bytes between the layers, loaded at run time")
    ] = False
    recurrent: Annotated[
        bool, typer.Option("--recurrent", help="each layer also sees the one above, a time step ago")
    ] = False

    def config(self, features: int, classes: int) -> NetworkConfig:
        """The configuration for so many inputs and labels."""
        sizes = {**vars(self), "layers": parse_layers(self.layers)}
        return NetworkConfig(features=features, classes=classes, **sizes)

    def of(self, data: Dataset) -> NetworkConfig:
        """The configuration for a data set."""
        return self.config(data.features, data.classes)


def network_options(*only: str, **defaults: Any) -> Callable[[Command], Command]:
    """Gives a command the options of `NetworkOptions`, or only some, as its argument `network`.

    What it does not give, or has no default of its own here, has that of `NetworkOptions`.
    """
    types = get_type_hints(NetworkOptions, include_extras=True)
    names = only or tuple(field.name for field in fields(NetworkOptions))
    return grouped(
        "network",
        NetworkOptions,
        {name: (types[name], defaults.get(name, getattr(NetworkOptions, name))) for name in names},
    )
