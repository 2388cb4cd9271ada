"""A core alone on an FPGA, its ports as pins: what the link or the bus takes, beside the same engine."""

import json
from pathlib import Path
from typing import Any

from ffpga_golden import NetworkConfig

from ..boards.board import Board
from . import timing, tools
from .fit import check_fit
from .synth import make_netlist, placing, resources, tools_of
from .verilog import generate_verilog


def place_bare(board: Board, config: NetworkConfig, bus: str, folder: Path, seed: int = 1) -> dict[str, Any]:
    """Resources and clock of a core without a board's top.

    Parameters
    ----------
    board : Board
        Of a chip whose package has pins for all ports, as an ECP5's has.
    config : NetworkConfig
    bus : str
        "bytes" or "axi".
    folder : Path
        For the files and logs.
    seed : int
        Of the placement.

    Returns
    -------
    dict
        `cells`, `bram`, `dsp`, each with `_total`, and `fmax_mhz`.

    Raises
    ------
    ValueError
        The network cannot fit the board; or the board's chip has too few pins.
    MissingTool, ToolFailure
        See `tools`.
    """
    chip = board.chip
    if not chip.bare_option:
        raise ValueError(
            f"a bare core's board must have a package with pins for all its ports, not be {board.name}: take ulx3s-25f"
        )
    check_fit(board, config)
    _, placement, _ = tools_of(board)
    folder.mkdir(parents=True, exist_ok=True)
    make_netlist(board, generate_verilog(config, board, bus, name="top"), folder)
    constraints, routed = f"bare.{chip.constraints_ending}", f"bare{Path(chip.routed).suffix}"
    (folder / constraints).write_text("")
    arguments = [*placing(board, constraints, routed), chip.bare_option, "--seed", str(seed)]
    tools.run(placement, arguments, folder)
    report = json.loads((folder / "report.json").read_text())
    found = {name: value for name, value in resources(board, report).items() if not name.startswith("spram")}
    return {**found, "fmax_mhz": round(timing.achieved_mhz(report), 1)}
