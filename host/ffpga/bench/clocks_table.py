"""Where the clocks of a step go, as Markdown and as a picture."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np

from ffpga_golden.timing import SPENT

from ..files import write_whole
from ..markdown import table
from .clocks import SAVINGS, Section


def clocks_table(sections: Sequence[Section]) -> str:
    """Clocks a step by what they go into, as Markdown."""
    head = ("step", "clocks", *SPENT, "of the floor", "board", "idle", "accuracy")
    lines = []
    for section in sections:
        shares = [f"{section.predicted[what] / section.steps:,.0f}" for what in SPENT]
        says = {None: "", True: "equal", False: "DIFFERS"}[section.equal]
        idle = "" if section.measured is None else f"{section.measured['idle'] / section.steps:,.0f}"
        accuracy = "" if section.accuracy is None else f"{100 * section.accuracy:.2f} %"
        lines.append(
            (section.name, f"{section.clocks:,.0f}", *shares, f"{section.floor_ratio:.3f}", says, idle, accuracy)
        )
    return table(head, lines)


def savings_table(sections: Sequence[Section]) -> str:
    """How far tricks that are not built would lower the floor, as Markdown; of training steps."""
    lines = []
    for section in sections:
        if section.savings and section.accuracy is None:
            floor = section.predicted["walk"]
            shares = [f"{100 * section.savings[what] / floor:.1f} %" for what in SAVINGS]
            lines.append((section.name, f"{floor / section.steps:,.0f}", *shares))
    return table(("step", "floor", *(f"{what} would save" for what in SAVINGS)), lines)


def draw_clocks(titled: Sequence[tuple[str, Sequence[Section]]], path: Path) -> None:
    """A stacked bar a section, a panel a configuration, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    bars = sum(len(sections) for _, sections in titled)
    figure = Figure(figsize=(9, 1.6 + 0.9 * len(titled) + 0.35 * bars), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(titled), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (title, sections) in zip(panels, titled, strict=True):
        places = range(len(sections))
        left = np.zeros(len(sections))
        for what in SPENT:
            widths = np.array([section.predicted[what] / section.steps for section in sections])
            axes.barh(places, widths, left=left, label=what)
            left += widths
        for place, section in zip(places, sections, strict=True):
            axes.text(left[place], place, f" {section.clocks:,.0f} = {section.floor_ratio:.2f} x floor", va="center")
        axes.set_yticks(places, [section.name for section in sections])
        axes.invert_yaxis()
        axes.set_title(title, fontsize=8)
    panels[-1].set_xlim(0, 1.4 * max(section.clocks for _, sections in titled for section in sections))
    panels[0].legend(ncols=len(SPENT), fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.12))
    panels[-1].set_xlabel("clocks a step")
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=120)
    write_whole(path, drawn.getvalue())
