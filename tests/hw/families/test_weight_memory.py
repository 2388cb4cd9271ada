"""Weight memories of a family's own blocks: what they refuse."""

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.families.ecp5.primitives import Dp16WeightMemory
from ffpga_hw.families.ice40.primitives import SpramWeightMemory


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (SpramWeightMemory, "memory_ports must be 1 for an iCE40's own weight memory, not 2"),
        (Dp16WeightMemory, "memory_ports must be 2 for an ECP5's own weight memory, not 1"),
    ],
)
def test_a_memory_of_other_ports(own, message):
    (right,) = own.memory_ports
    wrong = 3 - right
    with pytest.raises(ValueError, match=message):
        own(config=NetworkConfig(features=20, layers=(8,), lanes=4, memory_ports=wrong))
