"""A core alone on an FPGA, its ports as pins: what the link or the bus takes, beside the same engine."""

import json
from pathlib import Path
from typing import Any

from ffpga_golden import NetworkConfig

from ..boards.table import Board
from . import timing, tools
from .fit import check_fit
from .synth import make_netlist, placing, resources, tools_of
from .verilog import generate_verilog


def place_bare(board: Board, config: NetworkConfig, bus: str, folder: Path, seed: int = 1) -> dict[str, Any]:
    """Resources and clock of a core without a board's top.

    Parameters
    ----------
    board : Board
        Of an ECP5, whose package has pins for all ports.
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
        The network cannot fit the board; or the board has no ECP5.
    MissingTool, ToolFailure
        See `tools`.
    """
    if board.chip.family != "ecp5":
        raise ValueError(f"a bare core's board must have an ECP5, not be {board.name}: take ulx3s-25f")
    check_fit(board, config)
    _, placement, _ = tools_of(board)
    folder.mkdir(parents=True, exist_ok=True)
    make_netlist(board, generate_verilog(config, board, bus, name="top"), folder)
    (folder / "bare.lpf").write_text("")
    tools.run(
        placement,
        [*placing(board, "bare.lpf", "bare.config"), "--lpf-allow-unconstrained", "--seed", str(seed)],
        folder,
    )
    report = json.loads((folder / "report.json").read_text())
    found = {name: value for name, value in resources(board, report).items() if not name.startswith("spram")}
    return {**found, "fmax_mhz": round(timing.achieved_mhz(report), 1)}
