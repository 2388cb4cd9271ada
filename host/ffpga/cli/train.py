"""The commands `ffpga train` and `ffpga report`: a run, and the pages that show it."""

import logging
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset, data_sha256
from ..driver.opening import open_device
from ..driver.serial_port import BAUD
from ..errors import FfpgaError, lacking
from ..fields import order_of, windows_of
from ..files import FILE, check_folder, check_writable, remove_parts
from ..files import folder as into
from ..look.console import console, show, write_json
from ..look.live import LiveView
from ..record.gathering import RunRecord
from ..record.provenance import described, repeating, versions
from ..record.stored import ARRAYS, FIGURES, load_run
from ..training.checkpoint import load_checkpoint, load_with_fields
from ..training.judging import nothing_learned
from ..training.loop import train
from ..training.options import TrainingOptions
from ..training.run import TrainingResult
from ..wave.waveform import Waveform
from .options.adopting import adopt
from .options.command import command
from .options.data import Source, data_options
from .options.network import NetworkOptions, network_options
from .options.shared import Baud, Json, Target, waveform_options
from .options.training import training_options

REPORT, CURVE, CHECKPOINT = "report.html", "curve.png", "checkpoint.npz"


def new_folder(data: Dataset, config: NetworkConfig, root: Path = Path("runs")) -> Path:
    """A folder for a run that has none yet: data, sizes, and a number where that is taken."""
    stem = "-".join((Path(data.name.split(":")[0]).stem, *map(str, config.layers)))
    number = 1
    while (root / (name := stem if number == 1 else f"{stem}-{number}")).exists():
        number += 1
    return root / name


@command
@data_options()
@network_options()
@waveform_options()
@training_options()
def train_command(
    *,
    context: typer.Context,
    target: Target = "golden",
    source: Source,
    baud: Baud = BAUD,
    network: NetworkOptions,
    out: Annotated[
        Path | None, typer.Option(help="folder of the run; default: a new one, runs/DATA-LAYERS"), into()
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="go on from the checkpoint in the folder, if there is one")
    ] = False,
    waveform: Waveform | None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="show nothing but errors")] = False,
    options: dict[str, Any],
    json: Json = None,
) -> None:
    """Train a network on a device and test it after every epoch.

    It leaves a folder with report.html, curve.png, checkpoint.npz, and the record that `ffpga report` reads.
    """
    if resume and out is None:
        raise FfpgaError("resume needs --out FOLDER, where the run that is to go on left its checkpoint.npz")
    former = None
    if resume and out is not None:
        remove_parts(out / CHECKPOINT)
        former = load_checkpoint(out / CHECKPOINT).prepared if (out / CHECKPOINT).exists() else None
    samples = network.shaped(source.load(former, quiet))
    if quiet:
        logging.getLogger("ffpga").setLevel(logging.ERROR)
    network = adopt(context, target, network, samples.shape, baud)
    config = network.of(samples)
    order = order_of(config, samples.shape)
    folder = out or new_folder(samples, config)
    check_folder(folder, CHECKPOINT, FIGURES, ARRAYS, CURVE, REPORT)
    held = None
    if resume and (folder / CHECKPOINT).exists():
        held, config = load_with_fields(folder / CHECKPOINT, config)
        order = order if network.fields else held.order
    if not quiet:
        console.print(f"{samples}\n{config} on {target}")
        if held is not None:
            console.print(f"going on from {folder / CHECKPOINT}, after {held.epoch} epochs")
    chosen = TrainingOptions(**options).of(config)
    over = windows_of(config, samples.shape)
    words = {
        "target": target,
        "baud": None if baud == BAUD else baud,
        **source.words(samples),
        **vars(network),
        "fields": over and over.typed,
    }
    about = {
        "command": repeating(words, chosen),
        "versions": versions(),
        "started": datetime.now().astimezone().isoformat(" ", "seconds"),
        "target": target,
        "data_sha256": data_sha256(samples),
        **described(config, samples, chosen),
    }
    with open_device(target, config, order=order, wave=waveform.path if waveform else None, baud=baud) as device:
        record = RunRecord(device, samples, chosen)
        result = TrainingResult()
        try:
            with LiveView(console, record, quiet) as view:
                train(
                    device, samples, checkpoint=folder / CHECKPOINT, resume=held, progress=view.progress, wave=waveform,
                    on_epoch=view.epoch, on_reset=view.reset, record=record, result=result, **options,
                )  # fmt: skip
        except (KeyboardInterrupt, FfpgaError):
            if (folder / CHECKPOINT).exists() and not quiet:
                console.print(f"the weights of this moment are in {folder / CHECKPOINT}")
            if record.last is not None:
                _, failure = _leave(folder, record, about, result, quiet)
                if failure is not None:
                    print(f"ffpga: {failure}", file=sys.stderr)
            raise
    figures, failure = _leave(folder, record, about, result, quiet)
    write_json(json, figures)
    if not quiet:
        keys = ("weight_bytes", "pairs", "clocks", "floor_clocks", "weights_sha256")
        summary = {"test accuracy": f"{100 * result.accuracy:.2f} %", **{key: figures[key] for key in keys}}
        show("trained", {**summary, "seconds": f"{figures['seconds']:.1f}"})
    if failure is not None:
        raise failure


