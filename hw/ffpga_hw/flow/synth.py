"""From a configuration to a bitstream: Verilog, synthesis, place and route, packing, and the figures of all that."""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ffpga_golden import NetworkConfig

from ..boards.table import Board
from . import netlist, timing, tools
from .charts import draw_blocks, draw_floorplan
from .fit import check_fit
from .verilog import generate_top

#: Called with a stage's name when it begins, how many are done, and how many there are.
Progress = Callable[[str, int, int], None]

#: Stages of a run, in order.
STAGES = ("generate", "synthesise", "place and route", "pack", "report")

#: nextpnr's names of what a chip has, by family: figure and cell type.
RESOURCES = {
    "ice40": {"cells": "ICESTORM_LC", "bram": "ICESTORM_RAM", "dsp": "ICESTORM_DSP", "spram": "ICESTORM_SPRAM"},
    "ecp5": {"cells": "TRELLIS_COMB", "bram": "DP16KD", "dsp": "MULT18X18D"},
}

#: Words up to which a memory of an ECP5 is made of tables.
SMALL_MEMORY = 256


class DoesNotFit(ValueError):
    """The design needs more of the chip than there is, which only synthesis can tell."""


def default_folder(board: Board, config: NetworkConfig, seed: int) -> Path:
    """Where a run's files go if nobody says otherwise; the same for the same request."""
    request = f"{board.name} {config.to_json()} {seed}"
    return Path("build/synth") / f"{board.name}-{hashlib.sha256(request.encode()).hexdigest()[:8]}"


