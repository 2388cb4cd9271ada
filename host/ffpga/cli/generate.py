"""The commands `ffpga generate` and `ffpga info`: a configuration as Verilog, or as figures."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga_golden.registers import NegativePolicy, Objective, Polarity, Rounding, registers

from ..driver.lines import is_board
from ..driver.opening import open_device
from ..driver.serial_port import BAUD
from ..errors import FfpgaError
from ..files import FILE, check_writable, write_whole
from ..look.console import console, show, write_json
from ..training.checkpoint import load_checkpoint, weights_sha256
from .options.adopting import of_board
from .options.command import command
from .options.completion import targets, words
from .options.network import Classes, Features, NetworkOptions, network_options
from .options.shared import Baud, Json

#: Registers whose values have names.
NAMED = {"objective": Objective, "polarity": Polarity, "negative_policy": NegativePolicy, "rounding": Rounding}


def named(values: dict[str, int]) -> dict[str, int | str]:
    """Registers as they are shown: by its name, what has one."""
    return {
        name: NAMED[name](value).name.lower().replace("_", " ") if name in NAMED else value
        for name, value in values.items()
    }


@command
@network_options()
def generate_command(
    *,
    out: Annotated[Path, typer.Option(help="Verilog file; what describes it is written beside it"), FILE] = Path(
        "build/ffpga.v"
    ),
    bus: Annotated[
        str, typer.Option(help="ports: bytes (the link's streams) or axi", autocompletion=words("bytes", "axi"))
    ] = "bytes",
    features: Features = 64,
    classes: Classes = 10,
    network: NetworkOptions,
    json: Json = None,
) -> None:
    """Write the core as one Verilog file, with its configuration, a FuseSoC core file and a LiteX module."""
    if bus not in ("bytes", "axi"):
        raise FfpgaError(f"bus must be bytes or axi, not {bus!r}: choose one of them")
    config = network.alone(features, classes)
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


@command
@network_options()
def info_command(
    *,
    target: Annotated[
        str | None, typer.Option(help="golden, sim, serial:PORT or spi:URL: show what it holds", autocompletion=targets)
    ] = None,
    baud: Baud = BAUD,
    checkpoint: Annotated[Path | None, typer.Option(help="show what it holds")] = None,
    features: Features = 64,
    classes: Classes = 10,
    network: NetworkOptions,
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
        config = network.alone(features, classes)
    if target is not None:
        if is_board(target) and checkpoint is None and not network.fields:
            config = of_board(target, network.shape, baud)
        with open_device(target, config, baud=baud) as device:
            config, counters = device.config, device.counters()
            values = {name: device.read_register(name) for name in device.registers}
    sizes = {"weights": config.weights, "words": config.words, "weight bytes": config.weight_bytes}
    values = values or {register.name: register.reset for register in registers(config)}
    show(str(config), {**sizes, **extra})
    show("registers", named(values))
    if counters:
        show("counters", counters)
    figures = {"configuration": asdict(config), **sizes, **extra, "registers": values, "counters": counters}
    write_json(json, figures)
