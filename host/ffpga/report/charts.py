"""Charts of learning: accuracy, clocks, updates, and what the test answered."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from ..record.stored import Run
from .vega import NEGATIVE, POSITIVE, ROWS, colour, epochs_axis, finished, layer_names, lines, told

#: Parts of a pair's clocks.
PARTS = ("forward walks", "updates", "beside the memory")


def accuracy(runs: Sequence[Run]) -> dict[str, Any]:
    """Test accuracy after every epoch, a line a run."""
    rows = [
        {"epoch": epoch["epoch"], "value": epoch["accuracy"], "series": run.name}
        for run in runs
        for epoch in run.epochs
    ]
    said = ", ".join(f"{run.name} {100 * run.epochs[-1]['accuracy']:.2f} %" for run in runs)
    return lines(
        rows, [run.name for run in runs], "test accuracy", f"Test accuracy over the epochs: {said} in the end",
        form=".0%" if min(row["value"] for row in rows) < 0.9 else ".1%",
    )  # fmt: skip


def clocks(runs: Sequence[Run]) -> dict[str, Any]:
    """Clocks a pair over the epochs, and dashed the floor that the weight memory sets."""
    rows = [
        {"epoch": epoch["epoch"], "clocks": epoch[name] / epoch["pairs"], "run": run.name, "what": what}
        for run in runs
        for epoch in run.epochs
        for name, what in (("clocks", "core"), ("floor_clocks", "floor of the weight memory"))
    ]
    last = max(row["epoch"] for row in rows)
    kinds = ["core", "floor of the weight memory"]
    # One legend for both of colour and dashes, where they tell the same.
    shown = alt.Legend(symbolType="stroke") if len(runs) == 1 else None
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 4]]), legend=shown)
    if len(runs) == 1:
        shade = colour("what", kinds, ("var(--series1)", "var(--muted)"), lines=True)
    else:
        shade = colour("run", [run.name for run in runs], lines=True)
    base = alt.Chart(ROWS).encode(
        x=epochs_axis(last),
        y=alt.Y("clocks:Q", title="clocks a pair", axis=alt.Axis(format=",d", tickCount=5), scale=alt.Scale(zero=True)),
        color=shade,
        strokeDash=dash,
        detail="run:N",
    )
    tooltip = ["run:N", "what:N", "epoch:Q", alt.Tooltip("clocks:Q", title="clocks a pair", format=",.0f")]
    chart = told(base, tooltip, field="run", series=[run.name for run in runs])
    return finished(chart, 200, "Clocks a pair over the epochs, with the floor of the weight memory", rows=rows)


def clock_parts(run: Run) -> list[dict[str, Any]]:
    """Of each epoch: clocks a pair that read words, wrote words, and that the memory stood still."""
    interval = 3 - run.config.memory_ports
    out = []
    for epoch in run.epochs:
        read, written = epoch["words_read"], interval * epoch["words_updated"]
        parts = (read, written, epoch["clocks"] - read - written)
        out.append({"epoch": epoch["epoch"], **dict(zip(PARTS, (n / epoch["pairs"] for n in parts), strict=True))})
    return out


def clock_shares(run: Run) -> dict[str, Any]:
    """Where the clocks of a pair went, stacked, over the epochs."""
    rows = [
        {"from": part["epoch"] - 0.4, "to": part["epoch"] + 0.4, "epoch": part["epoch"], "part": name,
         "order": order, "clocks": part[name]}
        for part in clock_parts(run)
        for order, name in enumerate(PARTS)
    ]  # fmt: skip
    chart = (
        alt.Chart(ROWS)
        .mark_rect(tooltip=True)
        .transform_stack(stack="clocks", groupby=["epoch"], as_=["low", "high"], sort=[alt.SortField("order")])
        .encode(
            x=epochs_axis(run.epochs[-1]["epoch"], "from"),
            x2="to:Q",
            y=alt.Y("low:Q", title="clocks a pair", axis=alt.Axis(format=",d", tickCount=5)),
            y2="high:Q",
            color=colour("part", PARTS, ("var(--series1)", "var(--series2)", "var(--series4)")),
            tooltip=["epoch:Q", "part:N", alt.Tooltip("clocks:Q", title="clocks a pair", format=",.0f")],
        )
    )
    return finished(chart, 220, "Where the clocks of a pair went, epoch by epoch", rows=rows)


def layer_share(run: Run, name: str, of: str, title: str, describe: str) -> dict[str, Any]:
    """A share of the steps, `name` of `of`, over time, a line a layer."""
    parts, whole = run.arrays[name].astype(float), run.arrays[of].astype(float)
    whole = whole[:, None] if whole.ndim == 1 else whole
    shares = parts / np.maximum(1, whole)
    rows = [
        {"epoch": round(float(end), 4), "value": round(float(shares[n, layer]), 5), "series": series}
        for n, end in enumerate(run.arrays["ends"])
        for layer, series in enumerate(layer_names(run))
    ]
    return lines(rows, layer_names(run), title, describe, points=False, zero=True, height=190, done=True)


def skipped(run: Run) -> dict[str, Any]:
    """Share of updates that were skipped."""
    return layer_share(run, "skipped", "updates", "updates skipped", "Share of updates skipped, layer by layer")


def right(run: Run) -> dict[str, Any]:
    """Share of steps that a layer had right before its update."""
    describe = "Share of steps that each layer had right before its update"
    return layer_share(run, "right", "steps", "steps right already", describe)


def all_skipped(runs: Sequence[Run]) -> dict[str, Any]:
    """Share of updates that were skipped, of all layers together, a line a run."""
    rows = [
        {"epoch": epoch["epoch"], "series": run.name,
         "value": epoch["updates_skipped"] / max(1, epoch["updates"] + epoch["updates_skipped"])}
        for run in runs
        for epoch in run.epochs
    ]  # fmt: skip
    return lines(rows, [run.name for run in runs], "updates skipped", "Share of updates skipped, run by run", zero=True)


def confusion(run: Run) -> dict[str, Any]:
    """Counts of true and answered labels of the last test; a field's strength is its share of the true label."""
    classes, labels, said = run.config.classes, run.arrays["labels"], run.arrays["predictions"]
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels.astype(int), said.astype(int)), 1)
    totals, names = np.maximum(1, counts.sum(axis=1)), run.labels
    rows = [
        {"true": names[true], "said": names[answer], "kind": "right" if true == answer else "wrong",
         "count": int(counts[true, answer]), "share": round(float(counts[true, answer] / totals[true]), 4)}
        for true in range(classes) for answer in range(classes) if counts[true, answer]
    ]  # fmt: skip
    upright = alt.Axis(labelAngle=0 if max(map(len, names)) < 4 else -60, ticks=False, domain=False, grid=False)
    axis = alt.Axis(ticks=False, domain=False, grid=False)
    base = alt.Chart(ROWS).encode(
        x=alt.X("said:O", title="answer", axis=upright, scale=alt.Scale(domain=names)),
        y=alt.Y("true:O", title="true label", axis=axis, scale=alt.Scale(domain=names)),
    )
    fields = base.mark_rect().encode(
        color=colour("kind", ("right", "wrong"), (POSITIVE, NEGATIVE), legend=False),
        opacity=alt.Opacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0.06, 0.7]), legend=None),
        tooltip=["true:O", alt.Tooltip("said:O", title="answer"), "count:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    text = base.mark_text(fontSize=10, color="var(--text)").encode(text=alt.Text("count:Q", format=",d"))
    return finished(fields + text, max(200, 26 * classes), "Confusion matrix of the test samples", rows=rows)
