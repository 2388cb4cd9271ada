"""The accuracy table as Markdown, and as pictures."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from ..files import write_whole
from ..markdown import table
from .trials import GROUPS

Row = dict[str, Any]


def accuracy_table(rows: Sequence[Row]) -> str:
    """A line a trial: median and every seed."""
    head = ("trial", "median", "seeds", "clocks a pair", "weights", "at least")
    lines = []
    for row in rows:
        clocks = f"{row['clocks_a_pair']:,.0f}" if "clocks_a_pair" in row else ""
        weights = f"{row['weight_bytes']:,} B" if "weight_bytes" in row else ""
        least = "" if row["least"] is None else f"{100 * row['least']:.1f} %{'' if row['reached'] else ', missed'}"
        seeds = ", ".join(f"{100 * accuracy:.2f}" for accuracy in row["accuracies"])
        lines.append((row["name"], f"{100 * row['median']:.2f} %", seeds, clocks, weights, least))
    return table(head, lines)


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Pictures of the trials that there are.

    All of them; accuracy against the length of separate phases; networks with fields against those without, by weights
    and by clocks.
    """
    drawn = [folder / "accuracy.png"]
    _dots(rows, drawn[0])
    blocks = [row for row in rows if row["name"].startswith("blocks of ")]
    if blocks:
        drawn.append(folder / "phases.png")
        _phases(blocks, drawn[-1])
    networks = {trial.name for group in ("grid", "fields") for trial in GROUPS[group]()}
    sized = [row for row in rows if row["name"] in networks]
    if any(row.get("windows") for row in sized):
        drawn.append(folder / "fields.png")
        _fronts(sized, drawn[-1])
    return drawn


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: Path) -> None:
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=120)
    write_whole(path, drawn.getvalue())


#: Accuracies in % that the picture's axis names; its errors are on a logarithmic scale.
_TICKS = (20, 50, 70, 80, 90, 95, 97, 98, 99, 99.5)


def _dots(rows: Sequence[Row], path: Path) -> None:
    figure = _figure(8, 1.2 + 0.24 * len(rows))
    axes = figure.subplots()
    for place, row in enumerate(reversed(rows)):
        axes.plot([_error(a) for a in row["accuracies"]], [place] * len(row["accuracies"]), ".", color="tab:gray")
        axes.plot(_error(row["median"]), place, "o", color="tab:blue", markersize=5)
        if row["least"] is not None:
            axes.plot(_error(row["least"]), place, "|", color="tab:red", markersize=11, markeredgewidth=2)
    axes.set_yticks(range(len(rows)), [row["name"] for row in reversed(rows)], fontsize=8)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xscale("log")
    worst, best = axes.get_xlim()[1], axes.get_xlim()[0]
    axes.set_xticks([100 - tick for tick in _TICKS], [f"{tick:g}" for tick in _TICKS])
    axes.minorticks_off()
    axes.set_xlim(worst, best)
    axes.set_xlabel("test accuracy, %: median (blue), each seed (gray), what is asked for (red)")
    axes.grid(alpha=0.3)
    _save(figure, path)


def _error(accuracy: float) -> float:
    """Percent of the test samples, at least what a logarithmic axis can show."""
    return max(0.1, 100 * (1 - accuracy))


def _phases(rows: Sequence[Row], path: Path) -> None:
    figure = _figure(7, 4.5)
    axes = figure.subplots()
    curves: dict[str, list[Row]] = {}
    for row in rows:
        curves.setdefault(row["name"].partition(", ")[2] or "as it is", []).append(row)
    for name, points in curves.items():
        blocks = [row["options"]["block"] for row in points]
        (line,) = axes.plot(blocks, [100 * row["median"] for row in points], "o-", markersize=4, label=name)
        for row, block in zip(points, blocks, strict=True):
            axes.plot(
                [block] * len(row["accuracies"]), [100 * a for a in row["accuracies"]], ".", color=line.get_color()
            )
    axes.set_xscale("log")
    axes.set_xlabel("samples of a phase")
    axes.set_ylabel("test accuracy, %")
    axes.legend()
    axes.grid(alpha=0.3)
    _save(figure, path)


def front(rows: Sequence[Row], cost: str) -> list[Row]:
    """The trials, cheapest first, that are more accurate than every cheaper one."""
    best: list[Row] = []
    for row in sorted(rows, key=lambda row: (row[cost], -row["median"])):
        if not best or row["median"] > best[-1]["median"]:
            best.append(row)
    return best


def _fronts(rows: Sequence[Row], path: Path) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    figure = _figure(11, 5)
    kinds = {"fully connected": [], "receptive fields": []}  # type: dict[str, list[Row]]
    for row in rows:
        kinds["receptive fields" if row.get("windows") else "fully connected"].append(row)
    costs = {"weight_bytes": "bytes of weights", "clocks_a_pair": "clocks a training pair, mean of all epochs, 8 lanes"}
    for axes, (cost, text) in zip(figure.subplots(1, 2, sharey=True), costs.items(), strict=True):
        for colour, (kind, held) in zip(("tab:gray", "tab:blue"), kinds.items(), strict=True):
            axes.plot([row[cost] for row in held], [_error(row["median"]) for row in held], ".", color=colour)
            best = front(held, cost)
            axes.plot(
                [row[cost] for row in best], [_error(row["median"]) for row in best], "o-", color=colour, label=kind
            )
            for row in best if kind == "receptive fields" else ():
                axes.annotate(
                    row["name"], (row[cost], _error(row["median"])), (-5, 3), textcoords="offset points", fontsize=7,
                    ha="right",
                )  # fmt: skip
        axes.set_xscale("log")
        axes.set_yscale("log")
        low, high = axes.get_xlim()
        axes.set_xlim(low / 4, high)  # room for the names
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(text)
        axes.grid(alpha=0.3)
        axes.minorticks_off()
        axes.tick_params(axis="x", labelsize=8)
        axes.legend(loc="lower right")
    ticks = (94, 95, 96, 97, 98, 98.5, 99)
    axes.set_yticks([100 - tick for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.set_ylim(6, 1)
    figure.supylabel("test accuracy, %", fontsize=10)
    _save(figure, path)