def synthesise(
    board: Board, config: NetworkConfig, folder: Path, seed: int = 1, progress: Progress | None = None
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
    figures = build(board, verilog, folder, seed=seed, progress=report)
    figures["seconds"] = {STAGES[0]: round(generated, 1), **figures["seconds"]}
    figures["configuration"] = json.loads(config.to_json())
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def tools_of(board: Board) -> tuple[str, str, str]:
    """Names of the tools for synthesis, placement and packing; MissingTool where one is not installed."""
    names = ("yosys", f"nextpnr-{board.chip.family}", "icepack" if board.chip.family == "ice40" else "ecppack")
    for name in names:
        tools.find(name)
    return names


def build(
    board: Board, verilog: str, folder: Path, *, seed: int, progress: Progress = lambda stage, done, total: None
) -> dict[str, Any]:
    """Makes a bitstream of any Verilog whose module `top` has the board's pins as ports.

    Returns
    -------
    dict
        `board`, `seed`, `bitstream`, `cells` used of `cells_total`, the same of `bram`, `dsp` and `spram`, `fmax_mhz`
        (iCE40: with what nextpnr leaves out of the DSP's delay, on the paths that begin there; their slowest is
        `dsp_path_ns` without it), `fmax_nextpnr_mhz`, `target_mhz`, `timing_met`, `critical_path`, `warnings`,
        `blocks` (cells by kind), `tools` (versions), `seconds` of each stage.
    """
    synthesis, placement, packer = tools_of(board)
    ice40 = board.chip.family == "ice40"
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
    by_block = netlist.cells_by_block(found)

    stage(2)
    constraints = folder / ("top.pcf" if ice40 else "top.lpf")
    constraints.write_text(pcf(board) if ice40 else lpf(board))
    routed = "top.asc" if ice40 else "top.config"
    try:
        log = tools.run(placement, [*placing(board, constraints.name, routed), "--seed", str(seed)], folder)
    except tools.ToolFailure as failure:
        said = (folder / f"{placement}.log").read_text(errors="replace")
        over = overfull(board, said)
        if over:
            draw_blocks(by_block, folder / "blocks.png", board.title)
            raise DoesNotFit(
                f"the design must fit an {board.chip.name}, but needs {over}: take fewer lanes, or a larger board "
                f"(what needs them: {folder / 'blocks.png'})"
            ) from failure
        raise
    report = json.loads((folder / "report.json").read_text())

    stage(3)
    bitstream = folder / ("top.bin" if ice40 else "top.bit")
    tools.run(packer, [routed, bitstream.name] if ice40 else ["--compress", routed, bitstream.name], folder)

    stage(4)
    dsp_path = timing.dsp_path((folder / "top.sdf").read_text()) if ice40 else None
    fmax = timing.achieved_mhz(report) if dsp_path is None else timing.fmax_ice40(report, dsp_path)
    draw_blocks(by_block, folder / "blocks.png", board.title)
    draw_floorplan(
        json.loads((folder / "placed.json").read_text()), netlist.blocks(found), folder / "floorplan.png", board.title
    )
    figures: dict[str, Any] = {
        "board": board.name,
        "seed": seed,
        "bitstream": str(bitstream),
        **resources(board, report),
        "fmax_mhz": round(fmax, 2),
        "fmax_nextpnr_mhz": round(timing.achieved_mhz(report), 2),
        **({} if dsp_path is None else {"dsp_path_ns": round(dsp_path, 2)}),
        "target_mhz": board.clock_hz / 1e6,
        "timing_met": fmax >= board.clock_hz / 1e6,
        "critical_path": timing.critical_path(report),
        "warnings": sum(line.startswith("Warning") for line in log.splitlines()),
        "blocks": {name: dict(cells) for name, cells in sorted(by_block.items())},
        "tools": {name: tools.version(name) for name in (synthesis, placement, packer)},
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
        Synthesis changed a DSP or SPRAM block of an iCE40.
    """
    (folder / "top.v").write_text(verilog)
    ice40 = board.chip.family == "ice40"
    script = script_ice40() if ice40 else script_ecp5()
    tools.run("yosys", ["-q", "-p", f"read_verilog top.v; {script}; write_json netlist.json"], folder)
    found = json.loads((folder / "netlist.json").read_text())
    if ice40:
        netlist.check_ice40(found)
    return found


def script_ice40() -> str:
    """Synthesis for an iCE40: without -dsp, which would rewrite explicit SB_MAC16.

    No read of a memory is used while its word is written, so nothing need be added for what it returns then. A clock
    enable or reset for one flip-flop alone costs a table and a hop of routing that its own table can save.
    """
    synthesis = "synth_ice40 -device u -abc9 -no-rw-check -top top"
    kinds = ["$_DFF_?_", "$_DFFE_?P_", "$_DFF_?P?_", "$_DFFE_?P?P_", "$_SDFF_?P?_", "$_SDFFCE_?P?P_"]
    cells = " ".join(f"-cell {kind} 0" for kind in kinds)
    flip_flops = (
        f"dfflegalize {cells} -cell $_DLATCH_?_ x -mince 2 -minsrst 2; techmap -map +/ice40/ff_map.v; "
        "opt_expr -mux_undef; simplemap; ice40_opt -full"
    )
    return f"{synthesis} -run begin:map_ffs; {flip_flops}; {synthesis} -run map_luts:"


def script_ecp5() -> str:
    """Synthesis for an ECP5, whose block RAM takes 5.8 ns to its output, where the register is not inferred.

    So small memories are made of tables, with flip-flops at the output, and all products that the core does not ask
    for as explicit cells (`ffpga_hw.families.ecp5`) of tables, too: they are of few bits.
    """
    synthesis = "synth_ecp5 -no-rw-check -nodsp -top top"
    small = f"t:$mem_v2 r:SIZE<={SMALL_MEMORY} %i r:WR_PORTS>0 %i"
    return f'{synthesis} -run begin:map_ram; setattr -set ram_style "distributed" {small}; {synthesis} -run map_ram:'


def placing(board: Board, constraints: str, routed: str) -> list[str]:
    """Arguments of nextpnr. Timing may fail: the figures then say by how much."""
    chip = board.chip
    family = (
        ["--pcf", constraints, "--asc", routed, "--sdf", "top.sdf"]
        if chip.family == "ice40"
        else ["--lpf", constraints, "--textcfg", routed, "--speed", chip.speed]
    )
    return [
        *(f"--{chip.device}", "--package", board.package, "--json", "netlist.json", *family),
        *("--freq", f"{board.clock_hz / 1e6:g}", "--timing-allow-fail", "--report", "report.json"),
        *("--write", "placed.json"),
    ]


def pcf(board: Board) -> str:
    """Pins and crystal of an iCE40 board; the serial line rests high when nothing drives it."""
    lines = [f"set_io {'-pullup yes ' if port == 'rx' else ''}{port} {pin}" for port, pin in board.pins.items()]
    return "\n".join([*lines, f"set_frequency clk {board.crystal_hz / 1e6:g}"]) + "\n"


def lpf(board: Board) -> str:
    """Pins and crystal of an ECP5 board, all of 3.3 V; the serial line rests high when nothing drives it."""
    lines = []
    for port, pin in board.pins.items():
        pull = " PULLMODE=UP" if port == "rx" else ""
        lines += [f'LOCATE COMP "{port}" SITE "{pin}";', f'IOBUF PORT "{port}" IO_TYPE=LVCMOS33{pull};']
    return "\n".join([*lines, f'FREQUENCY PORT "clk" {board.crystal_hz / 1e6:g} MHZ;']) + "\n"


def resources(board: Board, report: dict[str, Any]) -> dict[str, int]:
    """What nextpnr's report says of use, and what there is."""
    chip = board.chip
    used = {name: report["utilization"].get(kind, {}).get("used", 0) for name, kind in RESOURCES[chip.family].items()}
    totals = {"cells": chip.cells, "bram": chip.bram, "dsp": chip.dsp, "spram": chip.spram}
    return {
        key: value
        for name, total in totals.items()
        for key, value in ((name, used.get(name, 0)), (f"{name}_total", total))
    }


def overfull(board: Board, log: str) -> str:
    """What a design needs more of than there is, from nextpnr's log; empty where all fits."""
    words = {"cells": "logic cells", "bram": "block RAMs", "dsp": "multipliers", "spram": "SPRAMs"}
    kinds = {kind: words[name] for name, kind in RESOURCES[board.chip.family].items()}
    kinds["TRELLIS_FF"] = "flip-flops"
    over = [
        f"{used:,} of {total:,} {kinds[kind]}"
        for kind, (used, total) in utilisation(log).items()
        if kind in kinds and used > total
    ]
    return ", ".join(over)


def utilisation(log: str) -> dict[str, tuple[int, int]]:
    """What a design uses of each kind of cell and what there is of it, from nextpnr's log."""
    found = {}
    for line in log.splitlines():
        kind, _, use = line.removeprefix("Info:").strip().partition(":")
        numbers = use.replace("/", " ").split()
        if len(numbers) >= 2 and numbers[0].isdigit() and numbers[1].isdigit():
            found[kind] = int(numbers[0]), int(numbers[1])
    return found
