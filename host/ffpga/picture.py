"""What all pictures that Matplotlib draws share: paper, letters, grid, and the sum of what they show."""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import FfpgaError
from .files import write_whole
from .palette import LIGHT, darkened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Where a file keeps the sum: of PNG a text, of SVG the description.
_KEPT = {".png": "Data", ".svg": "Description"}


def new_figure(width: float, height: float) -> "Figure":
    """A sheet of paper, inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=LIGHT["paper"])
    FigureCanvasAgg(figure)
    return figure


def finish(axes: "Axes", grid: str = "both") -> None:
    """Takes the box from a panel and leaves its grid: `both`, `x`, `y` or none of them."""
    if grid:
        axes.grid(axis=grid, color=LIGHT["grid"], linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LIGHT["series4"])
    axes.tick_params(colors=LIGHT["text"], labelsize=9)
    axes.xaxis.label.set_color(LIGHT["muted"])
    axes.yaxis.label.set_color(LIGHT["muted"])
    axes.title.set_fontsize(10)


def shown(figure: "Figure") -> list[Any]:
    """What a figure shows, panel by panel: texts, lines, bars, fields, as numbers of six digits."""
    found: list[Any] = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        texts = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), *(text.get_text() for text in axes.texts)]
        found.append(texts)
        found += [[_text(line.get_label()), _numbers(line.get_xydata())] for line in axes.lines]
        found += [_numbers(patch.get_patch_transform().transform(patch.get_path().vertices)) for patch in axes.patches]
        found += [_numbers(path.vertices) for held in axes.collections for path in held.get_paths()]
        found += [_numbers(image.get_array()) for image in axes.images]
    return found


def _text(label: object) -> str:
    """A label; those that Matplotlib makes up say nothing."""
    return "" if str(label).startswith("_") else str(label)


def _numbers(values: Any) -> list[str]:
    return [f"{value:.6g}" for value in np.ma.filled(np.asanyarray(values), 0).astype(float).ravel()]


def data_sum(figure: "Figure") -> str:
    """SHA-256 of what a figure shows: the same for the same data, whatever draws the letters."""
    return hashlib.sha256(json.dumps(shown(figure)).encode()).hexdigest()


def save(figure: "Figure", path: Path, dpi: int = 120) -> None:
    """Writes a figure as PNG or SVG, by the path's ending, with the sum of its data; SVG has dark colours, too."""
    import matplotlib

    kind, drawn = path.suffix, BytesIO()
    if kind not in _KEPT:
        raise FfpgaError(f"picture must be a file that ends in .svg or .png, not {path}")
    metadata: dict[str, Any] = {_KEPT[kind]: f"data {data_sum(figure)}"}
    with matplotlib.rc_context({"svg.hashsalt": "ffpga", "svg.fonttype": "none"}):
        figure.savefig(drawn, format=kind[1:], dpi=dpi, metadata=metadata | ({"Date": None} if kind == ".svg" else {}))
    data = drawn.getvalue()
    if kind == ".svg":
        data = data.replace(b"<defs>", f"<style>{darkened()}</style>\n <defs>".encode(), 1)
    write_whole(path, data)


def kept_sum(path: Path) -> str:
    """The sum of the data that a picture of `save` was made of; FfpgaError where it has none."""
    import re

    found = re.search(rb"data ([0-9a-f]{64})", path.read_bytes())
    if found is None:
        raise FfpgaError(f"{path} does not say of which data it is: draw it again, with ffpga bench pictures")
    return found[1].decode()
