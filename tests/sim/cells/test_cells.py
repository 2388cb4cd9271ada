"""The core on the cells of an iCE40 UltraPlus, an ECP5 and a Gowin, in models of them, against the golden device."""

from dataclasses import replace

import pytest

from ffpga_hw.families.weight_memory import block_count
from ffpga_sim import VirtualBoard
from testbenches.cells.design import on_ecp5, on_gowin, on_ice40
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import hold_to_golden
from testbenches.runner import run

FAMILIES = {"ice40": on_ice40, "ecp5": on_ecp5, "gowin": on_gowin}
#: Of `make test-all`: on Icarus Verilog, where what is read while it is written is unknown. In `make test` a family's
#: memory and lane are there block by block (`tests/hw/families`), an iCE40's core in a netlist (`pins/`).
ICARUS = [
    ("ice40", "no-classes"),
    ("ice40", "awkward"),
    ("ice40", "sixteen-bit"),
    ("ice40", "extreme"),
    ("ecp5", "sixteen-bit-extreme"),
    ("ecp5", "two-ports"),
    ("gowin", "awkward"),
    ("gowin", "two-ports"),
]


@pytest.mark.all
@pytest.mark.parametrize(("family", "case"), ICARUS)
def test_answers_equal_golden(family, case):
    """Frame by frame, and several in flight."""
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "3"}
    verilog = FAMILIES[family](CONFIGURATIONS[case].config)
    run(verilog, "testbenches.chip.test_answers", simulator="icarus", tests=2, env=env)


@pytest.mark.parametrize(
    ("family", "name", "sizes"),
    [
        ("ice40", "awkward", {}),
        pytest.param("ice40", "sixteen-bit", {}, marks=pytest.mark.all),
        pytest.param("ecp5", "awkward", {}, marks=pytest.mark.all),
        ("ecp5", "two-ports", {}),
        ("ecp5", "far-apart", {"layers": (16, 8), "memory_ports": 2}),
        ("gowin", "far-apart", {"layers": (16, 8), "memory_ports": 2}),
        pytest.param("ice40", "extreme", {}, marks=pytest.mark.all),
        pytest.param("ecp5", "four-layers", {}, marks=pytest.mark.all),
        pytest.param("ecp5", "no-classes-one-lane", {}, marks=pytest.mark.all),
        pytest.param("gowin", "awkward", {}, marks=pytest.mark.all),
        pytest.param("gowin", "sixteen-bit", {}, marks=pytest.mark.all),
    ],
    ids=[
        "awkward",
        "16 bit",
        "one port",
        "two ports",
        "two banks",
        "Gowin, two banks",
        "extreme",
        "four layers",
        "one lane",
        "Gowin, one port",
        "Gowin, 16 bit",
    ],
)
def test_a_long_conversation(family, name, sizes):
    """On the virtual board, which has time for more settings."""
    case = CONFIGURATIONS[name]
    case = replace(case, config=replace(case.config, **sizes), settings=16, steps=4)
    with VirtualBoard(case.config, verilog=FAMILIES[family](case.config)) as board:
        hold_to_golden(board, case, seed=5)


def test_the_cells_are_there():
    for name in ("awkward", "two-ports"):
        config = CONFIGURATIONS[name].config
        blocks = block_count(config.words, config.lanes * config.weight_bits)
        verilog = on_ecp5(config, models=False)
        assert verilog.count("MULT18X18D #(") == config.lanes
        assert verilog.count("DP16KD #(") == (blocks if config.memory_ports == 2 else 0)
        verilog = on_gowin(config, models=False)
        assert verilog.count("MULT18X18 #(") == config.lanes and verilog.count("SDPB #(") == blocks
    verilog = on_ice40(CONFIGURATIONS["awkward"].config, models=False)
    assert verilog.count("SB_MAC16 #(") == CONFIGURATIONS["awkward"].config.lanes and "SB_SPRAM256KA" in verilog
