"""The commands of `ffpga bench` that measure speed: simulation, golden model, link, scaling, bus; and their summary."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga_golden.config import NetworkConfig

from ..bench.boards import shortened
from ..errors import FfpgaError
from ..files import Output, folder, write_text
from ..look.console import console, progress, write_json
from .boards.synth import find_board, mendable
from .options.command import command
from .options.data import REQUIRED, Source, data_options
from .options.network import NetworkOptions, network_options
from .options.shared import Json, Samples, Tests

Turns = Annotated[int, typer.Option(help="turns of each contestant", min=1)]


def _out(name: str, *pictures: str) -> Output:
    """The mark of a folder that gets a command's figures."""
    return folder(f"{name}.json", f"{name}.md", *pictures)


Out = Annotated[Path, typer.Option(help="folder for figures and pictures")]


def _building(name: str) -> None:
    console.print(f"building {name}, unless it is in the cache")


def _end(out: Path, name: str, figures: dict[str, Any], page: str, json: Path | None) -> None:
    """Leaves figures and tables in files and prints the tables."""
    write_json(out / f"{name}.json", figures)
    write_json(json, figures)
    write_text(out / f"{name}.md", f"{page}\n")
    console.print(f"wrote {out / f'{name}.json'} and {out / f'{name}.md'}\n")
    print(page)


@command
@data_options("coding", "label", default=REQUIRED)
@network_options("layers", "lanes", "fields", "shape", layers="128,128")
def simulation_command(
    *,
    source: Source,
    network: NetworkOptions,
    turns: Turns = 15,
    pairs: Annotated[int, typer.Option(help="training pairs of a turn", min=1)] = 30,
    samples: Annotated[int | None, typer.Option(help="predict the epoch's clocks from the first so many")] = None,
    flags: Annotated[bool, typer.Option("--flags", help="compare flags of Verilator and of the compiler, too")] = False,
    out: Annotated[Out, _out("simulation")] = Path("runs/bench"),
    json: Json = None,
) -> None:
    """Compare the virtual board's rate with the bare Verilated model's, which gets the same bytes."""
    from ..bench.speed import simulation

    held = network.shaped(source.load())
    config = network.of(held)
    with progress() as report:
        figures = simulation.measure(config, held, pairs=pairs, turns=turns, on_build=_building, progress=report)
        figures["epoch_clocks"] = simulation.epoch_clocks(config, held, samples, report)
        figures["epoch_pairs"] = len(held.train_x)
        figures["epoch_minutes"] = figures["epoch_clocks"] / figures["board_clocks_a_second"] / 60
        figures = {"data": held.name, "network": str(config), **figures}
        if flags:
            figures["flags"] = simulation.measure_flags(config, held, on_build=_building, progress=report)
    _end(out, "simulation", figures, simulation.page(figures), json)


@command
@data_options("coding", "label", default=REQUIRED)
@network_options("layers", layers="128,128")
def golden_command(
    *,
    source: Source,
    network: NetworkOptions,
    turns: Turns = 15,
    pairs: Annotated[int, typer.Option(help="training pairs, and inferences, of a turn", min=1)] = 100,
    peers: Annotated[bool, typer.Option(help="compare with fflib, PyTorch's Forward-Forward library")] = True,
    out: Annotated[Out, _out("golden")] = Path("runs/bench"),
    json: Json = None,
) -> None:
    """Compare the golden model's rate with that of the library fflib, and with what the processor's caches allow."""
    from ffpga_golden.layers import Layers

    from ..bench.speed import golden

    held = source.load()
    config = network.of(held)
    with progress() as report:
        figures = golden.measure(config, held, turns=turns, pairs=pairs, inferences=pairs, peers=peers, progress=report)
    figures = {"data": held.name, "network": str(config), **figures}
    figures["profiles"] = {golden.NUMPY: golden.profile(config, held, Layers)}
    _end(out, "golden", figures, golden.page(figures), json)


