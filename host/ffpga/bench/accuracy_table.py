"""The accuracy table as Markdown."""

from collections.abc import Sequence
from typing import Any

from ..markdown import table

Row = dict[str, Any]


def accuracy_table(rows: Sequence[Row]) -> str:
    """A line a trial: median and every seed."""
    head = ("trial", "median", "seeds", "clocks a pair", "weights", "at least")
    lines = []
    for row in rows:
        clocks = f"{row['clocks_a_pair']:,.0f}" if "clocks_a_pair" in row else ""
        weights = f"{row['weight_bytes']:,} B" if "weight_bytes" in row else ""
        least = "" if row["least"] is None else f"{100 * row['least']:.1f} %{'' if row['reached'] else ', missed'}"
        seeds = ", ".join(f"{100 * accuracy:.2f}" for accuracy in row["accuracies"])
        lines.append((row["name"], f"{100 * row['median']:.2f} %", seeds, clocks, weights, least))
    return table(head, lines)
