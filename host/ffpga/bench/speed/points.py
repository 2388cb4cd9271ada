"""The networks of which scaling is measured: against lanes, width and depth, fully connected and with fields."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ffpga_golden.config import NetworkConfig
from ffpga_golden.fields import Fields

from ...data.dataset import Dataset
from ...errors import FfpgaError
from ...fields import windows

LANES = (4, 8, 16, 32, 64)
WIDTHS = (32, 64, 128, 256, 512)
DEPTHS = (1, 2, 3, 4)

#: Tile, window and stride of the networks with receptive fields, and neurons of a field, which 64 lanes divide at most.
WINDOWS = (4, 3, 2)
NEURONS = (8, 16, 32, 64)


@dataclass(frozen=True)
class Point:
    """A configuration on a curve of a plot."""

    axis: str  #: lanes, width or depth
    curve: str
    config: NetworkConfig

    @property
    def place(self) -> int:
        """Its place on the axis."""
        places = {"lanes": self.config.lanes, "width": self.config.layers[0], "depth": self.config.depth}
        return places[self.axis]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"axis": self.axis, "curve": self.curve, "place": self.place, "configuration": asdict(self.config)}


def fields_over(data: Dataset) -> Fields | None:
    """The fields whose scaling is measured; None where `WINDOWS` do not fit the samples, or these have no shape."""
    try:
        return None if data.shape is None else windows(data.shape, *WINDOWS).fields
    except FfpgaError:
        return None


def _possible(axis: str, curve: str, configurations: Iterable[dict[str, Any]]) -> list[Point]:
    """The points that a core can be built for: its lanes divide the widths, its words fit 16 bits of address."""
    points = []
    for sizes in configurations:
        try:
            points.append(Point(axis, curve, NetworkConfig(**sizes)))
        except ValueError:
            continue
    return points


def clock_points(features: int, classes: int, fields: Fields | None) -> list[Point]:
    """The points whose clocks are counted."""
    base = {"features": features, "classes": classes, "layers": (128, 128), "lanes": 8}
    points = []
    for ports in (1, 2):
        name = f"{ports} port{'s' if ports > 1 else ''}"
        points += _possible("lanes", name, ({**base, "lanes": n, "memory_ports": ports} for n in LANES))
    for lanes in (8, 16, 32, 64):
        points += _possible("width", f"{lanes} lanes", ({**base, "lanes": lanes, "layers": (n, n)} for n in WIDTHS))
    for lanes in (8, 32):
        points += _possible("depth", f"{lanes} lanes", ({**base, "lanes": lanes, "layers": (128,) * n} for n in DEPTHS))
    if fields is not None:
        blocks = len(fields.blocks)
        wide = base | _in_fields(fields, blocks * NEURONS[-1])
        name = f"{blocks * NEURONS[-1]} in {blocks} fields"
        points += _possible("lanes", name, ({**wide, "lanes": n} for n in LANES))
        name = f"{blocks} fields, 8 lanes"
        points += _possible("width", name, (base | _in_fields(fields, blocks * n) for n in NEURONS))
        first = blocks * NEURONS[1]
        name = f"{first} in {blocks} fields, 8 lanes"
        points += _possible("depth", name, (base | _in_fields(fields, first, *(128,) * (n - 1)) for n in DEPTHS))
    return points


def cell_points(board: Any, features: int, classes: int, fields: Fields | None, *, every: bool) -> list[Point]:
    """The points whose cells are counted for a board: those that its memory and multipliers have room for.

    Not `every` one leaves only the lanes of a small and of a large board, 8 and 32.
    """
    from ffpga_hw.flow.fit import check_fit as fits

    ports = board.preset.memory_ports
    lanes, deep = (8, 64) if ports == 1 else (32, 128)
    base = {"features": features, "classes": classes, "layers": (128, 128), "lanes": lanes, "memory_ports": ports}
    some = [n for n in LANES if every or n == lanes]
    points = _possible("lanes", "fully connected", ({**base, "lanes": n} for n in some))
    if every:
        points += _possible("width", "fully connected", ({**base, "layers": (n, n)} for n in WIDTHS))
        points += _possible("depth", "fully connected", ({**base, "layers": (deep,) * n} for n in DEPTHS))
    if fields is not None:
        blocks = len(fields.blocks)
        name, wide = f"{blocks} fields", base | _in_fields(fields, blocks * NEURONS[-1])
        points += _possible("lanes", name, ({**wide, "lanes": n} for n in some))
        if every:
            points += _possible("width", name, (base | _in_fields(fields, blocks * n) for n in NEURONS))
            first = blocks * max(NEURONS[1], lanes)
            points += _possible("depth", name, (base | _in_fields(fields, first, *(deep,) * (n - 1)) for n in DEPTHS))
    fitting = []
    for point in points:
        try:
            fits(board, point.config)
        except ValueError:
            continue
        fitting.append(point)
    return fitting


def _in_fields(fields: Fields, *layers: int) -> dict[str, Any]:
    """Sizes of a network whose first layer has fields."""
    return {"layers": layers, "fields": (fields, *[None] * (len(layers) - 1))}
