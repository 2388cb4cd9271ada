"""Figures that several pages show, and how a value is written."""

from typing import Any

import numpy as np

from ..record.stored import Run


def share_skipped(epoch: dict[str, Any]) -> float:
    """Share of an epoch's updates that were skipped."""
    return epoch["updates_skipped"] / max(1, epoch["updates"] + epoch["updates_skipped"])


def share_saturated(run: Run) -> float:
    """Share of all weights at a limit in the end."""
    sizes = [run.config.rows(layer) * width for layer, width in enumerate(run.config.layers)]
    return float(np.average(run.arrays["saturated"][-1], weights=sizes))


def said(value: Any) -> str:
    """A value as text: integers with commas, nothing as a dash."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
