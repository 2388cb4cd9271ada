"""Options of a network: the sizes that its data do not have already."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, get_type_hints

import typer

from ffpga_golden.config import NetworkConfig
from ffpga_golden.fields import Fields

from ...data.dataset import Dataset, square
from ...data.preparing import coded_shape
from ...errors import FfpgaError
from ...fields import SHAPES, Shape, parse_windows
from .grouped import Command, grouped

Features = Annotated[int, typer.Option(help="inputs, 1 to 1,000")]
Classes = Annotated[int, typer.Option(help="labels, 2 to 32, or 0 for unlabelled data")]


def parse_layers(text: str) -> tuple[int, ...]:
    """Widths from ``64,64``."""
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise FfpgaError(f"layers must be widths with commas between them, such as 64,64, not {text!r}") from None


FieldsOption = Annotated[
    str | None, typer.Option(metavar="TILE,WINDOW,STRIDE", help="receptive fields of the first layer, such as 4,3,1")
]
ShapeOption = Annotated[
    str | None,
    typer.Option(metavar="SHAPE", help=f"of a sample: {SHAPES}; default: what the data say, or a square image"),
]


def asked_shape(text: str | None, features: int, name: str) -> Shape | None:
    """What `--shape` says of the features of `name`."""
    if text is None:
        return None
    shape = Shape.parse(text)
    shape.check(features, name)
    return shape


def fields_of(
    text: str | None, shape: str | None, features: int, depth: int, known: Shape | None = None
) -> tuple[Fields | None, ...]:
    """Fields of a network's layers from `--fields` and `--shape`; `known` is the shape where none is asked for.

    Raises
    ------
    FfpgaError
        They do not fit each other or the features, or nothing says the shape.
    """
    lies = asked_shape(shape, features, "the network") or known
    if text is None:
        return ()
    if lies is None or lies.features != features:
        raise FfpgaError(f"fields need the shape of a sample of {features} features: add --shape, {SHAPES}")
    return parse_windows(text, lies).fields, *[None] * (depth - 1)


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
    fields: FieldsOption = None
    shape: ShapeOption = None
    few_bits: Annotated[
        bool, typer.Option("--few-bits", help="the chip takes samples in few bits, too: fewer bytes on the line")
    ] = False

    def config(self, features: int, classes: int, shape: Shape | None = None) -> NetworkConfig:
        """The configuration for so many inputs, of some shape where that is known, and labels."""
        sizes = {name: value for name, value in vars(self).items() if name != "shape"}
        layers = parse_layers(self.layers)
        seen = fields_of(self.fields, self.shape, features, len(layers), shape)
        return NetworkConfig(features=features, classes=classes, **{**sizes, "layers": layers, "fields": seen})

    def alone(self, features: int, classes: int) -> NetworkConfig:
        """The configuration where there are no data: a square number of features is an image."""
        return self.config(features, classes, square(features))

    def shaped(self, data: Dataset) -> Dataset:
        """A data set with the shape that was asked for, of its features or of the inputs that a coding makes."""
        if self.shape is None:
            return data
        shape, coding = Shape.parse(self.shape), None if data.prepared is None else data.prepared.coding
        if coding is not None and shape.features == coding.features != data.features:
            lies = coded_shape(shape, coding)
            if lies is None:
                raise FfpgaError(
                    f"shape {shape} is an image, and coding {coding.name} makes {coding.per_feature} inputs of each "
                    "pixel: take --coding pixels or range"
                )
            return replace(data, shape=lies)
        shape.check(data.features, data.name)
        return replace(data, shape=shape)

    def of(self, data: Dataset) -> NetworkConfig:
        """The configuration for a data set."""
        lies = replace(self, shape=None) if data.shape and data.shape.features == data.features else self
        return lies.config(data.features, data.classes, data.shape)


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
