"""Prepared views of a recording for the waveform viewers Surfer and GTKWave, and the viewers themselves."""

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from ..files import write_text

#: The viewers, the better one first: how each is started on a recording and its view.
VIEWERS = {"surfer": ("{recording}", "--command-file", "{view}"), "gtkwave": ("{view}",)}
#: Suffix of each one's view.
SUFFIX = {"surfer": ".sucl", "gtkwave": ".gtkw"}

View = dict[str, list[Any]]


def gtkwave_view(recording: Path, view: View) -> str:
    """A save file of GTKWave: the groups of the view, words as ASCII.

    Parameters
    ----------
    recording : Path
        The FST file.
    view : dict
        Groups of signals, as `VirtualBoard.view` returns them.
    """
    from vcd.gtkw import GTKWFlag, GTKWSave

    from ffpga_sim.view import SCOPE

    formats = {"words": "ascii", "hex": "hex"}
    text = StringIO()
    save = GTKWSave(text)
    save.dumpfile(str(recording))
    save.size(1600, 1000)
    save.signals_width(220)
    save.sst_expanded(False)
    for group, signals in view.items():
        with save.group(group):
            for signal in signals:
                signed = GTKWFlag.signed if signal.form == "signed" else GTKWFlag(0)
                size = f"[{signal.bits - 1}:0]" if signal.bits > 1 else ""
                name = f"{SCOPE}.{group}.{signal.name}{size}"
                save.trace(name, alias=signal.name, datafmt=formats.get(signal.form, "dec"), extraflags=signed)
    return text.getvalue()


def surfer_view(view: View) -> str:
    """A command file of Surfer: the groups of the view under dividers.

    Surfer shows words by itself, from the enumerations in the recording.
    """
    from ffpga_sim.view import SCOPE

    lines = []
    for group, signals in view.items():
        lines.append(f"divider_add {group}")
        lines += [f"variable_add {SCOPE}.{group}.{signal.name}" for signal in signals]
    return "\n".join([*lines, "zoom_fit", ""])


def write_views(recording: Path, view: View) -> dict[str, Path]:
    """Writes both views beside the recording; returns their paths by the viewers' names."""
    texts = {"surfer": surfer_view(view), "gtkwave": gtkwave_view(recording.absolute(), view)}
    paths = {name: recording.with_suffix(SUFFIX[name]) for name in texts}
    for name, path in paths.items():
        write_text(path, texts[name])
    return paths


def commands(recording: Path, views: dict[str, Path]) -> dict[str, list[str]]:
    """How each viewer is started on a recording, by their names."""
    return {
        name: [name, *(word.format(recording=recording, view=views[name]) for word in words)]
        for name, words in VIEWERS.items()
    }


def installed() -> list[str]:
    """The viewers on the PATH, the better one first."""
    return [name for name in VIEWERS if shutil.which(name)]


def has_screen() -> bool:
    """Whether a window can be opened."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def start(command: list[str]) -> None:
    """Starts a viewer, which stays when this program ends."""
    silent = subprocess.DEVNULL
    subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)
