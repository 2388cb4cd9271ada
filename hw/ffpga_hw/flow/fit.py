"""Whether a network can fit a board, told before the minutes that synthesis takes."""

from dataclasses import replace

from ffpga_golden import NetworkConfig
from ffpga_golden.config import MAX_WIDTH

from ..boards.board import Board


def check_fit(board: Board, config: NetworkConfig) -> None:
    """ValueError, with the arithmetic and a remedy, where a network cannot fit a board.

    It looks at weight memory and multipliers; logic cells are only known after synthesis.
    """
    chip = board.chip
    if config.lanes > chip.dsp:
        raise ValueError(
            f"lanes must be at most {chip.dsp} on {board.title}, not {config.lanes}: {chip.called} has {chip.dsp} "
            "multipliers, one a lane"
        )
    chip.check_memory(config, board.title)
    words = chip.words_room(config)
    if config.words > words:
        raise ValueError(
            f"weights must fit {words:,} words of {config.lanes} x {config.weight_bits} bits "
            f"({chip.memory(config)}) on {board.title}, not {config.words:,}: {remedy(board, config)}"
        )


def largest_width(board: Board, config: NetworkConfig) -> int:
    """Greatest width, the same in all layers, of a network that fits; 0 where none does."""
    room = board.chip.words_room(config)
    for width in range(MAX_WIDTH // config.lanes * config.lanes, 0, -config.lanes):
        try:
            fits = replace(config, layers=(width,) * config.depth).words <= room
        except ValueError:
            continue  # more than any core's 65,536 words
        if fits:
            return width
    return 0


def remedy(board: Board, config: NetworkConfig) -> str:
    """What to ask of the user whose network is too large."""
    for width in range(max(config.layers) - config.lanes, 0, -config.lanes):
        if _fits(board, config, tuple(min(width, one) for one in config.layers)):
            return f"take layers of at most {width} neurons"
    for width in range(config.layers[-1] - config.lanes, 0, -config.lanes):
        if _fits(board, config, layers := (*config.layers[:-1], width)):
            return f"take layers {','.join(map(str, layers))}"
    return "take fewer features or layers"


def _fits(board: Board, config: NetworkConfig, layers: tuple[int, ...]) -> bool:
    """Whether a network with other layers does, which its receptive fields may not allow."""
    try:
        smaller = replace(config, layers=layers)
    except ValueError:
        return False
    return smaller.words <= board.chip.words_room(smaller)
