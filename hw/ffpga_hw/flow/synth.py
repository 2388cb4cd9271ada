"""From a configuration to a bitstream: Verilog, synthesis, place and route, packing, and the figures of all that."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ffpga_golden import NetworkConfig

from ..boards.board import Board
from . import netlist, timing, tools
from .charts import draw_blocks, draw_floorplan
from .fit import check_fit
from .placement import Missed, place
from .verilog import generate_top

#: Called with a stage's name when it begins, how many are done, and how many there are.
Progress = Callable[[str, int, int], None]

#: Stages of a run, in order.
STAGES = ("generate", "synthesise", "place and route", "pack", "report")

#: What a user calls the figures of a chip.
WORDS = {"cells": "logic cells", "bram": "block RAMs", "dsp": "multipliers", "spram": "SPRAMs"}


#: Where runs' folders are.
BUILDS = Path("build/synth")


class DoesNotFit(ValueError):
    """The design needs more of the chip than there is, which only synthesis can tell."""


def default_folder(board: Board, config: NetworkConfig, seed: int) -> Path:
    """Where a run's files go if nobody says otherwise; the same for the same request."""
    name = board.name if board.line == "uart" else f"{board.name}-{board.line}"
    request = f"{name} {config.to_json()} {seed} {board.clock_hz:g}"
    return BUILDS / f"{name}-{hashlib.sha256(request.encode()).hexdigest()[:8]}"


def last_build(board: Board) -> tuple[Path, dict[str, Any]] | None:
    """The bitstream that was made last for a board, whatever its network and line, and its figures; None: none was."""
    found = []
    for kept in BUILDS.glob(f"{board.name}-*/figures.json"):
        try:
            figures = json.loads(kept.read_text())
            bitstream = kept.with_name(board.chip.bitstream)
            if figures["board"] == board.name and bitstream.is_file():
                found.append((bitstream.stat().st_mtime, bitstream, figures))
        except (OSError, ValueError, KeyError, TypeError):  # a run that did not end
            continue
    return max(found, key=lambda one: one[0])[1:] if found else None


def synthesise(
    board: Board,
    config: NetworkConfig,
    folder: Path,
    seed: int = 1,
    progress: Progress | None = None,
    *,
    tries: int = 1,
    missed: Missed = lambda seed, mhz, following: None,
) -> dict[str, Any]:
    """Makes a bitstream of the core and says what it takes of the chip.

    Parameters
    ----------
    board : Board
    config : NetworkConfig
    folder : Path
        For all files and logs; made if it is not there.
    seed : int
        Of placement.
    progress : callable, optional
        See `Progress`.
    tries : int
        Seeds that are tried, one after the other, until one reaches the board's clock; else the fastest one counts.
    missed : callable, optional
        See `placement.Missed`.

    Returns
    -------
    dict
        See `build`, and `configuration`.

    Raises
    ------
    ValueError
        The network cannot fit the board, by its weights or lanes; or (DoesNotFit) by its logic.
    MissingTool, ToolFailure
        See `tools`.
    """
    check_fit(board, config)
    tools_of(board)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    report = progress or (lambda stage, done, total: None)
    report(STAGES[0], 0, len(STAGES))
    begun = time.monotonic()
    verilog = generate_top(board, config)
    generated = time.monotonic() - begun
    (folder / "configuration.json").write_text(config.to_json() + "\n")
    seeds = range(seed, seed + tries)
    figures = build(board, verilog, folder, seeds=seeds, progress=report, missed=missed)
    figures["seconds"] = {STAGES[0]: round(generated, 1), **figures["seconds"]}
    figures["configuration"] = json.loads(config.to_json())
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def tools_of(board: Board) -> tuple[str, str, str]:
    """Names of the tools for synthesis, placement and packing; MissingTool where one is not installed."""
    names = ("yosys", board.chip.placer, board.chip.packer)
    for name in names:
        tools.find(name)
    return names


