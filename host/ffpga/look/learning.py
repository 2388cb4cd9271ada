"""A run in one picture: what was learned, in what, and how positive and negative data came apart."""

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FfpgaError
from ..palette import LIGHT, SERIES
from ..picture import finish, new_figure, save
from ..record.answers import bin_edges
from ..record.stored import Run

#: Neurons whose receptive fields are shown at most: a square of them.
EDGE = 8


def draw_learning(run: Run, path: Path) -> None:
    """Draws accuracy, clocks, the first layer's receptive fields, and its goodness at both ends of the run, as PNG."""
    if path.suffix != ".png":
        raise FfpgaError(f"picture must be a file that ends in .png, not {path}")
    if not run.images:
        raise FfpgaError(f"{run.name} must be a run on images to be drawn, for their receptive fields")
    figure = new_figure(12, 4.8)
    left, middle, right = figure.subfigures(1, 3, width_ratios=(4, 3.6, 4))  # type: ignore[misc]
    _curves(left, run)
    middle.suptitle("weights of the first layer's neurons:\nblue raises, orange lowers", fontsize=10)
    _fields(middle, run)
    _goodness(right, run)
    save(figure, path, 100)


def _curves(figure: Any, run: Run) -> None:
    epochs = [epoch["epoch"] for epoch in run.epochs]
    accuracy, clocks = figure.subplots(2, 1, sharex=True)
    accuracy.plot(epochs, [100 * epoch["accuracy"] for epoch in run.epochs], "o-", color=SERIES[0], markersize=3)
    accuracy.set(ylabel="test accuracy, %", title=f"{100 * run.epochs[-1]['accuracy']:.2f} % after {epochs[-1]} epochs")
    core = [epoch["clocks"] / epoch["pairs"] for epoch in run.epochs]
    floor = [epoch["floor_clocks"] / epoch["pairs"] for epoch in run.epochs]
    clocks.plot(epochs, core, "o-", color=SERIES[0], markersize=3, label="core")
    clocks.plot(epochs, floor, "--", color=LIGHT["muted"], label="floor: the weight memory's")
    clocks.set(ylabel="clocks a pair", xlabel="epoch", ylim=(0, None))
    clocks.yaxis.set_major_formatter("{x:,.0f}")
    clocks.legend(frameon=False, fontsize=9, loc="lower left")
    for axes in (accuracy, clocks):
        finish(axes)


def _fields(figure: Any, run: Run) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("weights", [LIGHT["negative"], LIGHT["paper"], LIGHT["positive"]])
    fields = run.arrays["fields"][: run.config.features].astype(float)
    limit = np.abs(fields).max()
    for neuron, axes in enumerate(figure.subplots(EDGE, EDGE).flat):
        axes.set(xticks=(), yticks=())
        for spine in axes.spines.values():
            spine.set_color(LIGHT["line"])
        if neuron < fields.shape[1]:
            axes.imshow(fields[:, neuron].reshape(run.image), cmap=shades, vmin=-limit, vmax=limit)
        else:
            axes.axis("off")


def _goodness(figure: Any, run: Run) -> None:
    edges = bin_edges() / (4096.0 * run.config.layers[0])
    panels = figure.subplots(2, 1, sharex=True)
    for axes, moment, name in zip(panels, (0, -1), ("at the beginning", "at the end"), strict=True):
        for phase, (word, dash) in enumerate((("positive", "-"), ("negative", "--"))):
            counts = run.arrays["goodness"][moment, 0, phase].astype(float)
            shares = 100 * counts / max(1, counts.sum())
            axes.stairs(shares, edges, fill=True, alpha=0.3, color=LIGHT[word])
            axes.stairs(shares, edges, color=LIGHT[word], ls=dash, lw=1.4, label=f"{word} data")
        axes.set(xscale="log", ylabel="% of the steps", title=f"goodness of layer 1, {name}")
    kept = run.arrays["goodness"][(0, -1), 0].sum(axis=(0, 1)).nonzero()[0]
    panels[1].set(
        xlabel="goodness: mean square activity",
        xlim=(max(edges[kept[0]], 1e-3), edges[min(kept[-1] + 4, len(edges) - 1)]),
    )
    panels[0].legend(frameon=False, fontsize=9)
    for axes in panels:
        finish(axes)
