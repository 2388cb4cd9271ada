"""What the tests of the engine's blocks share."""

from amaranth.sim import Simulator

from ffpga_golden import NetworkConfig
from ffpga_hw.engine.signatures.sizes import group_stride

CONFIG = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4)
BITS_16 = NetworkConfig(features=20, classes=5, layers=(12, 8), lanes=4, weight_bits=16)
UNLABELLED = NetworkConfig(features=20, classes=0, layers=(6, 9), lanes=3)
PACKED = NetworkConfig(features=20, classes=5, layers=(72, 40), lanes=4)
PACKED_TWO_PORTS = NetworkConfig(features=20, classes=9, layers=(160, 16), lanes=16, memory_ports=2)
WIDEST = NetworkConfig(features=1, classes=2, layers=(1024, 4), lanes=4)


def simulate(dut, *benches) -> None:
    """Runs the last bench to its end, the others beside it."""
    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    for background in benches[:-1]:
        simulator.add_testbench(background, background=True)
    simulator.add_testbench(benches[-1])
    simulator.run()


def places(config: NetworkConfig) -> list[int]:
    """Where each neuron's activity is kept."""
    groups = range(max(config.groups))
    return [group * group_stride(config) * config.lanes + lane for group in groups for lane in range(config.lanes)]


def pack(values, bits: int) -> int:
    """Fields of `bits`, the first one lowest."""
    return sum((int(v) & (1 << bits) - 1) << bits * n for n, v in enumerate(values))
