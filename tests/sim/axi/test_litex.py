"""The LiteX wrapper: what LiteX makes of it is simulated; in a SoC it is a region of the bus.

LiteX is imported where it is used: one of its modules waits two seconds for whoever looks at all modules, as
Hypothesis does before the tests.
"""

import pytest

from ffpga_hw.flow.generate import generate
from testbenches.configurations import AXI_CONFIGURATIONS, CONFIGURATIONS
from testbenches.runner import run

RUNS = {
    "axi": (
        AXI_CONFIGURATIONS["labelled"].config,
        "testbenches.axi.test_errors",
        "first_error_stays_and_interrupts",
        {},
    ),
    "bytes": (
        CONFIGURATIONS["one-neuron"].config,
        "testbenches.chip.test_pair",
        "learns_a_pair",
        {"FFPGA_CASE": "one-neuron"},
    ),
}


@pytest.mark.parametrize("bus", RUNS)
def test_wrapper_in_a_litex_design(bus, tmp_path):
    from testbenches.axi.litex_top import litex_verilog

    config, module, name, env = RUNS[bus]
    made = generate(config, tmp_path / "core.v", bus)
    text = litex_verilog(made["litex"], bus) + made["verilog"].read_text()
    run(text, module, simulator="icarus", tests=1, toplevel="top", test_filter=name, env=env)


def test_in_a_soc(tmp_path):
    from litex.build.sim import SimPlatform
    from litex.soc.integration.soc import SoCRegion
    from litex.soc.integration.soc_core import SoCMini

    from testbenches.axi.litex_top import wrapper

    made = generate(AXI_CONFIGURATIONS["labelled"].config, tmp_path / "core.v", "axi")
    platform = SimPlatform("SIM", [])

    class SoC(SoCMini):
        def __init__(self):
            super().__init__(platform, clk_freq=int(50e6), bus_standard="axi-lite")
            self.network = wrapper(made["litex"])(platform)
            self.bus.add_slave("network", self.network.bus, SoCRegion(origin=0x8000_0000, size=0x100, cached=False))

    soc = SoC()
    soc.finalize()
    assert soc.bus.regions["network"].origin == 0x8000_0000
    assert [source[0] for source in platform.sources] == [str(made["verilog"])]
