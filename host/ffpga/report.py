"""The learning curve as PNG."""

from io import BytesIO
from pathlib import Path

from .files import write_whole
from .training import TrainingResult


def learning_curve(result: TrainingResult, path: Path, title: str = "") -> None:
    """Draws accuracy, and clocks a pair against their floor, over the epochs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [epoch.epoch for epoch in result.epochs]
    figure = Figure(figsize=(7, 6), layout="constrained")
    FigureCanvasAgg(figure)
    top, bottom = figure.subplots(2, 1, sharex=True)
    top.plot(epochs, [100 * epoch.accuracy for epoch in result.epochs], "o-", color="tab:blue", markersize=4)
    top.set_ylabel("test accuracy, %")
    top.set_title(f"{title}{' - ' if title else ''}{100 * result.accuracy:.2f} %", fontsize=10)
    bottom.plot(epochs, [epoch.clocks / epoch.pairs for epoch in result.epochs], "o-", label="core", markersize=4)
    floor = [epoch.floor_clocks / epoch.pairs for epoch in result.epochs]
    bottom.plot(epochs, floor, "--", color="tab:gray", label="floor of the weight memory")
    bottom.set_ylabel("clocks a pair")
    bottom.set_xlabel("epoch")
    bottom.set_ylim(bottom=0)
    bottom.xaxis.set_major_locator(MaxNLocator(integer=True))
    bottom.legend()
    for axes in (top, bottom):
        axes.grid(alpha=0.3)
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=120)
    write_whole(path, drawn.getvalue())
