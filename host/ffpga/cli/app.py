"""The `ffpga` command."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga_golden.config import NetworkConfig
from ffpga_golden.registers import registers

from ..data.dataset import load_dataset
from ..driver.opening import open_device
from ..errors import FfpgaError
from ..files import FILE, check_writable, write_whole
from ..look.console import command, console, progress, show, write_json
from ..training.checkpoint import load_checkpoint, weights_sha256
from ..training.loop import evaluate
from ..training.verify import TESTS, verify
from ..wave.waveform import Waveform
from .arguments import (
    BlackBox,
    Data,
    Json,
    Lanes,
    Layers,
    MemoryPorts,
    Recurrent,
    Target,
    Wave,
    WaveSteps,
    WeightBits,
    configuration,
    parse_layers,
    training_options,
)
from .bench import bench
from .completion import targets, words
from .doctor import doctor_command
from .examples import epilog
from .field import field_command
from .pictures import PICTURES
from .speed import SPEED
from .sweep import sweep_command
from .synth import flash_command, synth_command
from .synth_check import check_command
from .train import report_command, train_command
from .wave import wave_command

app = typer.Typer(
    help="Forward-Forward networks that learn on the chip.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


app.command("train", epilog=epilog("train"))(train_command)
app.command("report", epilog=epilog("report"))(report_command)


@app.command("eval", epilog=epilog("eval"))
@command
def eval_command(
    checkpoint: Annotated[Path, typer.Option(help="checkpoint.npz of a training run")],
    target: Target = "golden",
    data: Data = "digits",
    lanes: Annotated[int | None, typer.Option(help="neurons side by side; default: as trained")] = None,
    memory_ports: Annotated[int | None, typer.Option(help="ports of the weight memory; default: as trained")] = None,
    json: Json = None,
) -> None:
    """Write a checkpoint to a device and test it."""
    held = load_checkpoint(checkpoint)
    samples = load_dataset(data)
    sizes = asdict(held.config)
    sizes.update({k: v for k, v in (("lanes", lanes), ("memory_ports", memory_ports)) if v is not None})
    config = NetworkConfig(**sizes)
    with open_device(target, config) as device:
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


@app.command("verify", epilog=epilog("verify"))
@command
@training_options("epochs")
def verify_command(
    options: dict[str, Any],
    target: Target = "sim",
    data: Data = "digits",
    pairs: Annotated[int, typer.Option(help="training pairs", min=1)] = 500,
    tests: Annotated[int, typer.Option(help="inferences after them", min=0)] = TESTS,
    layers: Layers = "64,64",
    lanes: Lanes = 8,
    weight_bits: WeightBits = 8,
    memory_ports: MemoryPorts = 1,
    black_box: BlackBox = False,
    recurrent: Recurrent = False,
    wave: Wave = None,
    wave_steps: WaveSteps = "1:3",
    json: Json = None,
) -> None:
    """Train a device and the golden model side by side; status 1 where anything differs."""
    samples = load_dataset(data)
    config = configuration(samples, layers, lanes, weight_bits, memory_ports, black_box, recurrent)
    waveform = None if wave is None else Waveform.parse(wave, wave_steps)
    with open_device(target, config, wave=wave) as device, progress() as report:
        found = verify(device, samples, pairs=pairs, tests=tests, progress=report, wave=waveform, **options)
    write_json(json, {"target": target, "configuration": asdict(config), "options": options, **found.as_dict()})
    if not found.equal:
        console.print(f"[bold red]different[/] {target} and golden: {found.difference}", soft_wrap=True)
        raise typer.Exit(1)
    console.print(
        f"[bold green]equal[/] {target} and golden after {found.pairs:,} pairs: {found.weights:,} weights, "
        f"the answers of {found.steps:,} steps and {found.inferences} inferences, and every counter; "
        f"{found.clocks:,} clocks, as predicted",
        soft_wrap=True,
    )


@app.command("generate", epilog=epilog("generate"))
@command
def generate_command(
    out: Annotated[Path, typer.Option(help="Verilog file; what describes it is written beside it"), FILE] = Path(
        "build/ffpga.v"
    ),
    bus: Annotated[
        str, typer.Option(help="ports: bytes (the link's streams) or axi", autocompletion=words("bytes", "axi"))
    ] = "bytes",
    features: Annotated[int, typer.Option(help="inputs, 1 to 1,000")] = 64,
    classes: Annotated[int, typer.Option(help="labels, 2 to 32, or 0 for unlabelled data")] = 10,
    layers: Layers = "64,64",
    lanes: Lanes = 8,
    weight_bits: WeightBits = 8,
    memory_ports: MemoryPorts = 1,
    black_box: BlackBox = False,
    recurrent: Recurrent = False,
    json: Json = None,
) -> None:
    """Write the core as one Verilog file, with its configuration, a FuseSoC core file and a LiteX module."""
    if bus not in ("bytes", "axi"):
        raise FfpgaError(f"bus must be bytes or axi, not {bus!r}: choose one of them")
    config = NetworkConfig(
        features=features, classes=classes, layers=parse_layers(layers), lanes=lanes,
        weight_bits=weight_bits, memory_ports=memory_ports, black_box=black_box, recurrent=recurrent,
    )  # fmt: skip
    try:
        from ffpga_hw.flow.generate import generate, places
        from ffpga_hw.flow.tools import ToolFailure
    except ImportError as error:
        raise FfpgaError(f"generate needs {error.name or error}: pip install 'ffpga[hw]'") from None
    try:
        for path in places(out, bus).values():
            check_writable(path)
        sizes: dict[Path, int] = {}

        def write(path: Path, data: bytes) -> None:
            write_whole(path, data)
            sizes[path] = len(data)

        made = {kind: str(path) for kind, path in generate(config, out, bus, write=write).items()}
    except (ValueError, ToolFailure) as error:
        raise FfpgaError(str(error)) from None
    write_json(json, {**made, "bus": bus, "bytes": sizes[out], **asdict(config)})
    *most, last = made.values()
    console.print(f"{config}: wrote {', '.join(most)} and {last}", soft_wrap=True)


@app.command("info", epilog=epilog("info"))
@command
def info_command(
    target: Annotated[
        str | None, typer.Option(help="golden, sim or serial:PORT: show what it holds", autocompletion=targets)
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="show what it holds")] = None,
    features: Annotated[int, typer.Option(help="inputs, 1 to 1,000")] = 64,
    classes: Annotated[int, typer.Option(help="labels, 2 to 32, or 0 for unlabelled data")] = 10,
    layers: Layers = "64,64",
    lanes: Lanes = 8,
    weight_bits: WeightBits = 8,
    memory_ports: MemoryPorts = 1,
    black_box: BlackBox = False,
    recurrent: Recurrent = False,
    json: Json = None,
) -> None:
    """Show a configuration, a checkpoint or a device: sizes, registers, counters."""
    values: dict[str, int] = {}
    counters: dict[str, int] = {}
    extra: dict[str, Any] = {}
    if checkpoint is not None:
        held = load_checkpoint(checkpoint)
        config, values = held.config, held.registers
        extra = {"epoch": held.epoch, "weights_sha256": weights_sha256(held.weights)}
    else:
        config = NetworkConfig(
            features=features, classes=classes, layers=parse_layers(layers), lanes=lanes,
            weight_bits=weight_bits, memory_ports=memory_ports, black_box=black_box, recurrent=recurrent,
        )  # fmt: skip
    if target is not None:
        serial = target.startswith("serial:") and checkpoint is None
        with open_device(target, None if serial else config) as device:
            config, counters = device.config, device.counters()
            values = {name: device.read_register(name) for name in device.registers}
    sizes = {"weights": config.weights, "words": config.words, "weight bytes": config.weight_bytes}
    values = values or {register.name: register.reset for register in registers(config)}
    show(str(config), {**sizes, **extra})
    show("registers", values)
    if counters:
        show("counters", counters)
    figures = {"configuration": asdict(config), **sizes, **extra, "registers": values, "counters": counters}
    write_json(json, figures)


app.command("wave", epilog=epilog("wave"))(wave_command)
app.command("doctor", epilog=epilog("doctor"))(doctor_command)
app.command("synth", epilog=epilog("synth"))(synth_command)
app.command("synth-check", epilog=epilog("synth-check"))(check_command)
app.command("flash", epilog=epilog("flash"))(flash_command)
for name, function in {**SPEED, **PICTURES}.items():
    bench.command(name, epilog=epilog(f"bench {name}"))(function)
app.add_typer(bench, name="bench")
app.command("field", epilog=epilog("field"))(field_command)
app.command("sweep", epilog=epilog("sweep"))(sweep_command)
