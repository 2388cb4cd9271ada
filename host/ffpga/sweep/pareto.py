"""Pareto fronts: the configurations that no other one beats in accuracy and in cost, and a picture of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from ..palette import LIGHT, SERIES
from ..picture import finish, new_figure, save
from .grid import CHOICES, FIELDS, RECURRENT, SIZES

#: Figures that accuracy is weighed against, and their axes' titles; cells only where a sweep has them.
COSTS = {
    "clocks_a_pair": "clocks a pair, mean of the epochs",
    "weight_bytes": "weight bytes",
    "cells": "logic cells",
}

#: Figures that depend on the seed.
MEANS = ("accuracy", "clocks_a_pair", "last_clocks_a_pair", "floor_ratio")


def front(costs: Sequence[float], accuracies: Sequence[float]) -> list[int]:
    """Places of the Pareto-optimal points, by rising cost.

    No other point is as cheap and more accurate, or as accurate and cheaper; of equal ones all are optimal or none.
    """
    kept: list[int] = []
    for place in sorted(range(len(costs)), key=lambda place: (costs[place], -accuracies[place])):
        equal = kept and (costs[place], accuracies[place]) == (costs[kept[-1]], accuracies[kept[-1]])
        if not kept or equal or accuracies[place] > accuracies[kept[-1]]:
            kept.append(place)
    return kept


def configurations(rows: Iterable[dict[str, Any]], shown: Sequence[str]) -> list[dict[str, Any]]:
    """A sweep's rows that have an accuracy, those of one configuration made one: means over its seeds.

    Each has a `label` of its values on the axes `shown`, and `optimal`: names of the costs on whose fronts it is.
    """
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        if row["accuracy"] is not None:
            key = tuple(row.get(name) for name in (*SIZES, RECURRENT, FIELDS, *CHOICES) if name != "seed")
            groups.setdefault(key, []).append(row)
    found = []
    for first, *others in groups.values():
        means = {name: fmean(row[name] for row in (first, *others)) for name in MEANS}
        label = ", ".join(f"{name.replace('_', ' ')} {first[name]}" for name in shown)
        whole = {name: value for name, value in {**first, **means}.items() if name not in ("seed", "status")}
        found.append({**whole, "seeds": 1 + len(others), "label": label or "the only one", "optimal": []})
    for cost in COSTS:
        held = [row for row in found if row.get(cost) is not None]
        for place in front([row[cost] for row in held], [row["accuracy"] for row in held]):
            held[place]["optimal"].append(cost)
    return found


def draw_fronts(found: Sequence[dict[str, Any]], path: Path, title: str) -> None:
    """Draws accuracy against each cost, one above the other, the fronts' points joined and named."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    costs = [cost for cost in COSTS if any(row.get(cost) is not None for row in found)]
    figure = new_figure(8, 4.5 * len(costs))
    for axes, cost in zip(figure.subplots(len(costs), 1, squeeze=False)[:, 0], costs, strict=True):
        places: dict[tuple[float, float], list[dict[str, Any]]] = {}
        for row in found:
            if row.get(cost) is not None:
                places.setdefault((row[cost], 100 * row["accuracy"]), []).append(row)
        best = sorted(place for place, rows in places.items() if cost in rows[0]["optimal"])
        axes.plot(*zip(*places, strict=True), "o", color=LIGHT["series4"], markersize=4)
        axes.plot(*zip(*best, strict=True), "s-", color=SERIES[0])
        for x, y in best:
            others = len(places[x, y]) - 1
            text = places[x, y][0]["label"] + (f" and {others} more" if others else "")
            left = x**2 <= min(places)[0] * max(places)[0]
            axes.annotate(
                text, (x, y), (5 if left else -5, -5), textcoords="offset points", fontsize=7, va="top",
                ha="left" if left else "right",
            )  # fmt: skip
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set(xlabel=COSTS[cost], ylabel="test accuracy, %")
        axes.margins(0.1)
        finish(axes)
    figure.suptitle(f"{title}; the Pareto-optimal ones are joined", fontsize=10)
    save(figure, path)
