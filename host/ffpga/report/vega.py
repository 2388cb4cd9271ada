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
    spec = whole.configure(**_config()).to_dict()
    spec["datasets"] = tables
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def colour(
    field: str, domain: Sequence[str], colours: Sequence[str] = SERIES, *, legend: bool = True, lines: bool = False
) -> alt.Color:
    scale = alt.Scale(domain=list(domain), range=[colours[n % len(colours)] for n in range(len(domain))])
    shown = alt.Legend(symbolType="stroke") if lines else alt.Legend()
    return alt.Color(f"{field}:N", scale=scale, legend=shown if legend else None)


def epochs_axis(last: float, field: str = "epoch") -> alt.X:
    """The axis of the epochs, with a tick at whole ones only."""
    step = max(1, -(-round(last) // 8))
    axis = alt.Axis(format="d", grid=False, values=list(range(0, round(last) + 1, step)))
    return alt.X(f"{field}:Q", title="epoch", axis=axis, scale=alt.Scale(domain=[0, max(1, last)], nice=False))


def lines(
    rows: Rows, series: Sequence[str], title: str, describe: str, *, form: str = ".0%", points: bool = True,
    zero: bool = False, height: int = 200, colours: Sequence[str] = SERIES,
) -> dict[str, Any]:  # fmt: skip
    """Lines over the epochs: rows of epoch, value and series."""
    last = max((row["epoch"] for row in rows), default=1)
    chart = (
        alt.Chart(ROWS)
        .mark_line(point=points, strokeWidth=2)
        .encode(
            x=epochs_axis(last),
            y=alt.Y("value:Q", title=title, axis=alt.Axis(format=form, tickCount=5), scale=alt.Scale(zero=zero)),
            color=colour("series", series, colours, legend=len(series) > 1, lines=True),
            tooltip=[
                alt.Tooltip("series:N", title="line"),
                alt.Tooltip("epoch:Q", format=".4~g"),
                alt.Tooltip("value:Q", title=title, format=".3~p" if form[-1] in "%p" else form),
            ],
        )
    )
    return finished(chart, height, describe, rows=rows)


def layer_names(run: Run) -> list[str]:
    """Names of the layers, from 1."""
    return [f"layer {layer + 1}" for layer in range(run.config.depth)]
