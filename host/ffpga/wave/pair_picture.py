"""A picture of a recorded training step: what the sequencer does, unit by unit, against the clocks."""

from pathlib import Path
from typing import Any

from ..errors import FfpgaError
from ..palette import LIGHT
from ..picture import finish, new_figure, save
from .signals import Recording, runs, spans

#: Colours and hatches of the kinds of phases, and of what else is at work.
COLOURS = {
    "control": (LIGHT["series4"], ""),
    "forward": (LIGHT["series1"], ""),
    "score": (LIGHT["series3"], "..."),
    "select": (LIGHT["series6"], "///"),
    "decide": (LIGHT["series5"], "xxx"),
    "update": (LIGHT["series2"], ""),
    "normalise": (LIGHT["series8"], "---"),
    "line": (LIGHT["muted"], ""),
    "lanes": (LIGHT["text"], ""),
}
#: What the sequencer's states are about; a forward walk and what comes after it are told apart by the walker.
ABOUT = {
    "SELECT": "select",
    "SELECTED": "select",
    "DECIDE": "decide",
    "DECIDED": "decide",
    "LEARN": "update",
    "UPDATE": "update",
    "UPDATING": "update",
    "TELL": "decide",
    "TELLING": "decide",
}

#: Kinds that a layer above the first has for each phase of a pair.
PASSES = ("forward", "score", "update")

Phase = tuple[str, int, int]  #: kind, layer from 1, pass of the layer


def step_phases(recording: Recording) -> list[tuple[int, int, Phase]]:
    """(begin, clocks, (kind, layer, pass)) of the phases of the recording's first step, in clocks from its start.

    The kinds are those of `COLOURS`; a layer above the first has a pass for each phase of the pair.
    """
    state, walker = recording.words("sequencer.state"), recording.words("walker.state")
    layer, phase = recording.values("sequencer.layer"), recording.values("sequencer.phase")
    first, length = _step(recording)
    kinds: list[Phase] = []
    for clock in range(first, first + length):
        kind = ABOUT.get(state[clock], "control")
        if state[clock] == "FORWARD":
            kind = "normalise" if clock + 1 < first + length and state[clock + 1] == "FORWARD" else "forward"
        elif state[clock] == "SCORE":
            kind = "forward" if walker[clock] != "IDLE" or state[clock - 1] == "FORWARD" else "score"
        kinds.append((kind, int(layer[clock]) + 1, int(phase[clock]) if kind in PASSES else 0))
    return runs(kinds)


def _step(recording: Recording) -> tuple[int, int]:
    """First clock and clocks of the recording's first step."""
    for begin, clocks, on in runs(list(recording.values("sequencer.running"))):
        if on:
            return begin, clocks
    raise FfpgaError(f"{recording.path} must have a training step in it, and has none: record one with ffpga wave")


def draw_step(path: Path, picture: Path, title: str = "") -> None:
    """Draws the first step of a recording as SVG or PNG, by the picture's name."""
    import matplotlib

    if picture.suffix not in (".svg", ".png"):
        raise FfpgaError(f"picture must be a file that ends in .svg or .png, not {picture}")
    recording = Recording(path)
    first, clocks = _step(recording)
    letters: Any = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), LIGHT["text"])
    with matplotlib.rc_context({"font.size": 9, "hatch.linewidth": 0.8, **letters}):
        figure = new_figure(11, 5.2)
        top, axes = figure.subplots(2, 1, sharex=True, height_ratios=(1, 5))
        named = _phases(top, step_phases(recording), clocks)
        top.set(yticks=[0], yticklabels=["step"], ylim=(-0.5, 0.5))
        rows = _rows(recording, slice(first, first + clocks))
        for at, (_, kind, found) in enumerate(reversed(rows)):
            axes.broken_barh(found, (at - 0.35, 0.7), linewidth=0, **_look(kind))
        named |= {kind for _, kind, _ in rows}
        axes.set(yticks=range(len(rows)), ylim=(-0.6, len(rows) - 0.4), xlim=(0, clocks), xlabel="clocks of the step")
        axes.set_yticklabels([name for name, *_ in reversed(rows)])
        for panel, grid in ((top, ""), (axes, "x")):
            finish(panel, grid)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        top.set_title(f"{title}; {clocks:,} clocks", fontsize=10)
        _legend(figure, [kind for kind in COLOURS if kind in named])
        save(figure, picture, 110)


def _look(kind: str) -> dict[str, Any]:
    colour, hatch = COLOURS[kind]
    return {"facecolor": colour, "hatch": hatch, "edgecolor": LIGHT["paper"]}


def _phases(axes: Any, phases: list[tuple[int, int, Phase]], clocks: int) -> set[str]:
    """A bar of the phases, the long ones named in it; returns their kinds."""
    for begin, length, (kind, layer, again) in phases:
        axes.barh(0, length, left=begin, height=1, linewidth=0, **_look(kind))
        if length > clocks / 18:
            which = f"layer {layer}{(' -' if again else ' +') if layer > 1 and kind in PASSES else ''}"
            text = f"{kind}\n{which}\n{length:,}" if kind in PASSES else f"{kind}\n{length:,}"
            axes.text(begin + length / 2, 0, text, ha="center", va="center", fontsize=7.5, color=LIGHT["paper"])
        axes.axvline(begin, color=LIGHT["paper"], linewidth=0.8)
    return {kind for _, _, (kind, _, _) in phases}


def _legend(figure: Any, kinds: list[str]) -> None:
    from matplotlib.patches import Patch

    keys = [Patch(label=kind, linewidth=0, **_look(kind)) for kind in kinds]
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), frameon=False)


def _rows(recording: Recording, step: slice) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Name, kind and spans of each unit: when it is at work."""
    take = recording.values
    update = take("sequencer.update")
    issue = take("walker.issue")
    received = take("link.rx_valid") & take("link.rx_ready")
    states = {unit: recording.words(f"{unit}.state") for unit in ("goodness", "vector")}
    busy = {
        "link: bytes received": received,
        "link: sample written": take("link.sample_write"),
        "weight memory: words read forward": issue & ~update & 1,
        "weight memory: words updated": issue & update,
        "lanes: products added": take("lanes.add"),
        "scorer: activities": take("scorer.y_write"),
        "goodness: compares, adds": [state != "IDLE" for state in states["goodness"]],
        "vector: local errors": [state == "ERRORS" for state in states["vector"]],
        "vector: normalised inputs": [state in ("LEADING", "NORMALISE") for state in states["vector"]],
    }
    kinds = ("line", "line", "forward", "update", "lanes", "score", "decide", "update", "normalise")
    return [
        (name, kind, spans([bool(value) for value in values[step]], gap=3))
        for (name, values), kind in zip(busy.items(), kinds, strict=True)
    ]
