"""The specification of ffpga: configuration, integer arithmetic, network, byte protocol, golden device."""

from .config import NetworkConfig
from .device import GoldenDevice
from .fields import Fields
from .initial import initial_weights
from .network import UNLABELLED, Network, Step
from .recurrent import RecurrentNetwork, network_of
from .registers import COUNTERS, NegativePolicy, Objective, Polarity, Register, Rounding, registers
from .timing import floor_clocks, update_interval

__all__ = [
    "COUNTERS",
    "UNLABELLED",
    "Fields",
    "GoldenDevice",
    "NegativePolicy",
    "Network",
    "NetworkConfig",
    "Objective",
    "Polarity",
    "RecurrentNetwork",
    "Register",
    "Rounding",
    "Step",
    "floor_clocks",
    "initial_weights",
    "network_of",
    "registers",
    "update_interval",
]
