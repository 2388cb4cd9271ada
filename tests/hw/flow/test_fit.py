"""Whether a network can fit a board: what is refused before synthesis, and with which remedy."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from amaranth.back import rtlil

from ffpga_golden import NetworkConfig
from ffpga_hw.boards.table import board
from ffpga_hw.boards.top import Top
from ffpga_hw.core import Core
from ffpga_hw.families.gowin import GowinChip
from ffpga_hw.flow.fit import check_fit, largest_width
from ffpga_hw.flow.stored import load

UP5K, ULX3S, TANG = board("icebreaker"), board("ulx3s-25f"), board("tangnano9k")
BIG_TANG = board("tangnano20k")


def network(made, **sizes) -> NetworkConfig:
    """The board's network in other sizes, fully connected unless fields are among them."""
    return replace(made.preset, **{"layers": (128, 128), "fields": (), **sizes})


@pytest.mark.parametrize(
    ("made", "sizes", "message"),
    [
        (UP5K, {"lanes": 16}, "lanes must be at most 8 on iCEBreaker, not 16: an iCE40UP5K has 8 multipliers, one a"),
        (UP5K, {"memory_ports": 2}, "memory_ports must be 1 on iCEBreaker, not 2: an iCE40UP5K's SPRAM has one port"),
        (
            UP5K,
            {"layers": (256, 256)},
            r"weights must fit 16,384 words of 8 x 8 bits \(4 SPRAMs of 32 KiB\) on iCEBreaker, not 33,664: "
            "take layers of at most 136 neurons",
        ),
        (
            UP5K,
            {"layers": (400, 200), "fields": UP5K.preset.fields},
            r"not 17,775: take layers of at most 200 neurons",
        ),
        (UP5K, {"weight_bits": 16}, "a word must be at most 64 bits on iCEBreaker, not 8 lanes x 16 bits: take 4"),
        (ULX3S, {"lanes": 32}, "lanes must be at most 28 on ULX3S 25F, not 32: .* has 28 multipliers, one a lane"),
        (
            ULX3S,
            {"layers": (128, 128)},
            r"weights must fit 5,120 words of 16 x 8 bits \(42 block RAMs of 2 KiB\) on ULX3S 25F, not 7,392: "
            "take layers of at most 80 neurons",
        ),
        (
            TANG,
            {"layers": (200, 32), "fields": UP5K.preset.fields},
            r"weights must fit 4,096 words of 8 x 8 bits \(16 block RAMs of 2 KiB\) on Tang Nano 9K, not 4,679: "
            "take layers 200,8$",
        ),
        (
            TANG,
            {"layers": (400,), "features": 1000},
            r"not 50,550: take layers of at most 40 neurons$",
        ),
        (
            BIG_TANG,
            {"layers": (400, 32), "fields": UP5K.preset.fields},
            r"weights must fit 7,168 words of 8 x 8 bits \(30 block RAMs of 2 KiB\) on Tang Nano 20K, not 9,354: "
            "take layers of at most 200 neurons$",
        ),
        (BIG_TANG, {"layers": (64,), "lanes": 64}, "lanes must be at most 48 on Tang Nano 20K, not 64: a GW2AR-18 has"),
        (
            TANG,
            {"layers": (64, 64)},
            r"weights must fit 5,120 words of 8 x 8 bits .*, not 6,880: take layers of at most 48 neurons",
        ),
        (ULX3S, {"layers": (1024,) * 4, "lanes": 1, "features": 1}, "weights must fit 65,536 words"),
    ],
)
def test_refused_before_synthesis(made, sizes, message):
    with pytest.raises(ValueError, match=message):
        check_fit(made, network(made, **sizes))


@pytest.mark.parametrize("made", [UP5K, ULX3S, TANG])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_largest_width_fits_and_the_next_one_does_not(made, depth):
    config = network(made, layers=(made.preset.lanes,) * depth)
    width = largest_width(made, config)
    check_fit(made, network(made, layers=(width,) * depth))
    with pytest.raises(ValueError, match="weights must fit"):
        check_fit(made, network(made, layers=(width + config.lanes,) * depth))


@pytest.mark.parametrize(
    "sizes",
    [
        {"layers": (64, 64), "lanes": 4, "weight_bits": 16},  # a word as wide as all SPRAMs
        {"layers": (64, 64), "lanes": 2},  # in two banks
        {"layers": (800,), "fields": UP5K.preset.fields[:1]},  # fully connected, it would take five times the room
    ],
)
def test_what_fits_an_up5k(sizes):
    check_fit(UP5K, network(UP5K, **sizes))


def block_rams(made, config) -> int:
    """What a Gowin's synthesis takes for a board's design: for the weights, and for each memory that is written."""
    top = Top(board=made, core=Core(config=config))
    ports = {name: (signal, None) for name, signal in top.ports.items()}
    text = rtlil.convert(top, name="top", ports=ports, platform=SimpleNamespace(primitives=made.primitives))
    count = len(re.findall(r"^ *cell \\SDPB ", text, re.MULTILINE))
    for module in text.split("\nmodule ")[1:]:
        written = set(re.findall(r'cell \$memwr_v2 .*?parameter \\MEMID "\\\\(\S+)"', module, re.DOTALL))
        for bits, words, name in re.findall(r"^ *memory width (\d+) size (\d+) \\(\S+)", module, re.MULTILINE):
            count += made.chip.blocks(int(words), int(bits)) if name in written else 0
    return count


@pytest.mark.parametrize("name", ["tangnano9k", "tangnano20k", "tangprimer25k"])
def test_the_design_around_the_weights_takes_what_is_left_for_it(name):
    """A memory that has grown beyond tables shows here, not in a board's bitstream that cannot be made any more."""
    made = board(name)
    assert isinstance(made.chip, GowinChip)
    assert block_rams(made, made.preset) == load()[name]["bram"] <= made.chip.bram
