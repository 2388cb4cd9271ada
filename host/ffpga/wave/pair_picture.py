"""A picture of a recorded training step: what the sequencer does, unit by unit, against the clocks."""

from io import BytesIO
from pathlib import Path

from ..errors import FfpgaError
from ..files import write_whole
from .signals import Recording, runs, spans

#: Colours of the kinds of phases.
COLOURS = {
    "control": "#9a9a9a",
    "forward": "#4c78a8",
    "score": "#72b7b2",
    "select": "#eeca3b",
    "decide": "#f58518",
    "update": "#e45756",
    "normalise": "#b279a2",
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
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    if picture.suffix not in (".svg", ".png"):
        raise FfpgaError(f"picture must be a file that ends in .svg or .png, not {picture}")
    recording = Recording(path)
    first, clocks = _step(recording)
    step = slice(first, first + clocks)
    phases = step_phases(recording)
    with matplotlib.rc_context({"svg.hashsalt": "ffpga", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(11, 5.2), layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        top, axes = figure.subplots(2, 1, sharex=True, height_ratios=(1, 5))
        named = set()
        for begin, length, (kind, layer, again) in phases:
            top.barh(0, length, left=begin, height=1, color=COLOURS[kind], linewidth=0)
            if length > clocks / 18:
                part = " -" if again else " +"
                which = f"layer {layer}{part if layer > 1 and kind in PASSES else ''}"
                text = f"{kind}\n{which}\n{length:,}" if kind in PASSES else f"{kind}\n{length:,}"
                top.text(begin + length / 2, 0, text, ha="center", va="center", fontsize=7.5)
            named.add(kind)
            for panel in (top, axes):
                panel.axvline(begin, color="#00000018", linewidth=0.6)
        top.set(yticks=[0], yticklabels=["step"], ylim=(-0.5, 0.5), title=f"{title}; {clocks:,} clocks")
        top.title.set_fontsize(10)
        rows = _rows(recording, step)
        for at, (_, colour, spans) in enumerate(reversed(rows)):
            axes.broken_barh(spans, (at - 0.35, 0.7), facecolors=colour, linewidth=0)
        axes.set(yticks=range(len(rows)), ylim=(-0.6, len(rows) - 0.4), xlim=(0, clocks), xlabel="clocks of the step")
        axes.set_yticklabels([name for name, *_ in reversed(rows)])
        axes.grid(axis="x", alpha=0.3)
        keys = [Patch(color=COLOURS[kind], label=kind) for kind in COLOURS if kind in named]
        figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), frameon=False)
        data = BytesIO()
        kept = {"Date": None} if picture.suffix == ".svg" else None
        figure.savefig(data, format=picture.suffix[1:], dpi=110, metadata=kept)
    write_whole(picture, data.getvalue())


def _rows(recording: Recording, step: slice) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Name, colour and spans of each unit: when it is at work."""
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
    colours = ["#777777", "#777777", "#4c78a8", "#e45756", "#555555", "#72b7b2", "#f58518", "#e45756", "#b279a2"]
    return [
        (name, colour, spans([bool(value) for value in values[step]], gap=3))
        for (name, values), colour in zip(busy.items(), colours, strict=True)
    ]
