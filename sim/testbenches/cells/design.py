"""A core of the cells of an FPGA, with models of them before it, as Verilog."""

from functools import cache
from types import SimpleNamespace

from ffpga_golden import NetworkConfig
from ffpga_hw.families.ecp5.primitives import Ecp5
from ffpga_hw.families.gowin.primitives import Gowin
from ffpga_hw.families.ice40.primitives import Ice40
from ffpga_hw.flow.verilog import generate_verilog

from .ecp5 import ecp5_models
from .gowin import gowin_models
from .ice40 import ice40_models

FAMILIES = {"ice40": Ice40, "ecp5": Ecp5, "gowin": Gowin}


@cache
def _core(config: NetworkConfig, family: str) -> str:
    return generate_verilog(config, SimpleNamespace(primitives=FAMILIES[family]()))


def on_ice40(config: NetworkConfig, *, models: bool = True) -> str:
    """The core on SB_MAC16 and SB_SPRAM256KA."""
    verilog = _core(config, "ice40")
    return ice40_models() + verilog if models else verilog


def on_ecp5(config: NetworkConfig, *, models: bool = True) -> str:
    """The core on MULT18X18D and, with two ports of the memory, DP16KD."""
    verilog = _core(config, "ecp5")
    return ecp5_models() + "\n" + verilog if models else verilog


def on_gowin(config: NetworkConfig, *, models: bool = True) -> str:
    """The core on MULT18X18 and SDPB."""
    verilog = _core(config, "gowin")
    return gowin_models() + verilog if models else verilog
