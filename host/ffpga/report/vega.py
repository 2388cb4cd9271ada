"""What the report's charts share: Vega-Lite made with Altair.

Colours are names of the page's style sheet, `var(--...)`, which Vega's SVG passes on as they are: so the page alone
decides what dark mode and print look like, and one drawing is right for all of them.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt

from ..record.stored import Run

#: Colours of runs and of layers, and of the two phases.
SERIES = [f"var(--series{n})" for n in range(1, 9)]
POSITIVE, NEGATIVE = "var(--positive)", "var(--negative)"
#: Dashes of runs and of layers.
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [1, 3], [4, 2, 1, 2, 1, 2], [10, 2])

Rows = list[dict[str, Any]]

#: What a chart draws; Altair checks each value of data that it is given itself, which takes longer than all the rest.
ROWS = alt.NamedData(name="rows")


def _config() -> dict[str, Any]:
    text = {"labelColor": "var(--muted)", "titleColor": "var(--muted)", "titleFontWeight": "normal"}
    font = "system-ui, sans-serif"
    return {
        "font": font,
        "background": "transparent",
        "view": {"stroke": "transparent"},
        "axis": {
            **text,
            "gridColor": "var(--grid)",
            "domainColor": "var(--grid)",
            "tickColor": "var(--grid)",
            "labelFontSize": 11,
            "titleFontSize": 11,
        },
        "legend": {**text, "orient": "top", "title": None, "labelFontSize": 11, "symbolStrokeWidth": 2, "columns": 2},
        "title": {"color": "var(--text)", "fontSize": 12, "fontWeight": "normal", "anchor": "start", "offset": 6},
        "point": {"size": 30, "filled": True},
    }


def finished(chart: Any, height: int, describe: str, **tables: Rows) -> dict[str, Any]:
    """A chart as wide as its place, as a specification with its data."""
    whole = chart.properties(width="container", height=height, description=describe)
    spec = whole.configure(**_config()).to_dict(validate=False)  # a test does it, of every chart
    spec["datasets"] = tables
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def colour(
    field: str, domain: Sequence[str], colours: Sequence[str] = SERIES, *, legend: bool = True, lines: bool = False
) -> alt.Color:
    scale = alt.Scale(domain=list(domain), range=[colours[n % len(colours)] for n in range(len(domain))])
    shown = alt.Legend(symbolType="stroke") if lines else alt.Legend()
    return alt.Color(f"{field}:N", scale=scale, legend=shown if legend else None)


def epochs_axis(last: float, field: str = "epoch", *, done: bool = False) -> alt.X:
    """The axis of the epochs, with a tick at whole ones only.

    An epoch's own figure stands at its number, lines and bars alike; with `done` the axis is the training's time, from
    0 epochs done on.
    """
    step = max(1, -(-round(last) // 8))
    ticks = list(range(0, round(last) + 1, step))
    if not done:
        ticks = sorted({1, *ticks[1:]} - ({2} if step > 2 else set()))
    axis = alt.Axis(format="d", grid=False, values=ticks)
    domain = [0, max(1, last)] if done else [0.5, max(1, last) + 0.5]
    return alt.X(
        f"{field}:Q", title="epochs done" if done else "epoch", axis=axis, scale=alt.Scale(domain=domain, nice=False)
    )


def _share_scale(rows: Rows, zero: bool) -> alt.Scale:
    """The scale of shares; where all are equal, room around them, so that the axis has more than one tick."""
    values = [row["value"] for row in rows]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    low = 0.0 if zero else low
    if high - low >= 0.001:
        return alt.Scale(zero=zero)
    return alt.Scale(domain=[max(0.0, low - 0.02), min(1.0, high + 0.02)], nice=False)


def told(
    base: alt.Chart, tooltip: Sequence[Any], *, points: bool = True, field: str = "", series: Sequence[str] = ()
) -> alt.LayerChart:
    """Lines, their points, and around each of those a place as large as a finger that tells its figures.

    Lines of `series`, which are values of `field`, may cover each other: the first is the widest, so that of equal
    ones each is seen.
    """
    seen = base.mark_point(filled=True, size=30 if points else 1, opacity=1 if points else 0)
    drawn = [base.mark_line(strokeWidth=2)]
    if len(series) > 1:
        drawn = [
            base.transform_filter(alt.FieldEqualPredicate(field=field, equal=name)).mark_line(
                strokeWidth=2 + 3 * (len(series) - 1 - n)
            )
            for n, name in enumerate(series)
        ]
    near = base.mark_point(filled=True, size=500, opacity=0).encode(tooltip=list(tooltip))
    return alt.LayerChart(layer=[*drawn, seen, near])


def lines(
    rows: Rows, series: Sequence[str], title: str, describe: str, *, form: str = ".0%", points: bool = True,
    zero: bool = False, height: int = 200, colours: Sequence[str] = SERIES, done: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Lines over the epochs: rows of epoch, value and series. Each has its colour, its dash and its width."""
    last = max((row["epoch"] for row in rows), default=1)
    several = len(series) > 1
    dashes = alt.Scale(domain=list(series), range=[DASHES[n % len(DASHES)] for n in range(len(series))])
    scale = _share_scale(rows, zero)
    flat = scale.to_dict().get("domain") is not None and form[-1] == "%"
    base = alt.Chart(ROWS).encode(
        x=epochs_axis(last, done=done),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(format=".1%" if flat else form, tickCount=5), scale=scale),
        color=colour("series", series, colours, legend=several, lines=True),
    )
    if several:
        base = base.encode(strokeDash=alt.StrokeDash("series:N", scale=dashes))
    tooltip = [
        alt.Tooltip("series:N", title="line"),
        alt.Tooltip("epoch:Q", format=".4~g"),
        alt.Tooltip("value:Q", title=title, format=".3~p" if form[-1] in "%p" else form),
    ]
    chart = told(base, tooltip, points=points, field="series", series=series)
    return finished(chart, height, describe, rows=rows)


def layer_names(run: Run) -> list[str]:
    """Names of the layers, from 1."""
    return [f"layer {layer + 1}" for layer in range(run.config.depth)]
