"""A run in one picture: what was learned, in what, and how positive and negative data came apart."""

from io import BytesIO
from pathlib import Path

import numpy as np

from ..errors import FfpgaError
from ..files import write_whole
from ..record.answers import bin_edges
from ..record.stored import Run

#: Neurons whose receptive fields are shown at most: a square of them.
EDGE = 8


def draw_learning(run: Run, path: Path) -> None:
    """Draws accuracy, clocks, the first layer's receptive fields, and its goodness at both ends of the run, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if path.suffix != ".png":
        raise FfpgaError(f"picture must be a file that ends in .png, not {path}")
    if not run.images:
        raise FfpgaError(f"{run.name} must be a run on images to be drawn, for their receptive fields")
    figure = Figure(figsize=(12, 4.8), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    left, middle, right = figure.subfigures(1, 3, width_ratios=(4, 3.6, 4))  # type: ignore[misc]
    epochs = [epoch["epoch"] for epoch in run.epochs]
    accuracy, clocks = left.subplots(2, 1, sharex=True)
    accuracy.plot(epochs, [100 * epoch["accuracy"] for epoch in run.epochs], "o-", markersize=3)
    accuracy.set(ylabel="test accuracy, %", title=f"{100 * run.epochs[-1]['accuracy']:.2f} % after {epochs[-1]} epochs")
    clocks.plot(epochs, [epoch["clocks"] / epoch["pairs"] for epoch in run.epochs], "o-", markersize=3, label="core")
    floor = [epoch["floor_clocks"] / epoch["pairs"] for epoch in run.epochs]
    clocks.plot(epochs, floor, "--", color="tab:gray", label="floor of the weight memory")
    clocks.set(ylabel="clocks a pair", xlabel="epoch", ylim=(0, None))
    clocks.legend()
    middle.suptitle("receptive fields of the first layer", fontsize=10)
    fields = run.arrays["fields"][: run.config.features].astype(float)
    limit = np.abs(fields).max()
    for neuron, axes in enumerate(middle.subplots(EDGE, EDGE).flat):
        axes.axis("off")
        if neuron < fields.shape[1]:
            axes.imshow(fields[:, neuron].reshape(run.image), cmap="RdBu", vmin=-limit, vmax=limit)
    edges = bin_edges() / (4096.0 * run.config.layers[0])
    panels = right.subplots(2, 1, sharex=True)
    for axes, moment, name in zip(panels, (0, -1), ("at the beginning", "at the end"), strict=True):
        for phase, (label, colour) in enumerate((("positive data", "tab:blue"), ("negative data", "tab:orange"))):
            counts = run.arrays["goodness"][moment, 0, phase].astype(float)
            axes.stairs(counts / max(1, counts.sum()), edges, fill=True, alpha=0.55, color=colour, label=label)
        axes.set(xscale="log", ylabel="share of steps", title=f"goodness of layer 1, {name}")
    kept = run.arrays["goodness"][(0, -1), 0].sum(axis=(0, 1)).nonzero()[0]
    panels[1].set(
        xlabel="mean square activity", xlim=(max(edges[kept[0]], 1e-3), edges[min(kept[-1] + 4, len(edges) - 1)])
    )
    panels[0].legend()
    for axes in (accuracy, clocks, *panels):
        axes.grid(alpha=0.3)
        axes.title.set_fontsize(10)
    data = BytesIO()
    figure.savefig(data, format="png", dpi=100)
    write_whole(path, data.getvalue())
