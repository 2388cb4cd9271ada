"""The whole chip against the golden device on the streams' test bench, where bytes wait at random on both sides.

The virtual board is Verilator's model as well, has longer conversations, and has them with every configuration: see
`board/test_conversations.py`. Here is one on Icarus Verilog, which knows what is unknown, with several frames in
flight; `make test-all` has it frame by frame, too, and the others, but that with 64 lanes, which takes Icarus minutes,
and some on this bench's Verilator.
"""

import pytest

from ffpga_sim.verilog import core_verilog
from testbenches.configurations import CONFIGURATIONS
from testbenches.runner import run

#: Recurrent, with two ports. Labelled networks and black boxes are on Icarus behind AXI, unlabelled ones on an iCE40's
#: cells, 16 bits on an ECP5's.
SMALL = "recurrent-three-layers"
TWICE = ("awkward", "sixteen-bit-extreme", "no-classes-wide", "black-box-two-ports", "many-classes", "many-lanes")
ALL = {"icarus": tuple(case for case in CONFIGURATIONS if case != "many-lanes"), "verilator": TWICE}
CASES = [(case, simulator) for simulator, cases in ALL.items() for case in cases]


@pytest.mark.parametrize(("case", "simulator"), [(SMALL, "icarus")])
def test_answers_in_flight_equal_golden(case, simulator):
    verilog = core_verilog(CONFIGURATIONS[case].config)
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "1", "FFPGA_SETTINGS": "2"}
    run(verilog, "testbenches.chip.test_answers", simulator=simulator, tests=1, env=env, test_filter="in_flight$")


@pytest.mark.all
@pytest.mark.parametrize(("case", "simulator"), CASES)
def test_answers_equal_golden(case, simulator):
    verilog = core_verilog(CONFIGURATIONS[case].config)
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "1"}
    run(verilog, "testbenches.chip.test_answers", simulator=simulator, tests=2, env=env)
