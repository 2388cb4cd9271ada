"""The command `ffpga field`: a trained chip's sensor drifts, and the chip learns on."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ...bench.boards import shortened
from ...data.dataset import Dataset
from ...data.drift import SCENARIOS, drift
from ...driver.device import Device
from ...driver.opening import open_device
from ...driver.serial_port import BAUD
from ...errors import FfpgaError
from ...fields import order_of
from ...files import folder
from ...look.console import console, progress, write_json
from ...training.checkpoint import Checkpoint, load_checkpoint, load_with_fields
from ...training.field.drifting import FieldOptions, FieldRun, field_runs
from ...training.loop import Progress, train
from ...training.options import TrainingOptions
from ..options.adopting import adopt
from ..options.command import command
from ..options.data import Source, data_options
from ..options.network import NetworkOptions, network_options
from ..options.shared import Baud, Json, Target, Tests
from .newcomers import run_newcomers

#: The scenario of people in place of a sensor that drifts.
NEW_USER = "new-user"


@command
@data_options()
@network_options("layers", "lanes", "weight_bits", "memory_ports", "recurrent", "fields", "shape")
def field_command(
    *,
    context: typer.Context,
    target: Target = "golden",
    source: Source,
    baud: Baud = BAUD,
    scenario: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(SCENARIOS)}; default: all of these; or {NEW_USER}, with --group"),
    ] = None,
    network: NetworkOptions,
    epochs: Annotated[int, typer.Option(help="of training before the drift")] = 10,
    checkpoint: Annotated[
        Path | None, typer.Option(help="of a trained chip, instead of training (not for new-class)")
    ] = None,
    objective: Annotated[str, typer.Option(help="of training: contrast or threshold")] = "contrast",
    seed: Annotated[int, typer.Option(help="of weights, orders and dither")] = 0,
    samples: Annotated[int | None, typer.Option(help="only the first so many to train and to stream", min=1)] = None,
    tests: Tests = None,
    pairs: Annotated[int | None, typer.Option(help="of each stream; default: 5,000 or what there is")] = None,
    replay: Annotated[float, typer.Option(help="share of old samples in the stream with replay; 0: none")] = 0.5,
    rate: Annotated[int | None, typer.Option(help="learning-rate shift u in the field, 8 to 23")] = None,
    negatives: Annotated[str, typer.Option(help="in the field: hard, own or random")] = "hard",
    pixels: Annotated[int | None, typer.Option(help="shifted: by how many; default: an eighth of the edge")] = None,
    new_class: Annotated[int | None, typer.Option(help="new-class: which; default: the last")] = None,
    out: Annotated[Path, typer.Option(help="folder for field.png"), folder("field.png")] = Path("runs/field"),
    json: Json = None,
) -> None:
    """Let a trained chip's sensor drift, and the chip learn on from a short stream: what it regains and forgets."""
    training = TrainingOptions(epochs=epochs, objective=objective, seed=seed)
    if scenario == [NEW_USER]:
        if checkpoint is not None:
            raise FfpgaError(
                f"checkpoint must be left out with {NEW_USER}, not {checkpoint}: it trains on the old people"
            )
        run_newcomers(source, network, training, rate, json, target=target, baud=baud)
        return
    options = FieldOptions(pairs=pairs, replay=replay, rate=rate, negatives=negatives, seed=seed)
    first = None if checkpoint is None else load_checkpoint(checkpoint)
    loaded = source.load() if first is None or checkpoint is None else source.load_for(first, checkpoint)
    whole = shortened(network.shaped(loaded), samples, tests)
    drifts = [drift(name, whole, pixels=pixels, new_class=new_class) for name in dict.fromkeys(scenario or SCENARIOS)]
    for one in drifts:
        for share in {0.0, replay}:
            FieldOptions(pairs=pairs, replay=share).stream(one)
    network = adopt(context, target, network, whole.shape, baud)
    config = network.of(whole)
    order, held = order_of(config, whole.shape), None
    if checkpoint is not None:
        held, config = load_with_fields(checkpoint, config)
        order = order if network.fields else held.order
    console.print(f"{whole}\n{config} on {target}")
    runs: list[FieldRun] = []
    with open_device(target, config, order=order, baud=baud) as device, progress() as report:
        if rate is not None:
            device.check_register("learning_rate", rate)
        for one in drifts:
            if one.name == "new-class":
                start = _trained(device, one.old, training, report)
            else:
                start = held = held or _trained(device, one.old, training, report)
            runs += field_runs(device, start, one, options, report)
    from ...look.curves import field_curves

    picture = out / "field.png"
    field_curves(runs, picture, f"{whole.name}, {config}")
    figures = {"target": target, "data": whole.name, "configuration": asdict(config)}
    chosen = {"checkpoint": checkpoint and str(checkpoint), "training": asdict(training), "options": asdict(options)}
    write_json(json, {**figures, **chosen, "runs": [run.as_dict() for run in runs]})
    _show(runs)
    console.print(f"wrote {picture}")


def _trained(device: Device, data: Dataset, options: TrainingOptions, report: Progress) -> Checkpoint:
    """A chip trained on the data from before a drift."""
    result = train(device, data, progress=report, **asdict(options))
    return Checkpoint.of(device, len(result.epochs), prepared=data.prepared)


def _show(runs: Iterable[FieldRun]) -> None:
    """A line for each run; accuracies in %."""
    table = Table(caption="accuracy in %; back: pairs until drifted data are within 2 points of before")
    for name in ("scenario", "start", "before", "drifted", "back", "best", "end", "old, end"):
        table.add_column(name, justify="left" if name in ("scenario", "start") else "right", no_wrap=True)
    for run in runs:
        back = "-" if run.recovered is None else f"{run.recovered.pairs:,}"
        first, last = run.points[0], run.points[-1]
        shares = [run.before, first.drifted, run.best.drifted, last.drifted, last.old]
        shown = [f"{100 * share:.1f}" for share in shares]
        start = f"replay {run.replay:g}" if run.replay else run.start
        table.add_row(run.scenario, start, *shown[:2], back, *shown[2:])
    console.print(table)
