"""The whole chip behind AXI against the golden network."""

import pytest

from ffpga_hw.flow.verilog import generate_verilog
from testbenches.configurations import AXI_CONFIGURATIONS
from testbenches.runner import run

#: Tests of each run, and how many there are: those of errors and of the clock need no other network.
IN_FLIGHT = "equals_golden_in_flight", 1
#: But for the same conversation with one command at a time, which tells who is to blame.
BUT_ONE = "(?<!equals_golden)$", 9
ALL = None, 10
MODULES = "testbenches.axi.test_answers,testbenches.axi.test_errors,testbenches.axi.test_pace"
RUNS = [("labelled", "icarus", BUT_ONE), ("no-classes", "icarus", IN_FLIGHT), ("sixteen-bit", "icarus", IN_FLIGHT)]
RUNS += [("few-bits", "icarus", IN_FLIGHT)]
#: Of `make test-all`. The loader of samples for receptive fields is in `tests/hw/bus`, the engine that walks them is
#: that behind the byte streams; to build a chip for Verilator takes as long as Icarus Verilog takes for three.
MORE = [("labelled", "icarus", ALL), ("fields", "icarus", IN_FLIGHT), ("sixteen-bit", "verilator", IN_FLIGHT)]


@pytest.mark.parametrize(
    ("case", "simulator", "chosen"),
    [*RUNS, *(pytest.param(*one, marks=pytest.mark.all) for one in MORE)],
    ids=[f"{case}-{on}-{tests}" for case, on, (_, tests) in [*RUNS, *MORE]],
)
def test_chip_behind_axi(case, simulator, chosen):
    name, tests = chosen
    verilog = generate_verilog(AXI_CONFIGURATIONS[case].config, bus="axi")
    env = {"FFPGA_CASE": case, "FFPGA_SEED": "1"}
    run(verilog, MODULES, simulator=simulator, tests=tests, env=env, test_filter=name)