def _leave(
    folder: Path, record: RunRecord, about: dict[str, Any], result: TrainingResult, quiet: bool
) -> tuple[dict[str, Any], FfpgaError | None]:
    """Writes what a run leaves beside its checkpoint; returns its figures, and what could not be made of them."""
    warning = nothing_learned([epoch.accuracy for epoch in result.epochs], record.data)
    sizes = {
        "weight_bytes": record.device.config.weight_bytes,
        "warnings": [] if warning is None else [warning],
    }
    if warning is not None and not quiet:
        console.print(f"[bold yellow]warning[/]: {escape(warning)}", soft_wrap=True)
    figures = {**about, **sizes, **result.as_dict(), "link_errors": record.link_errors}
    if record.last is None:
        if not quiet:
            console.print("the run was at its end before: nothing was trained, no report made")
        return figures, None

    def curve(path: Path) -> None:
        from ..look.curves import learning_curve

        learning_curve(result, path, f"{record.data.name}, {record.device.config}")

    def report(path: Path) -> None:
        from ..report import write_report

        write_report(load_run(folder), path)

    with nullcontext() if quiet else console.status("report"):
        record.save(folder, figures)
        absent = _absent()
        makers = ((curve, CURVE),) if absent else ((curve, CURVE), (report, REPORT))
        failures = [_failure(make, folder / name) for make, name in makers]
    if not quiet:
        made = [str(folder / CHECKPOINT)]
        made += [str(folder / name) for (_, name), failure in zip(makers, failures, strict=True) if not failure]
        console.print("wrote " + " and ".join(filter(None, (", ".join(made[:-1]), made[-1]))), soft_wrap=True)
        if absent:
            console.print(f"{escape(str(absent))}, then ffpga report {folder}", soft_wrap=True)
    return figures, next(filter(None, failures), None)


def _absent() -> FfpgaError | None:
    """What a report needs and is not installed: a run is no worse without one."""
    try:
        import altair  # noqa: F401
        import jinja2  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError as error:
        return lacking(error, REPORT)
    return None


def _failure(make: Callable[[Path], None], path: Path) -> FfpgaError | None:
    """Makes a page or a picture; returns why not, where a library of those that draw does not run here."""
    try:
        make(path)
    except FfpgaError as error:
        return error
    except Exception as error:  # an environment that we do not know must not cost the run's record
        said = (str(error).splitlines() or [""])[0]
        return FfpgaError(
            f"cannot make {path} ({type(error).__name__}: {said}), all else of the run is in {path.parent}: "
            f"mend that, then ffpga report {path.parent}"
        )
    return None


@command
def report_command(
    runs: Annotated[list[Path], typer.Argument(help="folders that `ffpga train` has left", metavar="RUN...")],
    out: Annotated[
        Path | None, typer.Option(help="file; default: RUN/report.html, of several runs/comparison.html"), FILE
    ] = None,
) -> None:
    """Make a run's report again, or put several runs side by side."""
    from ..report import write_comparison, write_report

    held = [load_run(folder) for folder in runs]
    path = out or (runs[0] / REPORT if len(held) == 1 else Path("runs/comparison.html"))
    check_writable(path)
    if len(held) == 1:
        write_report(held[0], path)
    else:
        write_comparison(held, path)
    console.print(f"wrote {path}", soft_wrap=True)
