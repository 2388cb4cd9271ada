"""The accuracy table as pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import FfpgaError
from ...palette import DASHES, LIGHT, MARKERS, SERIES
from ...picture import finish, new_figure, save
from ..trials import GROUPS

Row = dict[str, Any]

#: What the groups of trials are called in the picture; phases have a picture of their own.
TITLES = {
    "main": "judged, by the median of five seeds",
    "tables": "a black box between the layers",
    "negatives": "who makes the negatives",
    "grid": "widths, weight bits; one thing changed",
    "fields": "receptive fields",
    "contenders": "200 fields, so many labels contend",
    "baselines": "what others make of the same data",
}
#: Accuracies in % that an axis names; its errors are on a logarithmic scale.
TICKS = (20, 50, 70, 80, 90, 95, 97, 98, 99, 99.5)
#: How negatives and learning rate are in trials of separate phases, by what follows the trial's name.
WAYS = {
    "": "hard negatives, chosen by the device",
    "slow": "the same, a quarter of the learning rate",
    "replayed": "negatives made by the host before the epoch",
}


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Pictures of the trials that there are.

    All of them; accuracy against the length of separate phases; networks with fields against those without, by weights
    and by clocks.
    """
    blocks = [row for row in rows if row["name"].startswith("blocks of ")]
    others = [row for row in rows if row not in blocks]
    drawn = []
    if others:
        drawn.append(folder / "accuracy.png")
        _dots(others, drawn[-1])
    if blocks:
        drawn.append(folder / "phases.png")
        _phases(blocks, drawn[-1])
    networks = {trial.name for group in ("grid", "fields") for trial in GROUPS[group]()}
    sized = [row for row in rows if row["name"] in networks]
    if any(row.get("windows") for row in sized):
        drawn.append(folder / "fields.png")
        _fronts(sized, drawn[-1])
    return drawn


def grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by the title of their group; those of no group last."""
    names = {trial.name: title for group, title in TITLES.items() for trial in GROUPS[group]()}
    found: dict[str, list[Row]] = {title: [] for title in (*TITLES.values(), "others")}
    for row in rows:
        found[names.get(row["name"], "others")].append(row)
    return {title: held for title, held in found.items() if held}


def _dots(rows: Sequence[Row], path: Path) -> None:
    """A line a trial, group by group in two columns of about the same length."""
    groups = grouped(rows)
    titles = list(groups)
    sizes = [len(held) + 2 for held in groups.values()]
    split = min(range(1, len(titles) + 1), key=lambda n: max(sum(sizes[:n]), sum(sizes[n:])))
    columns, most = (titles[:split], titles[split:]), max(sum(sizes[:split]), sum(sizes[split:]))
    used = [column for column in columns if column]
    figure = new_figure(6 * len(used), 1.3 + 0.21 * most)
    ends = [error(a) for row in rows for a in (*row["accuracies"], *([row["least"]] if row["least"] else []))]
    for axes, column in zip(figure.subplots(1, len(used), squeeze=False)[0], used, strict=True):
        places, names = [], []
        at = 0
        for title in column:
            axes.text(
                0.0, at, f" {title}", transform=axes.get_yaxis_transform(), fontsize=9, weight="bold", va="center"
            )
            for row in groups[title]:
                at += 1
                _trial(axes, row, at)
                places.append(at)
                names.append(row["name"])
            at += 2
        axes.set_yticks(places, names)
        axes.set_ylim(most - 1.5, -0.8)
        _error_axis(axes, ends)
        finish(axes)
        axes.tick_params(axis="y", length=0, labelsize=8.5)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    save(figure, path)


def _trial(axes: Any, row: Row, place: int) -> None:
    first = not axes.get_legend_handles_labels()[1]
    said = ("each seed", "median", "at least: what is asked for") if first else ("", "", "")
    least = [] if row["least"] is None else [error(row["least"])]
    seeds = [error(a) for a in row["accuracies"]] if len(row["accuracies"]) > 1 or first else []
    axes.plot(seeds, [place] * len(seeds), "x", color=LIGHT["muted"], markersize=4, label=said[0])
    axes.plot(error(row["median"]), place, "o", color=SERIES[0], markersize=5, label=said[1])
    if least or first:
        axes.plot(
            least, [place] * len(least), "|", color=LIGHT["warn"], markersize=11, markeredgewidth=2, label=said[2]
        )


def _error_axis(axes: Any, ends: Sequence[float]) -> None:
    """The axis of accuracies, best at the right: their errors, logarithmic, which both of its names say."""
    axes.set_xscale("log")
    axes.set_xlim(1.25 * max(ends), min(ends) / 1.25)
    held = [tick for tick in TICKS if min(ends) / 1.25 <= 100 - tick <= 1.25 * max(ends)]
    axes.set_xticks([100 - tick for tick in held], [f"{tick:g}" for tick in held])
    axes.minorticks_off()
    axes.set_xlabel("test accuracy, % (its error is on a logarithmic scale)")


def error(accuracy: float) -> float:
    """Percent of the test samples, at least what a logarithmic axis can show."""
    return max(0.1, 100 * (1 - accuracy))


def _phases(rows: Sequence[Row], path: Path) -> None:
    curves: dict[str, list[Row]] = {}
    for row in rows:
        curves.setdefault(row["name"].partition(", ")[2], []).append(row)
    blocks = sorted({row["options"]["block"] for row in rows})
    figure = new_figure(8, 4.6)
    axes = figure.subplots()
    for n, (way, held) in enumerate(curves.items()):
        points = sorted(held, key=lambda row: row["options"]["block"])
        if [row["options"]["block"] for row in points] != blocks:
            raise FfpgaError(
                f"{path.name} needs blocks of {blocks} in every way: run ffpga bench accuracy --group phases"
            )
        axes.plot(
            blocks, [100 * row["median"] for row in points], MARKERS[n], ls=DASHES[n], color=SERIES[n], markersize=6,
            label=WAYS.get(way, way),
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(blocks, [f"{block:,}" for block in blocks])
    axes.minorticks_off()
    axes.set_ylim(0, 100)
    axes.set(xlabel="samples of a phase before the other one begins (an epoch is 60,000)", ylabel="test accuracy, %")
    axes.set_title("threshold objective, 784-128-128, 5 epochs, phases in separate blocks")
    axes.legend(loc="lower left", frameon=False, fontsize=9)
    finish(axes)
    save(figure, path)


def front(rows: Sequence[Row], cost: str) -> list[Row]:
    """The trials, cheapest first, that are more accurate than every cheaper one."""
    best: list[Row] = []
    for row in sorted(rows, key=lambda row: (row[cost], -row["median"])):
        if not best or row["median"] > best[-1]["median"]:
            best.append(row)
    return best


def _fronts(rows: Sequence[Row], path: Path) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    figure = new_figure(11, 5)
    kinds: dict[str, list[Row]] = {"fully connected": [], "receptive fields": []}
    for row in rows:
        kinds["receptive fields" if row.get("windows") else "fully connected"].append(row)
    costs = {"weight_bytes": "bytes of weights", "clocks_a_pair": "clocks a training pair, mean of all epochs, 8 lanes"}
    for axes, (cost, text) in zip(figure.subplots(1, 2, sharey=True), costs.items(), strict=True):
        for n, (kind, held) in enumerate(kinds.items()):
            colour, marker = (LIGHT["muted"], SERIES[0])[n], MARKERS[1 - n]
            best = front(held, cost)
            behind = [row for row in held if row not in best]
            axes.plot(
                [row[cost] for row in behind], [error(row["median"]) for row in behind], marker, color=colour,
                fillstyle="none", markersize=5,
            )  # fmt: skip
            axes.plot(
                [row[cost] for row in best], [error(row["median"]) for row in best], marker, ls=DASHES[1 - n],
                color=colour, label=f"{kind} (filled: none is as cheap and better)",
            )  # fmt: skip
            for row in best if kind == "receptive fields" else ():
                axes.annotate(
                    row["name"], (row[cost], error(row["median"])), (-6, 3), textcoords="offset points", fontsize=8,
                    ha="right",
                )  # fmt: skip
        axes.set_xscale("log")
        axes.set_yscale("log")
        low, high = axes.get_xlim()
        axes.set_xlim(low / 5, high)  # room for the names
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(text)
        axes.minorticks_off()
        finish(axes)
        axes.tick_params(axis="x", labelsize=8)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    ticks = (94, 95, 96, 97, 98, 98.5, 99)
    axes.set_yticks([100 - tick for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.set_ylim(6, 1)
    figure.supylabel("test accuracy, % (its error is on a logarithmic scale)", fontsize=10, color=LIGHT["muted"])
    save(figure, path)
