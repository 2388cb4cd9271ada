"""The command `ffpga wave`: a training step of the simulated chip as a waveform, and a viewer to look at it."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import FfpgaError
from ..files import FILE, check_writable
from ..look.console import console, progress, show, write_json
from ..wave import viewers
from ..wave.recording import record_steps
from .options.command import command
from .options.data import Source, data_options
from .options.network import NetworkOptions, network_options
from .options.shared import Json
from .options.training import training_options


@command
@data_options()
@network_options()
@training_options()
def wave_command(
    *,
    source: Source,
    network: NetworkOptions,
    step: Annotated[int, typer.Option(help="training step to record, counted from 1")] = 1,
    count: Annotated[int, typer.Option(help="steps to record, from that one on")] = 1,
    out: Annotated[Path, typer.Option(help="FST file; a view for each viewer is written beside it"), FILE] = Path(
        "build/wave/step.fst"
    ),
    picture: Annotated[
        Path | None, typer.Option(help="draw the step, annotated, as this SVG or PNG file"), FILE
    ] = None,
    open_viewer: Annotated[
        bool | None, typer.Option("--open/--no-open", help="open a viewer; default: where there is a screen and one")
    ] = None,
    options: dict[str, Any],
    json: Json = None,
) -> None:
    """Record a training step of the simulated chip as a waveform, with a view for Surfer and GTKWave.

    It is the step that `ffpga train` would do with these options: the golden model does those before it.
    """
    samples = network.shaped(source.load())
    config = network.of(samples)
    if out.suffix != ".fst":
        raise FfpgaError(f"out must be a file that ends in .fst, not {out}")
    if picture is not None and out.exists() and not out.is_file():
        raise FfpgaError(f"picture is drawn from the recording: out must be a file then, not {out}")
    for suffix in viewers.SUFFIX.values():
        check_writable(out.with_suffix(suffix))
    if open_viewer and not viewers.installed():
        raise FfpgaError("a viewer must be on the PATH to open it: install Surfer, or gtkwave (Debian: gtkwave)")
    console.print(f"{samples}\n{config}, simulated; building it, unless it is in the cache")
    with progress() as report:
        found = record_steps(config, samples, out, first=step, count=count, progress=report, **options)
    views = viewers.write_views(out, found.view)
    if picture is not None:
        from ..wave.pair_picture import draw_step

        draw_step(out, picture, f"{config}: step {step:,}, {found.steps[0]}")
    clocks = [sum(spent.values()) for spent in found.spent]
    for number, (item, answer, spent) in enumerate(zip(found.steps, found.answers, found.spent, strict=True), step):
        told = {
            "label in the negative phase": answer.label,
            "sums of squares": ", ".join(f"{total:,}" for total in answer.squares),
            "probabilities c": ", ".join(map(str, answer.probabilities)),
            "clocks": sum(spent.values()),
            **{f"  {what}": spent[what] for what in spent},
        }
        show(f"step {number:,}, {item}", told)
    started = viewers.commands(out, views)
    write_json(
        json,
        {
            "recording": str(out),
            "views": {name: str(path) for name, path in views.items()},
            "steps": [str(item) for item in found.steps],
            "clocks": clocks,
            "spent": found.spent,
        },
    )
    console.print(f"wrote {out}, {', '.join(map(str, views.values()))}" + (f" and {picture}" if picture else ""))
    there = viewers.installed()
    if open_viewer or (open_viewer is None and there and console.is_terminal and viewers.has_screen()):
        viewers.start(started[there[0]])
        console.print(f"opened {shlex.join(started[there[0]])}", soft_wrap=True)
    else:
        console.print("look at it with", *(shlex.join(words) for words in started.values()), sep="\n  ", soft_wrap=True)
