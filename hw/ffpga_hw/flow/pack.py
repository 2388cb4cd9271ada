"""What a core takes of a chip, without placing it: synthesis and nextpnr's packing alone, in under a minute."""

from pathlib import Path

from ffpga_golden import NetworkConfig

from ..boards.board import Board
from . import tools
from .fit import check_fit
from .synth import make_netlist, packing_only, tools_of, utilisation, write_constraints
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
    make_netlist(board, generate_top(board, config), folder)
    constraints = write_constraints(board, folder)
    log = tools.run(placement, [*packing_only(board, constraints), "--pack-only"], folder)
    used = utilisation(log)
    return {name: sum(used[kind][0] for kind in kinds) for name, kinds in board.chip.resources.items()}
