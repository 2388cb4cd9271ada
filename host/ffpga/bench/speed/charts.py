"""Pictures of scaling and of the link."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from ...files import write_whole
from .link import WIRES
from .points import DEPTHS, LANES, WIDTHS

_COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple")
_TITLES = {
    "lanes": ("lanes", "784-128-128", LANES),
    "width": ("width of the layers", "two layers; with fields one", WIDTHS),
    "depth": ("layers", "layers of 128", DEPTHS),
}


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: Path) -> None:
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    write_whole(path, drawn.getvalue())


def draw_scaling(
    clocks: Sequence[dict[str, Any]], cells: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]], path: Path
) -> None:
    """Clocks a pair with their floor above, cells with what chips have below, against lanes, width and depth.

    Cells are those of every point, or none: without them only clocks are drawn, rather than panels with gaps.
    """
    from matplotlib.ticker import NullFormatter, NullLocator, StrMethodFormatter

    rows = 2 if cells else 1
    figure = _figure(13, 4.2 * rows)
    panels = figure.subplots(rows, 3, squeeze=False)
    above, below = panels[0], panels[-1]
    for axes in panels.flat:
        axes.set_yscale("log")
    for axes, axis in zip(above, _TITLES, strict=True):
        _clock_panel(axes, [row for row in clocks if row["axis"] == axis])
    if cells:
        below[0].set_ylabel("logic cells")
        for axes, axis in zip(below, _TITLES, strict=True):
            _cell_panel(axes, [row for row in cells if row["axis"] == axis], ends)
    for number, line in enumerate(panels):
        for axes, (label, title, places) in zip(line, _TITLES.values(), strict=True):
            if label == "layers":
                axes.set_xlim(places[0] - 0.2, places[-1] + 0.2)
            else:
                axes.set_xscale("log", base=2)
                axes.set_xlim(places[0] / 1.2, places[-1] * 1.2)
            axes.set_xticks(places, [str(place) for place in places])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
            axes.set_xlabel(label)
            if number == 0 or label != "layers":
                axes.set_title(title, fontsize=10)
            axes.grid(alpha=0.3, which="both")
    above[0].set_ylabel("clocks a training pair")
    _save(figure, path)


def _clock_panel(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    curves = list(dict.fromkeys(row["curve"] for row in rows))
    for colour, curve in zip(_COLOURS[: len(curves)], curves, strict=True):
        held = [row for row in rows if row["curve"] == curve]
        places = [row["place"] for row in held]
        axes.plot(places, [row["clocks_a_pair"] for row in held], "o-", color=colour, markersize=4, label=curve)
        axes.plot(places, [row["floor_a_pair"] for row in held], "--", color=colour, lw=1)
        if curve == curves[0]:
            axes.plot(places, [row["dense_clocks_a_pair"] for row in held], ":", color="black", lw=1)
    axes.plot([], [], "--", color="gray", lw=1, label="floor of the memory")
    axes.plot([], [], ":", color="black", lw=1, label=f"nothing skipped, {curves[0]}")
    axes.set_ylim(top=12 * max(row["dense_clocks_a_pair"] for row in rows if row["curve"] == curves[0]))
    axes.legend(fontsize=7, loc="upper center", ncols=2)


def _cell_panel(axes: Any, rows: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]]) -> None:
    curves = sorted({(row["board"], row["curve"]) for row in rows})
    colours = dict(zip(dict.fromkeys(board for board, _ in curves), _COLOURS, strict=False))
    for board, curve in curves:
        held = [row for row in rows if (row["board"], row["curve"]) == (board, curve)]
        sizes, axis, end = held[0]["configuration"], held[0]["axis"], next(e for e in ends if e["board"] == board)
        lanes, ports = sizes["lanes"], sizes["memory_ports"]
        kind = f"{ports} port{'s' if ports > 1 else ''}"
        text = {
            "lanes": f"{curve}, {kind}",
            "width": f"{curve}, {lanes} lanes, {kind}",
            "depth": f"{curve}, layers of {held[-1]['configuration']['layers'][-1]}, {lanes} lanes",
        }[axis]
        style = "s--" if any(sizes["fields"]) else "o-"
        axes.plot(
            [row["place"] for row in held], [row["cells"] for row in held], style, color=colours[board], markersize=4,
            label=f"{end['chip']}: {text}",
        )  # fmt: skip
        widest = end["widths"].get(str(lanes))
        if axis == "width" and widest and not any(sizes["fields"]):
            axes.axvline(widest, color=colours[board], ls="-.", lw=1, label=f"its memory ends at {widest}")
        if axis == "lanes" and end["dsp"] <= LANES[-1] and not any(sizes["fields"]):
            axes.axvline(end["dsp"], color=colours[board], ls="-.", lw=1, label=f"its multipliers end at {end['dsp']}")
    for most in sorted({end["cells"] for end in ends}):
        chips = dict.fromkeys(end["chip"] for end in ends if end["cells"] == most)
        axes.axhline(most, color="gray", lw=0.8)
        axes.annotate(
            f"{', '.join(chips)}: {most:,}", (1, most), (-3, -9), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", fontsize=7, color="dimgray",
        )  # fmt: skip
    axes.set_ylim(2000, 900_000)
    axes.legend(fontsize=7, loc="upper center")


def draw_link(windows: Sequence[dict[str, Any]], bounds: Sequence[dict[str, Any]], path: Path) -> None:
    """Pairs a second against frames in flight; the core's time a pair on each board with the lines' times."""
    from matplotlib.ticker import StrMethodFormatter

    figure = _figure(11, 4.6)
    left, right = figure.subplots(1, 2)
    for colour, latency in zip(_COLOURS, dict.fromkeys(row["latency_us"] for row in windows), strict=False):
        held = [row for row in windows if row["latency_us"] == latency]
        left.plot(
            [row["window"] for row in held], [row["pairs_a_second"] for row in held], "o-", color=colour, markersize=4,
            label=f"{latency:g} µs each way",
        )  # fmt: skip
    places = list(dict.fromkeys(row["window"] for row in windows))
    left.set_xscale("log", base=2)
    left.set_xticks(places, [str(place) for place in places])
    left.set(xlabel="frames in flight", ylabel="pairs a second", title=f"{WIRES[0].name}, UP5K's network")
    left.set_ylim(bottom=0)
    left.legend(fontsize=8)
    names = list(dict.fromkeys(row["board"] for row in bounds))
    for colour, part in zip(_COLOURS, ("first epoch", "last epoch"), strict=False):
        offset = -0.18 if part == "first epoch" else 0.18
        core = [next(r["core_us"] for r in bounds if r["board"] == name and r["part"] == part) for name in names]
        right.bar([n + offset for n in range(len(names))], core, 0.34, color=colour, label=f"core, {part}")
    for style, wire in zip(("-", "--", ":"), WIRES, strict=True):
        line = next(row["line_us"] for row in bounds if row["wire"] == wire.name and row["part"] == "first epoch")
        right.axhline(line, color="black", ls=style, lw=1, label=wire.name)
    right.set_yscale("log")
    right.set_ylim(top=12_000)
    right.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    right.set_xticks(range(len(names)), names, rotation=20, ha="right")
    right.set(ylabel="µs a training pair", title="the longer of core and line bounds the training")
    right.legend(fontsize=8, loc="upper center", ncols=2)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    _save(figure, path)
