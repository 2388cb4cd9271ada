"""Charts of goodness: histograms of both phases, over time and at the end."""

from typing import Any

import altair as alt
import numpy as np

from ..record.answers import bin_edges
from ..record.stored import Run
from .vega import NEGATIVE, POSITIVE, ROWS, colour, epochs_axis, finished


def mean_square(run: Run, layer: int, squares: np.ndarray) -> np.ndarray:
    """Goodness as mean square activity, the unit of theta."""
    return squares / (4096.0 * run.config.layers[layer])


def _bands(run: Run, layer: int, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Histograms [..., 2, BINS] of a layer in bands of a quarter octave: edges [2, bands], and what falls into each.

    What is beyond the bands that hold a hundredth of some histogram goes into the outermost ones.
    """
    edges = mean_square(run, layer, bin_edges())[::2]
    bands = counts.reshape(*counts.shape[:-1], -1, 2).sum(axis=-1).astype(np.int64)
    shares = bands / np.maximum(1, bands.sum(axis=-1, keepdims=True))
    used = np.flatnonzero(shares.reshape(-1, shares.shape[-1]).max(axis=0) >= 0.01)
    # A layer that is silent for a sample has no goodness at all, and a logarithmic axis no place for that.
    first, last = max(int(used[0]), min(int(np.searchsorted(edges, 1e-3)), int(used[-1]))), int(used[-1])
    kept = bands[..., first : last + 1].copy()
    kept[..., 0] += bands[..., :first].sum(axis=-1)
    kept[..., -1] += bands[..., last + 1 :].sum(axis=-1)
    low, high = edges[first : last + 1].copy(), edges[first + 1 : last + 2]
    low[0] = max(low[0], high[0] / 2)  # the first band of all begins at 0, which has no place on this axis
    return np.stack([low, high]), kept


def medians(run: Run, layer: int) -> np.ndarray:
    """Median goodness [moments, 2] of a layer, between the bins' edges in proportion; nan without steps."""
    counts = run.arrays["goodness"][:, layer].astype(float)
    sums, edges = np.cumsum(counts, axis=-1), mean_square(run, layer, bin_edges())
    half = sums[..., -1:] / 2
    at = np.minimum((sums < half).sum(axis=-1), counts.shape[-1] - 1)[..., None]
    inside = np.take_along_axis(counts, at, -1)
    part = (half - (np.take_along_axis(sums, at, -1) - inside)) / np.maximum(1, inside)
    found = edges[at] + part * (edges[at + 1] - edges[at])
    return np.where(half > 0, found, np.nan)[..., 0]


def _goodness_axis(edges: np.ndarray) -> dict[str, Any]:
    """A logarithmic axis over bands [2, n], with lines at 1, 2 and 5 times powers of ten, or at these alone."""
    low, high = float(edges[0, 0]), float(edges[1, -1])
    steps = (1, 2, 5) if high / low < 100 else (1,)
    ticks = [step * 10.0**power for power in range(-4, 5) for step in steps]
    return {
        "title": "goodness (mean square activity)",
        "axis": alt.Axis(format="~g", values=[tick for tick in ticks if low <= tick <= high]),
        "scale": alt.Scale(type="log", nice=False, domain=[low, high]),
    }


def goodness_over_time(run: Run, layer: int) -> dict[str, Any]:
    """Histograms of both phases' goodness over the epochs, one above the other, with their medians."""
    edges, bands = _bands(run, layer, run.arrays["goodness"][:, layer])
    ends = run.arrays["ends"].astype(float).tolist()
    begins = [run.begun, *ends[:-1]]
    rows, middles = [], []
    halves = np.clip(medians(run, layer), edges[0, 0], edges[1, -1])
    for moment, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        for phase, name in enumerate(("positive", "negative")):
            shares = bands[moment, phase] / max(1, bands[moment, phase].sum())
            if not np.isnan(halves[moment, phase]):
                value = float(f"{halves[moment, phase]:.4g}")
                middles.append({"epoch": (begin + end) / 2, "goodness": value, "phase": name})
            rows += [
                {"a": round(begin, 4), "b": round(end, 4), "low": float(f"{edges[0, n]:.4g}"),
                 "high": float(f"{edges[1, n]:.4g}"), "share": round(float(shares[n]), 4), "phase": name}
                for n in np.flatnonzero(shares >= 0.001)
            ]  # fmt: skip
    shade = colour("phase", ("positive", "negative"), (POSITIVE, NEGATIVE))
    opacity = alt.Opacity("share:Q", scale=alt.Scale(type="sqrt", range=[0.02, 0.6]), legend=None)
    tooltip = ["phase:N", alt.Tooltip("share:Q", format=".1%"), "low:Q", "high:Q", alt.Tooltip("b:Q", title="epoch")]
    cloud = (
        alt.Chart(ROWS)
        .mark_rect(stroke=None)
        .encode(
            x=epochs_axis(ends[-1], "a", done=True), x2="b:Q", y=alt.Y("low:Q", **_goodness_axis(edges)), y2="high:Q",
            color=shade, opacity=opacity, tooltip=tooltip,
        )
    )  # fmt: skip
    base = alt.Chart(alt.NamedData(name="middles")).encode(x="epoch:Q", y="goodness:Q", detail="phase:N")
    # On paper of their own: the clouds around them have the same colours.
    middle = base.mark_line(strokeWidth=7, stroke="var(--card)", opacity=0.9)
    for name, dash in (("positive", [1, 0]), ("negative", [7, 4])):
        own = base.transform_filter(alt.FieldEqualPredicate(field="phase", equal=name)).encode(color=shade)
        middle += own.mark_line(strokeWidth=2.5, strokeDash=dash)
    describe = f"Goodness of layer {layer + 1} over the epochs, positive and negative data"
    return finished(cloud + middle, 230, describe, rows=rows, middles=middles)


def goodness_at_end(run: Run, layer: int) -> dict[str, Any]:
    """Histograms of both phases' goodness in the last stretch of the training."""
    edges, bands = _bands(run, layer, run.arrays["goodness"][-1:, layer])
    rows = [
        {"low": float(f"{edges[0, n]:.4g}"), "high": float(f"{edges[1, n]:.4g}"),
         "share": round(float(bands[0, phase, n] / max(1, bands[0, phase].sum())), 4), "phase": name}
        for phase, name in enumerate(("positive", "negative"))
        for n in range(bands.shape[-1])
    ]  # fmt: skip
    chart = (
        alt.Chart(ROWS)
        .transform_calculate(zero="0")
        .mark_rect(opacity=0.55)
        .encode(
            x=alt.X("low:Q", **_goodness_axis(edges)),
            x2="high:Q",
            y=alt.Y("share:Q", title="share of steps", axis=alt.Axis(format=".0%", tickCount=4)),
            y2="zero:Q",
            color=colour("phase", ("positive", "negative"), (POSITIVE, NEGATIVE)),
            tooltip=["phase:N", "low:Q", "high:Q", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return finished(chart, 170, f"Goodness of layer {layer + 1} at the end of the training", rows=rows)
