"""Several runs side by side."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import FfpgaError
from ..record.stored import Run
from . import charts, goodness, tiles
from .figures import said, share_saturated, share_skipped
from .page import Page
from .words import WORDS


def write_comparison(runs: Sequence[Run], path: Path) -> None:
    """Writes several runs side by side as one HTML file.

    Raises
    ------
    FfpgaError
        Two of the runs have the same name.
    """
    names = [run.name for run in runs]
    if len(set(names)) < len(names):
        raise FfpgaError(f"runs must have different names to be compared, not {', '.join(names)}: rename a folder")
    page = Page("Runs side by side", [", ".join(names), *_equal(runs)])
    page.section("Figures", table=_comparison(runs))
    card = page.card
    page.section(
        "Learning",
        cards=[
            card("Test accuracy", charts.accuracy(runs)),
            card("Clocks a pair", charts.clocks(runs), "Dashed: the floor that the weight memory sets."),
            card("Updates skipped", charts.all_skipped(runs)),
        ],
    )
    most = max(run.config.depth for run in runs)
    for layer in range(most):
        held = [run for run in runs if layer < run.config.depth]
        cards = [card(run.name, goodness.goodness_over_time(run, layer)) for run in held]
        page.section(f"Goodness, layer {layer + 1}", cards=cards)
    page.section("Confusion", cards=[card(run.name, charts.confusion(run)) for run in runs])
    page.section("Where the clocks went", cards=[card(run.name, charts.clock_shares(run)) for run in runs])
    shown = [run for run in runs if run.images]
    if shown:
        cards = [card(run.name, None, tiles=tiles.receptive_fields(run, 32)) for run in shown]
        page.section("Receptive fields of the first layer", "The first 32 neurons of each.", cards=cards)
    page.section(
        "To repeat them",
        code="\n\n".join(shlex.join(run.figures["command"]) for run in runs),
        table={"rows": [[run.name, run.figures["weights_sha256"]] for run in runs], "kind": "sums"},
    )
    page.section("Words", words=WORDS)
    page.write(path)


def _equal(runs: Sequence[Run]) -> list[str]:
    """Runs whose lines cover each other, in words."""
    groups: dict[str, list[str]] = {}
    for run in runs:
        groups.setdefault(run.figures["weights_sha256"], []).append(run.name)
    return [
        f"{' and '.join(group)} ended with the same weights: their lines lie one in the other, the first the widest."
        for group in groups.values()
        if len(group) > 1
    ]


def _comparison(runs: Sequence[Run]) -> dict[str, Any]:
    """Figures of every run, and those of its options that are not the same in all."""
    rows: list[list[Any]] = []

    def row(word: str, values: Sequence[Any], always: bool = True) -> None:
        shown = [said(value) for value in values]
        if always or len(set(shown)) > 1:
            rows.append([word, *shown])

    last = [run.epochs[-1] for run in runs]
    row("test accuracy", [f"{100 * epoch['accuracy']:.2f} %" for epoch in last])
    row("best", [f"{100 * max(epoch['accuracy'] for epoch in run.epochs):.2f} %" for run in runs])
    row("pairs", [run.figures["pairs"] for run in runs])
    row("clocks a pair, last epoch", [f"{epoch['clocks'] / epoch['pairs']:,.0f}" for epoch in last])
    row("times the floor, last epoch", [f"{epoch['clocks'] / epoch['floor_clocks']:.2f}" for epoch in last])
    row("clocks in all", [run.figures["clocks"] for run in runs])
    row("updates skipped, last epoch", [f"{100 * share_skipped(epoch):.0f} %" for epoch in last])
    row("weights at a limit", [f"{100 * share_saturated(run):.2f} %" for run in runs])
    row("weight bytes", [run.config.weight_bytes for run in runs])
    row("network", [str(run.config) for run in runs])
    row("data", [run.figures["data"] for run in runs], always=False)
    row("target", [run.figures["target"] for run in runs], always=False)
    row("data, SHA-256", [run.figures["data_sha256"][:16] for run in runs], always=False)
    for name in dict.fromkeys(name for run in runs for name in run.figures["options"]):
        row(name, [run.figures["options"].get(name) for run in runs], always=False)
    for name in dict.fromkeys(name for run in runs for name in run.figures["versions"]):
        row(name, [run.figures["versions"].get(name) for run in runs], always=False)
    return {"head": ["", *(run.name for run in runs)], "rows": rows}
