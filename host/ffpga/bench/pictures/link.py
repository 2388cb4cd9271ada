"""A picture of the link: what frames in flight hide, and whether line or core bounds the training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import FfpgaError
from ...palette import DASHES, LIGHT, MARKERS, SERIES
from ...picture import finish, new_figure, save

#: Parts of a training whose cores are drawn.
PARTS = ("first epoch", "last epoch")


def draw_link(windows: Sequence[dict[str, Any]], bounds: Sequence[dict[str, Any]], path: Path) -> None:
    """Pairs a second against frames in flight; a core's time a pair on each board beside the lines' times.

    Raises
    ------
    FfpgaError
        A setting is missing.
    """
    from matplotlib.ticker import StrMethodFormatter

    figure = new_figure(12, 4.8)
    left, right = figure.subplots(1, 2)
    places = sorted({row["window"] for row in windows})
    for n, latency in enumerate(dict.fromkeys(row["latency_us"] for row in windows)):
        held = {row["window"]: row["pairs_a_second"] for row in windows if row["latency_us"] == latency}
        if sorted(held) != places:
            raise FfpgaError(f"{path.name} needs {places} frames in flight at {latency:g} µs: run ffpga bench link")
        rates = [held[place] for place in places]
        left.plot(
            places, rates, MARKERS[n], ls=DASHES[n], color=SERIES[n], markersize=6, label=f"{latency:g} µs each way"
        )
    left.set_xscale("log", base=2)
    left.set_xticks(places, [str(place) for place in places])
    left.minorticks_off()
    left.set(xlabel="frames in flight", ylabel="pairs a second", title=f"{windows[0]['wire']}, UP5K's network")
    left.set_ylim(0, 1.1 * max(row["pairs_a_second"] for row in windows))
    left.legend(loc="lower right", frameon=False, fontsize=9)
    names = list(dict.fromkeys(row["board"] for row in bounds))
    wires = list(dict.fromkeys(row["wire"] for row in bounds))
    for n, part in enumerate(PARTS):
        core = [_only(bounds, path, board=name, part=part)["core_us"] for name in names]
        fill = "full" if n == 0 else "none"
        right.plot(
            core, range(len(names)), MARKERS[n], color=SERIES[n], markersize=8, fillstyle=fill, label=f"core, {part}"
        )
    for n, wire in enumerate(wires):
        line = _only(bounds, path, wire=wire, part=PARTS[0])["line_us"]
        right.axvline(line, color=LIGHT["muted"], ls=DASHES[n], lw=1.4)
        right.text(line, -0.75, f"{wire}\n{line:,.0f} µs", ha="center", va="bottom", fontsize=8.5)
    right.set_xscale("log")
    right.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    right.set_yticks(range(len(names)), names)
    right.set_ylim(len(names) - 0.5, -0.7)
    right.set_xlim(right=2 * max(row["line_us"] for row in bounds))
    right.set_xlabel("µs a training pair, logarithmic; the later of core and line bounds it")
    right.legend(loc="lower right", edgecolor=LIGHT["paper"], framealpha=1, fontsize=9)
    right.set_title(" \n ")  # room for the lines' names
    for axes in (left, right):
        finish(axes)
    save(figure, path)


def _only(rows: Sequence[dict[str, Any]], path: Path, **wanted: str) -> dict[str, Any]:
    """The first row that has these values."""
    for row in rows:
        if all(row[name] == value for name, value in wanted.items()):
            return row
    raise FfpgaError(f"{path.name} needs the bound of {', '.join(wanted.values())}: run ffpga bench link")
