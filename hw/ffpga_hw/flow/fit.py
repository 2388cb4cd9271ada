"""Whether a network can fit a board, told before the minutes that synthesis takes."""

from dataclasses import replace

from ffpga_golden import NetworkConfig
from ffpga_golden.config import MAX_WIDTH

from ..boards.table import Board
from ..families.ecp5 import BLOCK_BITS, SMALLEST_BANK, block_count
from ..families.ice40 import SPRAM_COUNT, SPRAM_DEPTH, SPRAM_WIDTH

#: Words and bits of an ECP5's block RAM as synthesis uses it for a one-port memory: 512 of 36 bits, 4 for parity.
ECP5_DEPTH, ECP5_WIDTH = 512, 32


def check_fit(board: Board, config: NetworkConfig) -> None:
    """ValueError, with the arithmetic and a remedy, where a network cannot fit a board.

    It looks at weight memory and multipliers; logic cells are only known after synthesis.
    """
    chip = board.chip
    if config.lanes > chip.dsp:
        raise ValueError(
            f"lanes must be at most {chip.dsp} on {board.title}, not {config.lanes}: an {chip.name} has {chip.dsp} "
            "multipliers, one a lane"
        )
    if chip.family == "ice40" and config.memory_ports != 1:
        raise ValueError(
            f"memory_ports must be 1 on {board.title}, not {config.memory_ports}: an {chip.name}'s SPRAM has one port"
        )
    word = config.lanes * config.weight_bits
    if chip.family == "ice40" and word > SPRAM_COUNT * SPRAM_WIDTH:
        raise ValueError(
            f"a word must be at most {SPRAM_COUNT * SPRAM_WIDTH} bits on {board.title}, not {config.lanes} lanes x "
            f"{config.weight_bits} bits: take {SPRAM_COUNT * SPRAM_WIDTH // config.weight_bits} lanes"
        )
    words = words_room(board, config)
    if config.words > words:
        raise ValueError(
            f"weights must fit {words:,} words of {config.lanes} x {config.weight_bits} bits "
            f"({_memory(board, config)}) on {board.title}, not {config.words:,}: {remedy(board, config)}"
        )


def words_room(board: Board, config: NetworkConfig) -> int:
    """Most words that the weight memory can have, with a configuration's lanes and bits."""
    word = config.lanes * config.weight_bits
    if board.chip.family == "ice40":
        return SPRAM_COUNT // -(-word // SPRAM_WIDTH) * SPRAM_DEPTH
    room = _bram_room(board, config)
    if config.memory_ports == 1:
        return room // -(-word // ECP5_WIDTH) * ECP5_DEPTH
    sizes = range(0, BLOCK_BITS * room // word + 1, SMALLEST_BANK)
    return max(words for words in sizes if block_count(words, word) <= room)


def _bram_room(board: Board, config: NetworkConfig) -> int:
    """Block RAMs of an ECP5 that are left for weights: 8 and 3 in 8 lanes go to lists, frames and lanes.

    Synthesis used fewer: 3 for 784-64-64 with 16 lanes, 6 for 784-256-256 with 32.
    """
    return board.chip.bram - 8 - 3 * config.lanes // 8


def largest_width(board: Board, config: NetworkConfig) -> int:
    """Greatest width, the same in all layers, of a network that fits; 0 where none does."""
    room = words_room(board, config)
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


def _memory(board: Board, config: NetworkConfig) -> str:
    if board.chip.family == "ice40":
        return f"{SPRAM_COUNT} SPRAMs of {SPRAM_DEPTH * SPRAM_WIDTH // 8192} KiB"
    return f"{_bram_room(board, config)} block RAMs of {ECP5_DEPTH * ECP5_WIDTH // 8192} KiB"
