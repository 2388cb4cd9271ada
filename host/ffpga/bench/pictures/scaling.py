"""Pictures of scaling."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...palette import LIGHT, MARKERS, SERIES
from ...picture import finish, new_figure, save
from ..speed.points import DEPTHS, LANES, WIDTHS

_TITLES = {
    "lanes": ("lanes", "784-128-128", LANES),
    "width": ("width of the layers", "two layers", WIDTHS),
    "depth": ("layers", "layers of 128", DEPTHS),
}


def draw_scaling(
    clocks: Sequence[dict[str, Any]], cells: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]], path: Path
) -> None:
    """Clocks a pair with their floor above, cells with what chips of the family have below, by lanes, width and depth.

    Cells are those of every point, or none: without them only clocks are drawn, rather than panels with gaps.
    """
    from matplotlib.ticker import NullFormatter, NullLocator, StrMethodFormatter

    rows = 2 if cells else 1
    figure = new_figure(13, 4.2 * rows)
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
                fields = label == _TITLES["width"][0] and any("fields" in row["curve"] for row in clocks)
                axes.set_title(f"{title}; with fields one" if fields else title, fontsize=10)
            finish(axes)
    above[0].set_ylabel("clocks a training pair")
    save(figure, path)


def _clock_panel(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    curves = list(dict.fromkeys(row["curve"] for row in rows))
    for colour, marker, curve in zip(SERIES, MARKERS, curves, strict=False):
        held = [row for row in rows if row["curve"] == curve]
        places = [row["place"] for row in held]
        clocks = [row["clocks_a_pair"] for row in held]
        axes.plot(places, clocks, marker, ls="-", color=colour, markersize=5, label=curve)
        axes.plot(places, [row["floor_a_pair"] for row in held], "--", color=colour, lw=1)
        if curve == curves[0]:
            axes.plot(places, [row["dense_clocks_a_pair"] for row in held], ":", color=LIGHT["text"], lw=1)
    axes.plot([], [], "--", color=LIGHT["muted"], lw=1, label="floor of the memory")
    axes.plot([], [], ":", color=LIGHT["text"], lw=1, label=f"nothing skipped, {curves[0]}")
    axes.set_ylim(top=12 * max(row["dense_clocks_a_pair"] for row in rows if row["curve"] == curves[0]))
    axes.legend(fontsize=7, loc="upper center", ncols=2)


def _cell_panel(axes: Any, rows: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]]) -> None:
    from ffpga_hw.boards.table import board as board_of

    curves = sorted({(row["board"], row["curve"]) for row in rows})
    colours = dict(zip(dict.fromkeys(board for board, _ in curves), SERIES, strict=False))
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
    families = {board_of(board).chip.family for board, _ in curves}
    alike = [end for end in ends if board_of(end["board"]).chip.family in families]
    for most in sorted({end["cells"] for end in alike}):
        chips = dict.fromkeys(end["chip"] for end in alike if end["cells"] == most)
        axes.axhline(most, color=LIGHT["muted"], lw=0.8)
        axes.annotate(
            f"{', '.join(chips)}: {most:,}", (0, most), (3, 3), xycoords=("axes fraction", "data"),
            textcoords="offset points", fontsize=7, color=LIGHT["muted"],
        )  # fmt: skip
    axes.set_ylim(2000, 900_000)
    axes.legend(fontsize=7, loc="upper center")
