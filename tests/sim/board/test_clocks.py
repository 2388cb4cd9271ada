"""The virtual board spends its clocks on what the golden model says."""

import pytest

from ffpga import NetworkConfig, load_dataset
from ffpga.bench.clocks import count_clocks
from ffpga_sim import VirtualBoard
from testbenches.chip.echo import echo_verilog
from testbenches.configurations import CONFIGURATIONS


@pytest.mark.parametrize(
    ("sizes", "options"),
    [
        ({"layers": (16, 32, 16), "lanes": 8}, {}),
        ({"layers": (16, 32, 16), "lanes": 8}, {"objective": "threshold", "negatives": "random"}),
        # Its clocks are among the counters of every conversation, too.
        pytest.param(
            {"layers": (16, 16), "lanes": 4, "memory_ports": 2, "black_box": True},
            {"gate": 64},
            marks=pytest.mark.all,
        ),
    ],
    ids=["one port", "threshold", "two ports"],
)
def test_measured_clocks_are_those_predicted(sizes, options):
    config = NetworkConfig(features=64, classes=10, **sizes)
    sections = count_clocks(config, load_dataset("digits"), epochs=2, pairs=60, tests=30, **options)
    assert len(sections) == 5
    for section in sections:
        assert section.equal, (section.name, section.predicted, section.measured)
        assert section.measured["idle"] > 0


def test_a_signal_that_is_not_there():
    config = CONFIGURATIONS["one-neuron"].config
    with pytest.raises(ValueError, match=r"such as engine\.walker\.issue, not engine\.walker\.none"):
        VirtualBoard(config, verilog=echo_verilog(), watch=["engine.walker.none"])
