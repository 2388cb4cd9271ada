"""All diagrams into a folder."""

import tempfile
from pathlib import Path

from ffpga_golden.config import NetworkConfig

from ...data.loading import load_dataset
from ...files import write_whole
from ..pair_picture import draw_step
from ..recording import record_steps
from . import blocks, session
from .timing import DIAGRAMS
from .wavejson import render

#: The training step of the annotated picture: of the demo's network, and the next one, whose sample comes in beside it.
STEP, COUNT = 1000, 2


def make_diagrams(folder: Path) -> list[Path]:
    """Draws the blocks, records the core and draws its timing; returns what was written.

    Each timing diagram is a pair of files: WaveDrom's source, and the SVG made of it.
    """
    written = {folder / "blocks.svg": blocks.draw()}
    with tempfile.TemporaryDirectory() as temporary:
        recording = session.record(Path(temporary, "session.fst"))
        for name, made in DIAGRAMS.items():
            text = made(recording)
            written[folder / f"{name}.json"] = text
            written[folder / f"{name}.svg"] = render(text)
    for path, text in written.items():
        write_whole(path, text.encode())
    return [*written, draw_pair(folder / "pair.svg")]


def draw_pair(path: Path) -> Path:
    """Records a training pair of the demo's network and draws it."""
    data = load_dataset("digits")
    config = NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)
    with tempfile.TemporaryDirectory() as temporary:
        found = record_steps(config, data, Path(temporary, "step.fst"), first=STEP, count=COUNT, epochs=30)
        draw_step(found.path, path, f"{config}: step {STEP:,}, {found.steps[0]}")
    return path