@command
@data_options("coding", "label", default=REQUIRED, says="mnist:DIRECTORY, or other data of the boards' 784 features")
def link_command(
    *,
    source: Source,
    pairs: Annotated[int, typer.Option(help="pairs on the simulated line, for each setting", min=1)] = 40,
    epochs: Annotated[int, typer.Option(help="passes over the training samples", min=1)] = 5,
    clock: Annotated[float, typer.Option(help="of the simulated chip, MHz", min=1)] = 48.0,
    samples: Samples = None,
    tests: Tests = None,
    out: Annotated[Out, _out("link", "link.png")] = Path("runs/bench"),
    json: Json = None,
) -> None:
    """Show bytes a sample, pairs a second by line and code, and whether line or core bounds each board's training."""
    with mendable():
        from ffpga_hw.boards.table import BOARDS
    from ..bench.boards import as_sent, line_bytes
    from ..bench.pictures.link import draw_link
    from ..bench.speed import lines, link
    from ..bench.speed.link import Opcode

    whole = source.load()
    held = shortened(whole, samples, tests)
    first = next(iter(BOARDS.values()))
    figures: dict[str, Any] = {"data": whole.name, "samples": len(held.train_x), "epochs": epochs}
    figures |= {"network": str(first.preset), "clock_mhz": clock}
    sent = as_sent(first.preset, whole)  # all boards' networks have the same tiles
    figures["bytes"] = link.sample_bytes(sent)
    with progress() as report:
        _building("virtual board")
        line = link.SimulatedLine(replace(first.preset, few_bits=True), held, 1e6 * clock)
        settings = [(window, us) for us in link.LATENCIES for window in link.WINDOWS]
        figures["windows"] = []
        for done, (window, us) in enumerate(settings):
            report("line", done, len(settings))
            figures["windows"].append(line.train(link.WIRES[0], pairs, window=window, latency_us=us))
        line.close()
        connected = NetworkConfig(features=held.features, classes=held.classes, layers=(128, 128), lanes=8)
        figures["lines"] = lines.measure(
            (connected, first.preset), held, clock_hz=1e6 * clock, pairs=pairs, epochs=epochs, progress=report
        )
        figures["bounds"] = []
        pair_bytes, infer_bytes = line_bytes(sent.train_x, Opcode.TRAIN_PAIR), line_bytes(sent.test_x, Opcode.INFER)
        counted: dict[NetworkConfig, Any] = {}
        for board in BOARDS.values():
            if board.preset not in counted:
                counted[board.preset] = link.clocks_of_steps(board.preset, held, epochs, report)
            figures["bounds"] += link.bounds(board, counted[board.preset], pair_bytes, infer_bytes)
    draw_link(figures["windows"], figures["bounds"], out / "link.png")
    _end(out, "link", figures, lines.page(figures), json)


@command
@data_options("coding", "label", default=REQUIRED)
def scaling_command(
    *,
    source: Source,
    pairs: Annotated[int, typer.Option(help="training pairs of each network", min=1)] = 500,
    tests: Annotated[int, typer.Option(help="inferences of each network", min=1)] = 100,
    every: Annotated[bool, typer.Option("--every", help="pack all cores, not only those of the boards' lanes")] = False,
    out: Annotated[Out, _out("scaling", "scaling.png")] = Path("runs/bench"),
    json: Json = None,
) -> None:
    """Count clocks and cells against lanes, width and depth, and show where each FPGA ends."""
    with mendable():
        from ffpga_hw.boards.table import BOARDS
        from ffpga_hw.flow.tools import MissingTool, ToolFailure
    from ..bench.pictures.scaling import draw_scaling
    from ..bench.speed import points, scaling

    held = source.load()
    with progress() as report:
        figures: dict[str, Any] = {"data": held.name}
        figures["clocks"] = scaling.measure_clocks(held, pairs=pairs, inferences=tests, progress=report)
        packed = [find_board(name) for name in ("icebreaker", "ulx3s-85f")]
        sizes = held.features, held.classes, points.fields_over(held)
        try:
            figures["cells"] = scaling.measure_cells(
                packed, *sizes, out / "cells", every=every, on_point=lambda text: console.print(f"cells of {text}")
            )
        except (MissingTool, ToolFailure) as error:
            raise FfpgaError(str(error)) from None
    figures["ends"] = scaling.ends(list(BOARDS.values()), *sizes)
    cells = figures["cells"] if every else ()
    draw_scaling(figures["clocks"]["points"], cells, figures["ends"], out / "scaling.png")
    if not every:
        console.print("cells are drawn where all of them are packed: give --every")
    _end(out, "scaling", figures, scaling.page(figures), json)


@command
def bus_command(
    board: Annotated[list[str] | None, typer.Option(help="an ULX3S or ECPIX-5; default: ulx3s-25f")] = None,
    seed: Annotated[int, typer.Option(help="of the placement")] = 1,
    out: Annotated[Out, _out("bus")] = Path("runs/bench"),
    json: Json = None,
) -> None:
    """Place boards' cores without the rest, behind the byte link and behind AXI, and compare cells and clock."""
    boards = [find_board(name) for name in board or ["ulx3s-25f"]]
    with mendable():
        from ffpga_hw.flow.tools import MissingTool, ToolFailure

        from ..bench.speed import bus

        try:
            rows = bus.measure(boards, out / "bus", seed, lambda text: console.print(f"core of {text}"))
        except (MissingTool, ToolFailure) as error:
            raise FfpgaError(str(error)) from None
    figures = {"seed": seed, "rows": rows}
    _end(out, "bus", figures, bus.page(figures), json)


@command
def summary_command(out: Annotated[Out, _out("summary")] = Path("runs/bench"), json: Json = None) -> None:
    """Show what the other commands left in a folder as one table."""
    from ..bench.speed.summary import summary, summary_table

    rows = summary(out)
    if not rows:
        raise FfpgaError(f"{out} must hold figures of ffpga bench, but has none: run make bench")
    page = summary_table(rows)
    write_json(out / "summary.json", {"rows": rows})
    write_json(json, {"rows": rows})
    write_text(out / "summary.md", f"{page}\n")
    print(page)
