"""The table and the picture of the real tasks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..markdown import table
from ..palette import LIGHT, SERIES
from ..picture import finish, new_figure, save

Row = dict[str, Any]

#: The contestants: what a row calls them, the picture's legend, colour and marker.
WHO = (
    ("ours", "ours, 8-bit weights, learned on the chip", SERIES[0], "o"),
    ("mlp", "perceptron of the same layers, float, backpropagation", SERIES[1], "D"),
    ("logistic", "logistic regression", LIGHT["muted"], "|"),
)
#: Accuracies in % that the axis names; its errors are on a logarithmic scale.
TICKS = (50, 60, 70, 80, 85, 90, 95, 97, 98, 99, 99.5)


def tasks_table(rows: Sequence[Row]) -> str:
    """Medians of the seeds, in %, and what the network takes; the last line has the means."""
    head = ("task", "train / test", "features, classes", "ours", "perceptron", "difference", "logistic regression")
    lines = []
    for row in rows:
        sizes = f"{row['samples']:,} / {row['tests']:,}", f"{row['features']}, {row['classes']}"
        least = f"{_percent(row['ours'])} ({min(row['seeds']['ours']) * 100:.2f})"
        costs = row["coding"], str(row["epochs"]), f"{row['weight_bytes']:,}", f"{row['clocks_a_pair']:,.0f}"
        difference = f"{100 * (row['ours'] - row['mlp']):+.2f}"
        lines.append((row["name"], *sizes, least, _percent(row["mlp"]), difference, _percent(row["logistic"]), *costs))
    means = [sum(row[name] for row in rows) / len(rows) for name in ("ours", "mlp", "logistic")]
    lines.append(
        ("mean", "", "", f"{100 * means[0]:.2f}", _percent(means[1]), f"{100 * (means[0] - means[1]):+.2f}",
         _percent(means[2]), "", "", "", "")
    )  # fmt: skip
    return table((*head, "coding", "epochs", "bytes", "clocks a pair"), lines)


def fields_table(rows: Sequence[Row]) -> str:
    """Networks whose first layer has receptive fields."""
    lines = []
    for row in rows:
        seeds = ", ".join(_percent(accuracy) for accuracy in row["seeds"]["ours"])
        layers = "-".join(map(str, row["layers"]))
        costs = f"{row['weight_bytes']:,}", f"{row['clocks_a_pair']:,.0f}"
        lines.append((row["name"], f"{layers}, fields {row['fields']}", _percent(row["ours"]), seeds, *costs))
    return table(("task", "network", "ours", "seeds", "bytes", "clocks a pair"), lines)


def _percent(accuracy: float) -> str:
    return f"{100 * accuracy:.2f}"


def draw_tasks(rows: Sequence[Row], path: Path) -> None:
    """A line a task: our median and seeds, the perceptron's, logistic regression's."""
    figure = new_figure(8, 1.5 + 0.42 * len(rows))
    axes = figure.subplots()
    places = range(len(rows) - 1, -1, -1)
    for place, row in zip(places, rows, strict=True):
        axes.plot([_error(row["ours"]), _error(row["mlp"])], [place] * 2, color=LIGHT["line"], linewidth=3, zorder=1)
        axes.plot([_error(one) for one in row["seeds"]["ours"]], [place] * len(row["seeds"]["ours"]), ".",
                  color=SERIES[0], alpha=0.5, markersize=4)  # fmt: skip
    for name, said, colour, marker in WHO:
        size = {"|": 12, "D": 6}.get(marker, 8)
        axes.plot([_error(row[name]) for row in rows], list(places), marker, color=colour, label=said,
                  markersize=size, markeredgewidth=2.5 if marker == "|" else 0.5)  # fmt: skip
    axes.set_yticks(list(places), [row["name"] for row in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xscale("log")
    ends = [_error(row[name]) for row in rows for name, *_ in WHO]
    axes.set_xlim(max(ends) * 1.3, min(ends) / 1.3)
    axes.set_xticks([100 - tick for tick in TICKS], [f"{tick:g}" for tick in TICKS])
    axes.set_xlim(max(ends) * 1.3, min(ends) / 1.3)
    axes.minorticks_off()
    axes.set_xlabel("test accuracy, % (its error is on a logarithmic scale): medians; small dots: our seeds")
    finish(axes)
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    save(figure, path, 110)


def _error(accuracy: float) -> float:
    """Percent of the test samples, at least what a logarithmic axis can show."""
    return max(0.1, 100 * (1 - accuracy))
