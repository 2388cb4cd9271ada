"""The commands `ffpga eval`, `verify`, `selftest`: what a device answers, to test data and beside the golden model."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from ..contact.selftest import selftest
from ..driver.lines import is_board
from ..driver.opening import open_device
from ..driver.serial_port import BAUD
from ..fields import order_of
from ..look.console import console, progress, show, write_json
from ..training.checkpoint import load_checkpoint, weights_sha256
from ..training.loop import evaluate
from ..training.options import TrainingOptions
from ..training.verify import TESTS, verify
from ..wave.waveform import Waveform
from .options.adopting import adopt, of_board, typed
from .options.command import command
from .options.data import Source, data_options
from .options.network import Classes, Features, NetworkOptions, network_options
from .options.shared import Baud, Json, Target, waveform_options
from .options.training import training_options


@command
@data_options("label", "group", "window", "hop", "features", "unit", "held_out")
def eval_command(
    *,
    checkpoint: Annotated[Path, typer.Option(help="checkpoint.npz of a training run")],
    target: Target = "golden",
    source: Source,
    baud: Baud = BAUD,
    lanes: Annotated[int | None, typer.Option(help="neurons side by side; default: as trained")] = None,
    memory_ports: Annotated[int | None, typer.Option(help="ports of the weight memory; default: as trained")] = None,
    json: Json = None,
) -> None:
    """Write a checkpoint to a device and test it."""
    held = load_checkpoint(checkpoint)
    samples = source.load_for(held, checkpoint)
    config = held.config
    if lanes is not None:
        config = replace(config, lanes=lanes)
    if memory_ports is not None:
        config = replace(config, memory_ports=memory_ports)
    with open_device(target, config, order=held.order, baud=baud) as device:
        held.restore(device)
        before = device.counters()
        with progress() as report:
            accuracy = evaluate(device, samples, progress=report)
        after = device.counters()
    figures = {
        "target": target,
        "data": samples.name,
        "accuracy": accuracy,
        "samples": len(samples.test_x),
        "clocks": after["clocks"] - before["clocks"],
        "weights_sha256": weights_sha256(held.weights),
    }
    write_json(json, figures)
    show(f"{checkpoint}, {held.epoch} epochs", {**figures, "accuracy": f"{100 * accuracy:.2f} %"})


@command
@data_options()
@network_options()
@waveform_options()
@training_options("epochs")
def verify_command(
    *,
    context: typer.Context,
    target: Target = "sim",
    source: Source,
    baud: Baud = BAUD,
    pairs: Annotated[int, typer.Option(help="training pairs", min=1)] = 500,
    tests: Annotated[int, typer.Option(help="inferences after them", min=0)] = TESTS,
    network: NetworkOptions,
    waveform: Waveform | None,
    options: dict[str, Any],
    json: Json = None,
) -> None:
    """Train a device and the golden model side by side; status 1 where anything differs."""
    samples = network.shaped(source.load())
    network = adopt(context, target, network, samples.shape, baud)
    config = network.of(samples)
    order, wave = order_of(config, samples.shape), waveform.path if waveform else None
    opened = open_device(target, config, order=order, wave=wave, baud=baud)
    with opened as device, progress() as report:
        found = verify(device, samples, pairs=pairs, tests=tests, progress=report, wave=waveform, **options)
    chosen = {**options, "gate": TrainingOptions(**options).of(config).gate}
    write_json(json, {"target": target, "configuration": asdict(config), "options": chosen, **found.as_dict()})
    if not found.equal:
        console.print(f"[bold red]different[/] {target} and golden: {found.difference}", soft_wrap=True)
        raise typer.Exit(1)
    console.print(
        f"[bold green]equal[/] {target} and golden after {found.pairs:,} pairs: {found.weights:,} weights, "
        f"the answers of {found.steps:,} steps and {found.inferences} inferences, and every counter; "
        f"{found.clocks:,} clocks, as predicted",
        soft_wrap=True,
    )


@command
@network_options()
def selftest_command(
    *,
    context: typer.Context,
    target: Target = "sim",
    baud: Baud = BAUD,
    steps: Annotated[int, typer.Option(help="training steps beside the golden model", min=1)] = 200,
    clock: Annotated[float | None, typer.Option(help="MHz that the core's clock should have", min=0.001)] = None,
    features: Features = 64,
    classes: Classes = 10,
    network: NetworkOptions,
    json: Json = None,
) -> None:
    """Test a device: line, registers, memory, training, rates; say what a fault means. Status 1 where one is.

    Weights and registers are put back; the sample is lost. A board says its sizes itself.
    """
    if is_board(target) and not typed(context, network, "features", "classes"):
        config = of_board(target, network.shape, baud)
    else:
        config = network.alone(features, classes)
    clock_hz = clock and 1e6 * clock
    found = []
    with open_device(target, config, baud=baud) as device:
        console.print(f"{config} at {target}", soft_wrap=True)
        line = device.transport if is_board(target) else None
        for check in selftest(
            device, steps=steps, baud=getattr(line, "baud", None), bits=getattr(line, "bits", 10), clock_hz=clock_hz
        ):
            found.append(check)
            mark = {True: "[green]right[/]", False: "[bold red]WRONG[/]", None: "[dim]  -  [/]"}[check.right]
            console.print(f"{mark}  {check.name}: {escape(check.said)}", soft_wrap=True)
            if check.right is False:
                console.print(f"       {escape(check.meaning)}", soft_wrap=True)
    wrong = [check.name for check in found if check.right is False]
    write_json(json, {"target": target, "right": not wrong, "checks": [asdict(check) for check in found]})
    if wrong:
        raise typer.Exit(1)
