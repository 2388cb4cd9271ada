"""Charts of weights: their histogram, how many are at a limit, how much each feature weighs."""

from typing import Any

import altair as alt
import numpy as np

from ..record.stored import WEIGHT_BINS, Run
from .vega import ROWS, colour, finished, layer_names, lines


def weights(run: Run, layer: int) -> dict[str, Any]:
    """Weights of a layer at the end of the run, those at the limits marked."""
    counts = run.arrays["weights"][layer].astype(float)
    units = np.arange(WEIGHT_BINS) - WEIGHT_BINS // 2
    width, limit = 4, 127
    total, rows = counts.sum(), []
    for first in range(-126, 127, width):
        share = counts[(units >= first) & (units < min(first + width, 127))].sum() / total
        rows.append({"low": first / 64, "high": (first + width) / 64, "share": round(share, 5), "kind": "within"})
    saturated = float(run.arrays["saturated"][-1, layer])
    ends = [counts[units <= -limit].sum() / total, counts[units >= limit].sum() / total]
    for side, share in zip((-1, 1), ends, strict=True):
        low, high = sorted((side * 128 / 64, side * 134 / 64))
        rows.append({"low": low, "high": high, "share": round(float(share), 5), "kind": "at a limit"})
    domain = alt.Scale(domain=[-2.1, 2.1], nice=False)
    chart = (
        alt.Chart(ROWS)
        .transform_calculate(zero="0")
        .mark_rect()
        .encode(
            x=alt.X("low:Q", title="weight", axis=alt.Axis(tickCount=8), scale=domain),
            x2="high:Q",
            y=alt.Y("share:Q", title="share of weights", axis=alt.Axis(format=".1~%", tickCount=4)),
            y2="zero:Q",
            color=colour("kind", ("within", "at a limit"), ("var(--series1)", "var(--warn)")),
            tooltip=["kind:N", "low:Q", "high:Q", alt.Tooltip("share:Q", format=".2%")],
        )
    )  # fmt: skip
    return finished(chart, 170, f"Weights of layer {layer + 1}; {100 * saturated:.2f} % are at a limit", rows=rows)


def saturation(run: Run) -> dict[str, Any]:
    """Share of weights at a limit after each epoch, a line a layer."""
    rows = [
        {"epoch": epoch + 1, "value": round(float(share), 6), "series": series}
        for epoch, shares in enumerate(run.arrays["saturated"], start=len(run.epochs) - len(run.arrays["saturated"]))
        for series, share in zip(layer_names(run), shares, strict=True)
    ]
    return lines(rows, layer_names(run), "weights at a limit", "Share of weights at a limit", form=".2~p", zero=True,
                 height=170)  # fmt: skip


def features(run: Run) -> dict[str, Any]:
    """Mean magnitude of the first layer's weights of each input, for data that are no images."""
    fields = run.arrays["fields"][: run.config.features].astype(float)
    means = np.abs(fields).mean(axis=1) / (64 if run.config.weight_bits == 8 else 4096)
    rows = [
        {"from": n + 0.6, "to": n + 1.4, "feature": name, "mean": round(float(mean), 4)}
        for n, (name, mean) in enumerate(zip(run.inputs, means, strict=True))
    ]
    chart = (
        alt.Chart(ROWS)
        .transform_calculate(zero="0")
        .mark_rect()
        .encode(
            x=alt.X("from:Q", title="input", axis=alt.Axis(format="d", tickMinStep=1, grid=False)),
            x2="to:Q",
            y=alt.Y("mean:Q", title="mean |weight|", axis=alt.Axis(tickCount=4)),
            y2="zero:Q",
            color=alt.value("var(--series1)"),
            tooltip=["feature:N", alt.Tooltip("mean:Q", title="mean |weight|")],
        )
    )
    return finished(chart, 170, "Mean magnitude of the first layer's weights, input by input", rows=rows)
