"""The core on the cells of an ECP5, in models of them, against the golden device."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.families.ecp5 import Ecp5, block_count
from ffpga_hw.flow.verilog import generate_verilog
from ffpga_sim import VirtualBoard
from testbenches.cells.ecp5 import ecp5_models
from testbenches.chip.conversation import hold_to_golden
from testbenches.configurations import CONFIGURATIONS
from testbenches.runner import run

CELLS = ecp5_models()


def on_ecp5(config: NetworkConfig) -> str:
    verilog = generate_verilog(config, SimpleNamespace(primitives=Ecp5()))
    assert verilog.count("MULT18X18D #(") == config.lanes
    blocks = block_count(config.words, config.lanes * config.weight_bits) if config.memory_ports == 2 else 0
    assert verilog.count("DP16KD #(") == blocks
    return CELLS + "\n" + verilog


@pytest.mark.parametrize("case", ["two-ports", "sixteen-bit-extreme"])
def test_answers_equal_golden(case):
    """In Icarus Verilog, where what is read while it is written is unknown."""
    verilog = on_ecp5(CONFIGURATIONS[case].config)
    run(
        verilog,
        "testbenches.chip.test_answers",
        simulator="icarus",
        tests=2,
        env={"FFPGA_CASE": case, "FFPGA_SEED": "3"},
    )


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("four-layers", {}), ("no-classes-one-lane", {}), ("awkward", {}), ("far-apart", {"layers": (16, 8)})],
    ids=["four layers", "one lane", "one port", "two banks"],
)
def test_a_long_conversation(name, sizes):
    case = CONFIGURATIONS[name]
    ports = 1 if name == "awkward" else 2
    case = replace(case, config=replace(case.config, memory_ports=ports, **sizes), settings=16, steps=4)
    with VirtualBoard(case.config, verilog=on_ecp5(case.config)) as board:
        hold_to_golden(board, case, seed=5)
