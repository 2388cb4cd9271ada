"""A stream that was watched, in one picture: goodness over time, the threshold, alarms, and what it was."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ..palette import LIGHT, SERIES
from ..picture import finish, new_figure, save

#: Samples over which the share of alarms is taken.
RECENT = 20
_COLOURS = tuple(colour for colour in SERIES if colour != LIGHT["series4"])


def recent_alarms(alarms: np.ndarray, samples: int = RECENT) -> np.ndarray:
    """Share of alarms among the last samples up to each one, float64[n]."""
    sums = np.cumsum(np.concatenate([np.zeros(samples), np.asarray(alarms, np.float64)]))
    return (sums[samples:] - sums[:-samples]) / np.minimum(np.arange(1, len(alarms) + 1), samples)


def draw_stream(
    goodness: Sequence[float],
    alarms: Sequence[bool],
    threshold: float,
    path: Path,
    *,
    learned: int,
    labels: Sequence[str] | None = None,
    title: str = "",
    times: Sequence[float] | None = None,
    unit: str = "sample",
) -> None:
    """Draws a stream.

    Parameters
    ----------
    goodness, alarms
        Of each sample.
    threshold : float
        Goodness below which a sample alarms.
    path : Path
        PNG file.
    learned : int
        Samples before the stream, which were learned as normal: the first one of the stream has this number.
    labels : sequence of str, optional
        What was really there; only the picture knows.
    times : sequence of float, optional
        Of the samples, in place of their numbers; `unit` is what the axis says.
    """
    at = np.arange(learned, learned + len(goodness)) if times is None else np.asarray(times)
    figure = new_figure(9, 4.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    values, alarmed = np.asarray(goodness), np.asarray(alarms, bool)
    above.plot(at, values, ".", color=LIGHT["series4"], markersize=3, label="goodness")
    above.plot(at[alarmed], values[alarmed], "x", color=LIGHT["warn"], markersize=4, label="alarm")
    above.axhline(threshold, color=LIGHT["warn"], linewidth=1, linestyle="--", label="threshold")
    above.set_ylabel("goodness")
    above.set_ylim(bottom=0)
    below.fill_between(at, 100 * recent_alarms(alarmed), step="mid", color=LIGHT["warn"], alpha=0.6, linewidth=0)
    below.set_ylim(0, 100)
    below.set_ylabel(f"alarms, % of\nthe last {RECENT}")
    below.set_xlabel(unit)
    if labels is not None:
        names = list(dict.fromkeys(labels))
        changes = [0, *(n for n in range(1, len(labels)) if labels[n] != labels[n - 1]), len(labels)]
        for first, end in pairwise(changes):
            colour = _COLOURS[names.index(labels[first]) % len(_COLOURS)]
            for axes in (above, below):
                axes.axvspan(at[first], at[end - 1], color=colour, alpha=0.12, linewidth=0)
            above.text(
                (at[first] + at[end - 1]) / 2, 0.97, labels[first], transform=above.get_xaxis_transform(),
                ha="center", va="top", fontsize=9, color=colour,
            )  # fmt: skip
    for axes in (above, below):
        finish(axes)
        axes.margins(x=0.01)
    above.legend(loc="lower right", fontsize=8, ncols=3)
    above.set_title(title, fontsize=10)
    save(figure, path, 110)