def build(
    board: Board,
    verilog: str,
    folder: Path,
    *,
    seeds: Sequence[int],
    progress: Progress = lambda stage, done, total: None,
    missed: Missed = lambda seed, mhz, following: None,
) -> dict[str, Any]:
    """Makes a bitstream of any Verilog whose module `top` has the board's pins as ports.

    The same Verilog, seed and versions of the tools give the same bytes, in whatever folder and whenever.

    Returns
    -------
    dict
        `board`, `seed`, `tried` (MHz of each seed that was), `bitstream`, `bitstream_sha256`, `cells` used of
        `cells_total`, the same of `bram`, `dsp` and `spram`, `fmax_mhz` (iCE40: with what nextpnr leaves out of the
        DSP's delay, on the paths that begin there; their slowest is `dsp_path_ns` without it), `fmax_nextpnr_mhz`,
        `target_mhz`, `timing_met`, `critical_path`, `warnings`, `blocks` (cells by kind), `tools` (versions), `seconds`
        of each stage.
    """
    synthesis, placer, packer = tools_of(board)
    chip = board.chip
    seconds: dict[str, float] = {}
    begun = time.monotonic()

    def stage(number: int) -> None:
        nonlocal begun
        now = time.monotonic()
        if number > 1:
            seconds[STAGES[number - 1]] = round(now - begun, 1)
        begun = now
        if number < len(STAGES):
            progress(STAGES[number], number, len(STAGES))

    stage(1)
    found = make_netlist(board, verilog, folder)
    by_block = netlist.cells_by_block(chip, found)

    stage(2)
    constraints = write_constraints(board, folder)

    def watch(seed: int, said: str) -> None:
        progress(f"{STAGES[2]}: {timing.doing(said)}", 2, len(STAGES))

    arguments = placing(board, constraints, chip.routed)
    try:
        placed = place(board, arguments, folder, seeds=seeds, watch=watch, missed=missed)
    except tools.ToolFailure as failure:
        said = (folder / f"{placer}.log").read_text(errors="replace")
        over = overfull(board, said)
        if over:
            draw_blocks(by_block, folder / "blocks.png", board.title)
            narrower = "narrower layers, " if WORDS["bram"] in over else ""  # activities and lists are there
            raise DoesNotFit(
                f"the design must fit {chip.called}, but needs {over}: take {narrower}fewer lanes, or a larger board "
                f"(what needs them: {folder / 'blocks.png'})"
            ) from failure
        raise

    stage(3)
    tools.run(packer, chip.packing(chip.routed, chip.bitstream), folder)

    stage(4)
    draw_blocks(by_block, folder / "blocks.png", board.title)
    draw_floorplan(
        json.loads((folder / "placed.json").read_text()), netlist.blocks(found), folder / "floorplan.png", board.title
    )
    figures: dict[str, Any] = {
        "board": board.name,
        "line": board.line,
        "seed": placed.seed,
        "tried": {str(seed): mhz for seed, mhz in placed.tried.items()},
        "bitstream": str(folder / chip.bitstream),
        "bitstream_sha256": hashlib.sha256((folder / chip.bitstream).read_bytes()).hexdigest(),
        **resources(board, placed.report),
        "fmax_mhz": round(placed.fmax, 2),
        "fmax_nextpnr_mhz": round(placed.achieved, 2),
        **placed.corrections,
        "target_mhz": board.clock_hz / 1e6,
        "timing_met": placed.fmax >= board.clock_hz / 1e6,
        "critical_path": timing.critical_path(placed.report),
        "warnings": sum(line.startswith("Warning") for line in placed.log.splitlines()),
        "blocks": {name: dict(cells) for name, cells in sorted(by_block.items())},
        "tools": {name: tools.version(name) for name in (synthesis, placer, packer)},
    }
    stage(5)
    return {**figures, "seconds": seconds}


def make_netlist(board: Board, verilog: str, folder: Path) -> dict[str, Any]:
    """Synthesises any Verilog whose module `top` has the board's pins as ports, to `netlist.json`, which it returns.

    Raises
    ------
    MissingTool, ToolFailure
        See `tools`.
    NetlistError
        Synthesis changed a vendor cell.
    """
    for name, text in {"top.v": verilog, **board.chip.maps}.items():
        (folder / name).write_text(text)
    tools.run("yosys", ["-q", "-p", f"read_verilog top.v; {board.chip.script()}; write_json netlist.json"], folder)
    found = json.loads((folder / "netlist.json").read_text())
    netlist.check(board.chip, found)
    return found


def write_constraints(board: Board, folder: Path) -> str:
    """Writes the file of a board's pins and crystal, and returns its name."""
    name = f"top.{board.chip.constraints_ending}"
    (folder / name).write_text(board.constraints)
    return name


def packing_only(board: Board, constraints: str) -> list[str]:
    """Arguments of nextpnr that say what is built, which is all that it needs to pack a netlist's cells."""
    chip = board.chip
    return [*chip.options(board.package), "--json", "netlist.json", *chip.constraining(constraints)]


def placing(board: Board, constraints: str, routed: str) -> list[str]:
    """Arguments of nextpnr. Timing may fail: the figures then say by how much."""
    return [
        *packing_only(board, constraints),
        *board.chip.routing(routed),
        *("--freq", f"{board.clock_hz / 1e6:g}", "--timing-allow-fail", "--report", "report.json"),
        *("--write", "placed.json"),
    ]


def resources(board: Board, report: dict[str, Any]) -> dict[str, int]:
    """What nextpnr's report says of use, and what there is."""
    chip = board.chip
    found = {kind: use["used"] for kind, use in report["utilization"].items()}
    used = {name: sum(found.get(kind, 0) for kind in kinds) for name, kinds in chip.resources.items()}
    return {
        key: value
        for name in WORDS
        for key, value in ((name, used.get(name, 0)), (f"{name}_total", getattr(chip, name)))
    }


def overfull(board: Board, log: str) -> str:
    """What a design needs more of than there is, from nextpnr's log; empty where all fits."""
    chip, found = board.chip, utilisation(log)
    needs = [
        (sum(found.get(kind, (0, 0))[0] for kind in kinds), getattr(chip, name), WORDS[name])
        for name, kinds in chip.resources.items()
    ]
    needs += [(*found[kind], word) for kind, word in chip.scarce.items() if kind in found]
    return ", ".join(f"{used:,} of {total:,} {word}" for used, total, word in needs if used > total)


def utilisation(log: str) -> dict[str, tuple[int, int]]:
    """What a design uses of each kind of cell and what there is of it, from nextpnr's log."""
    found = {}
    for line in log.splitlines():
        kind, _, use = line.removeprefix("Info:").strip().partition(":")
        numbers = use.replace("/", " ").split()
        if len(numbers) >= 2 and numbers[0].isdigit() and numbers[1].isdigit():
            found[kind] = int(numbers[0]), int(numbers[1])
    return found
