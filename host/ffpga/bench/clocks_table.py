"""Where the clocks of a step go, as Markdown."""

from collections.abc import Sequence

from ffpga_golden.timing import SPENT

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
