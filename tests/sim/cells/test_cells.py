"""The core on the cells of an iCE40 UltraPlus, an ECP5 and a Gowin, in models of them, against the golden device."""

from dataclasses import replace

import pytest

from ffpga_hw.families.weight_memory import block_count
from ffpga_sim import VirtualBoard
from testbenches.cells.design import on_ecp5, on_gowin, on_ice40
from testbenches.chip.conversation import hold_to_golden
from testbenches.configurations import CONFIGURATIONS
from testbenches.runner import run

FAMILIES = {"ice40": on_ice40, "ecp5": on_ecp5, "gowin": on_gowin}
#: The one of `make test`, which has a short conversation; an iCE40's cells are on Icarus in a whole netlist there.
SHORT = [("ecp5", "sixteen-bit-extreme")]
LONG = [
    *SHORT,
    ("ice40", "no-classes"),
    ("ice40", "awkward"),
    ("ice40", "sixteen-bit"),
    ("ice40", "extreme"),
    ("ecp5", "two-ports"),
    ("gowin", "awkward"),
    ("gowin", "two-ports"),
]


@pytest.mark.parametrize(("family", "case"), SHORT)
def test_answers_in_flight_equal_golden(family, case):
    """In Icarus Verilog, where what is read while it is written is unknown."""
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "3", "FFPGA_SETTINGS": "3"}
    verilog = FAMILIES[family](CONFIGURATIONS[case].config)
    run(verilog, "testbenches.chip.test_answers", simulator="icarus", tests=1, env=env, test_filter="in_flight$")


@pytest.mark.all
@pytest.mark.parametrize(("family", "case"), LONG)
def test_answers_equal_golden(family, case):
    """The same with more settings, and frame by frame, too."""
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "3"}
    verilog = FAMILIES[family](CONFIGURATIONS[case].config)
    run(verilog, "testbenches.chip.test_answers", simulator="icarus", tests=2, env=env)


@pytest.mark.parametrize(
    ("family", "name", "sizes"),
    [
        ("ice40", "awkward", {}),
        ("ice40", "sixteen-bit", {}),
        ("ecp5", "awkward", {}),
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
