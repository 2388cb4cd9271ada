"""Curves as PNG: of training, and of learning in the field."""

from collections.abc import Sequence
from pathlib import Path

from ..palette import LIGHT, SERIES
from ..picture import finish, new_figure, save
from ..training.field.drifting import NEW, RECOVERED, FieldRun
from ..training.run import TrainingResult


def learning_curve(result: TrainingResult, path: Path, title: str = "") -> None:
    """Draws accuracy, and clocks a pair against their floor, over the epochs."""
    from matplotlib.ticker import MaxNLocator

    epochs = [epoch.epoch for epoch in result.epochs]
    figure = new_figure(7, 6)
    top, bottom = figure.subplots(2, 1, sharex=True)
    top.plot(epochs, [100 * epoch.accuracy for epoch in result.epochs], "o-", color=SERIES[0], markersize=4)
    top.set_ylabel("test accuracy, %")
    top.set_title(f"{title}{' - ' if title else ''}{100 * result.accuracy:.2f} %", fontsize=10)
    bottom.plot(
        epochs,
        [epoch.clocks / epoch.pairs for epoch in result.epochs],
        "o-",
        color=SERIES[0],
        label="core",
        markersize=4,
    )
    floor = [epoch.floor_clocks / epoch.pairs for epoch in result.epochs]
    bottom.plot(epochs, floor, "--", color=LIGHT["muted"], label="floor of the weight memory")
    bottom.set_ylabel("clocks a pair")
    bottom.set_xlabel("epoch")
    bottom.set_ylim(bottom=0)
    bottom.xaxis.set_major_locator(MaxNLocator(integer=True))
    bottom.legend()
    for axes in (top, bottom):
        finish(axes)
    save(figure, path)


def field_curves(runs: Sequence[FieldRun], path: Path, title: str = "") -> None:
    """Draws accuracy over the pairs of the stream, a panel for each scenario."""
    names = list(dict.fromkeys(run.scenario for run in runs))
    figure = new_figure(1 + 4.2 * len(names), 4.6)
    figure.suptitle(title, fontsize=10)
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        held = [run for run in runs if run.scenario == name]
        for run in held:
            pairs = [point.pairs for point in run.points]
            how, style = (f", replay {run.replay:g}", "o--") if run.replay else ("", "o-")
            drifted, old = ([100 * getattr(point, part) for point in run.points] for part in ("drifted", "old"))
            if run.start == NEW:
                axes.plot(pairs, drifted, "^:", label="drifted data, new weights", color=LIGHT["muted"], markersize=3)
                continue
            axes.plot(pairs, drifted, style, label=f"drifted data{how}", color=SERIES[0], markersize=3)
            axes.plot(pairs, old, style.replace("o", "s"), label=f"old data{how}", color=SERIES[1], markersize=3)
        axes.axhspan(100 * (held[0].before - RECOVERED), 100 * held[0].before, color=SERIES[2], alpha=0.25, lw=0)
        axes.set_xscale("symlog", linthresh=10)
        ticks = [n for n in (0, 10, 100, 1000, 10_000, 100_000) if n <= max(run.points[-1].pairs for run in held)]
        axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
        axes.set_xlim(left=-0.5)
        axes.set_title(name)
        axes.set_xlabel("pairs of the stream")
        finish(axes)
    panels[0].set_ylabel("test accuracy, %")
    panels[0].set_ylim(0, 102)
    lines = max((axes.get_legend_handles_labels() for axes in panels), key=lambda found: len(found[0]))
    figure.legend(*lines, loc="outside lower center", ncols=2 * len(names), fontsize=8)
    save(figure, path)
