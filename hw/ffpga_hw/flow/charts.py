"""Pictures of a design: cells of each block, and where they lie on the chip."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from .netlist import block_of

_PLACE = re.compile(r"X(\d+)/?Y(\d+)/")


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def draw_blocks(by_block: dict[str, Counter[str]], path: Path, title: str) -> None:
    """Tables and flip-flops of each block, the largest on top, as a PNG file."""
    order = sorted(by_block, key=lambda name: by_block[name]["tables"] + by_block[name]["flip-flops"])
    order = [name for name in order if by_block[name]["tables"] + by_block[name]["flip-flops"]]
    figure = _figure(8, 1 + 0.3 * len(order))
    axes = figure.subplots()
    places = range(len(order))
    axes.barh([p + 0.2 for p in places], [by_block[name]["tables"] for name in order], 0.4, label="tables")
    axes.barh([p - 0.2 for p in places], [by_block[name]["flip-flops"] for name in order], 0.4, label="flip-flops")
    axes.set_yticks(list(places), order)
    axes.set_xlabel("cells")
    axes.set_title(f"{title}: cells of each block after synthesis")
    axes.legend(loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def draw_floorplan(placed: dict[str, Any], scopes: list[str], path: Path, title: str) -> None:
    """The block that has most of each tile's cells, in its colour, as a PNG file.

    Parameters
    ----------
    placed : dict
        The placed design, as nextpnr's option --write gives it.
    scopes : list of str
        Names of the blocks.
    """
    from matplotlib.patches import Patch

    tiles: dict[tuple[int, int], Counter[str]] = {}
    for name, cell in placed["modules"]["top"]["cells"].items():
        found = _PLACE.match(cell["attributes"].get("NEXTPNR_BEL", ""))
        if found:
            tiles.setdefault((int(found[1]), int(found[2])), Counter())[block_of(name, scopes)] += 1
    owners: dict[str, list[tuple[int, int]]] = {}
    for tile, cells in sorted(tiles.items()):
        owners.setdefault(cells.most_common(1)[0][0], []).append(tile)
    figure = _figure(9, 8)
    axes = figure.subplots()
    order = sorted(owners, key=lambda name: (-len(owners[name]), name))
    keys = []
    for name, colour in zip(order, [*_colours(), *["0.8"] * len(order)], strict=False):
        axes.add_collection(_tiles(owners[name], colour))
        keys.append(Patch(facecolor=colour, label=name))
    axes.autoscale_view()
    axes.set_aspect("equal" if max(y for _, y in tiles) < 2 * max(x for x, _ in tiles) else "auto")
    axes.invert_yaxis()
    axes.set_xlabel("tile column")
    axes.set_ylabel("tile row")
    axes.set_title(f"{title}: the block with most cells in each tile")
    axes.legend(handles=keys, loc="upper left", bbox_to_anchor=(1.01, 1), fontsize="small", frameon=False)
    figure.savefig(path, dpi=150)


def _tiles(tiles: list[tuple[int, int]], colour: Any) -> Any:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    squares = [Rectangle((x - 0.45, y - 0.45), 0.9, 0.9) for x, y in tiles]
    return PatchCollection(squares, facecolor=colour, edgecolor="none")


def _colours() -> list[Any]:
    from matplotlib import colormaps

    return list(colormaps["tab20"].colors)
