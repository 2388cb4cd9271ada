"""Where the clocks of a step go, as a picture."""

from collections.abc import Sequence
from pathlib import Path

from ffpga_golden.timing import SPENT

from ...palette import HATCHES, LIGHT, SERIES
from ...picture import finish, new_figure, save
from ..clocks import Section

#: Clocks beside the memory's walk: all but the first.
BESIDE = tuple(what for what in SPENT if what != "walk")
_COLOURS = [colour for colour in SERIES if colour != LIGHT["series4"]]  # which is too near to the walk's


def draw_clocks(titled: Sequence[tuple[str, Sequence[Section]]], path: Path) -> None:
    """A bar a section, a line of panels a configuration: left the whole step, right what the walk is not, enlarged."""
    bars = sum(len(sections) for _, sections in titled)
    figure = new_figure(11, 1.2 + 0.8 * len(titled) + 0.36 * bars)
    panels = figure.subplots(len(titled), 2, sharex="col", squeeze=False, width_ratios=(4, 5))
    for (left, right), (title, sections) in zip(panels, titled, strict=True):
        places = range(len(sections))
        walks = [section.predicted["walk"] / section.steps for section in sections]
        beside = [section.clocks - walk for section, walk in zip(sections, walks, strict=True)]
        left.barh(places, walks, color=LIGHT["line"], label="walk: the memory is at work")
        left.barh(places, beside, left=walks, color=LIGHT["text"], label="beside the walk")
        for place, section in zip(places, sections, strict=True):
            said = f" {section.clocks:,.0f} = {section.floor_ratio:.2f} x floor"
            left.text(section.clocks, place, said, va="center", fontsize=9)
        left.set_yticks(places, [section.name for section in sections])
        left.set_title(title, loc="left")
        begin = [0.0] * len(sections)
        for n, what in enumerate(BESIDE):
            widths = [section.predicted[what] / section.steps for section in sections]
            right.barh(
                places, widths, left=begin, label=what, color=_COLOURS[n], hatch=HATCHES[n], edgecolor=LIGHT["paper"],
                linewidth=0,
            )  # fmt: skip
            begin = [start + width for start, width in zip(begin, widths, strict=True)]
        for place, whole in zip(places, begin, strict=True):
            right.text(whole, place, f" {whole:,.0f}", va="center", fontsize=9)
        right.set_yticks(places, [""] * len(sections))
        for axes in (left, right):
            axes.set_ylim(len(sections) - 0.4, -0.6)
            finish(axes, "x")
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_formatter("{x:,.0f}")
    every = [section for _, sections in titled for section in sections]
    panels[-1][0].set_xlim(0, 1.75 * max(section.clocks for section in every))
    panels[-1][1].set_xlim(
        0, 1.12 * max(section.clocks - section.predicted["walk"] / section.steps for section in every)
    )
    for axes, said in zip(panels[-1], ("clocks a step", "clocks a step beside the walk, enlarged"), strict=True):
        axes.set_xlabel(said)
    one, two = (axes.get_legend_handles_labels() for axes in panels[0])
    figure.legend(one[0] + two[0], one[1] + two[1], loc="outside upper center", ncols=8, frameon=False, fontsize=9)
    save(figure, path)
