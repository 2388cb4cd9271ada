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
    width = largest_width(board, config)
    return f"take layers of at most {width} neurons" if width else "take fewer features or layers"
