"""The pictures of the documents that are made of stored figures, drawn again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import FfpgaError
from ..clocks import Section
from ..tasks_table import draw_tasks
from ..trials import GROUPS
from .accuracy import draw
from .clocks import draw_clocks
from .link import draw_link
from .scaling import draw_scaling


def _accuracy(figures: Any, picture: Path) -> list[Path]:
    there, wanted = {row["name"] for row in figures["trials"]}, {one.name for make in GROUPS.values() for one in make()}
    if missing := sorted(wanted - there):
        raise FfpgaError(f"accuracy.json must have every trial, and lacks {missing[0]}: run ffpga bench accuracy")
    return draw(figures["trials"], picture.parent)


def _clocks(figures: Any, picture: Path) -> list[Path]:
    titled = []
    for one in figures["configurations"]:
        sections = [Section(**{name: row[name] for name in Section.__annotations__}) for row in one["sections"]]
        titled.append((_said(one["configuration"]), sections))
    draw_clocks(titled, picture)
    return [picture]


def _said(configuration: dict[str, Any]) -> str:
    from ffpga_golden.config import NetworkConfig

    return str(NetworkConfig.from_json(json.dumps(configuration)))


def _link(figures: Any, picture: Path) -> list[Path]:
    draw_link(figures["windows"], figures["bounds"], picture)
    return [picture]


def _scaling(figures: Any, picture: Path) -> list[Path]:
    points, cells = figures["clocks"]["points"], figures["cells"]
    every = {row["axis"] for row in cells} == {"lanes", "width", "depth"}
    draw_scaling(points, cells if every else (), figures["ends"], picture)
    return [picture]


def _tasks(figures: Any, picture: Path) -> list[Path]:
    draw_tasks(figures["tasks"], picture)
    return [picture]


#: What draws the pictures of a file of figures, by the file's name without its ending.
STORED: dict[str, Callable[[Any, Path], list[Path]]] = {
    "accuracy": _accuracy,
    "clocks": _clocks,
    "clocks-fields": _clocks,
    "link": _link,
    "scaling": _scaling,
    "tasks": _tasks,
}


def draw_stored(folder: Path, out: Path) -> list[Path]:
    """Draws the pictures of the figures in a folder into another one; returns what was written.

    Raises
    ------
    FfpgaError
        There are none, or a file is not whole: no picture is made of a part.
    """
    written = []
    for name, make in STORED.items():
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        try:
            written += make(json.loads(path.read_text(encoding="utf-8")), out / f"{name}.png")
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise FfpgaError(f"{path} does not have what its picture shows ({error}): measure it again") from None
    if not written:
        raise FfpgaError(
            f"{folder} has no figures that pictures are made of: name the folder of {', '.join(STORED)}.json"
        )
    return written
