"""What a core takes of a chip, without placing it: synthesis and nextpnr's packing alone, in under a minute."""

from pathlib import Path

from ffpga_golden import NetworkConfig

from ..boards.table import Board
from . import tools
from .fit import check_fit
from .synth import RESOURCES, lpf, make_netlist, pcf, tools_of, utilisation
from .verilog import generate_top


def pack(board: Board, config: NetworkConfig, folder: Path) -> dict[str, int]:
    """Cells, block RAMs, multipliers and SPRAMs that a core takes, which may be more than the chip has.

    Parameters
    ----------
    board : Board
    config : NetworkConfig
    folder : Path
        For the files and logs.

    Raises
    ------
    ValueError
        The network cannot fit the board, by its weights or lanes.
    MissingTool, ToolFailure
        See `tools`.
    """
    check_fit(board, config)
    _, placement, _ = tools_of(board)
    chip = board.chip
    make_netlist(board, generate_top(board, config), folder)
    ice40 = chip.family == "ice40"
    constraints = folder / ("top.pcf" if ice40 else "top.lpf")
    constraints.write_text(pcf(board) if ice40 else lpf(board))
    arguments = [f"--{chip.device}", "--package", board.package, "--json", "netlist.json"]
    log = tools.run(placement, [*arguments, f"--{constraints.suffix[1:]}", constraints.name, "--pack-only"], folder)
    used = utilisation(log)
    return {name: used[kind][0] for name, kind in RESOURCES[chip.family].items()}
