"""The core's blocks on a GW1N or GW2A: MULT18X18 lanes, SDPB weight memory; their own registers are what they add.

Synthesis infers both cells, but none of the registers inside them. Sources: Gowin UG285 (memory) and UG287 (DSP), and
yosys's own mapping to both cells (`share/gowin/brams_map.v`, `dsp_map.v`).
"""

from collections.abc import Mapping
from typing import ClassVar

from amaranth import Cat, Const, Instance, Signal, Value
from amaranth.hdl import ClockSignal

from ffpga_golden import NetworkConfig

from ...engine.lanes.primitives import Portable
from ..lane import FACTOR_BITS, MultiplierLane
from ..weight_memory import SHAPES, BankedWeightMemory, pin_address

DATA_BITS = 32

#: Registers at the inputs, between the partial products, and at the output.
MULT18 = {"AREG": 1, "BREG": 1, "PIPE_REG": 1, "OUT_REG": 1, "ASIGN_REG": 0, "BSIGN_REG": 0, "SOA_REG": 0}


class Mult18Lane(MultiplierLane):
    """`MultiplierLane` of one MULT18X18."""

    def multiplier(self, a: Value, b: Value, product: Value) -> Instance:
        off = {"SIA": FACTOR_BITS, "SIB": FACTOR_BITS, "ASEL": 1, "BSEL": 1, "RESET": 1}
        return Instance(
            "MULT18X18",
            **{f"p_{name}": Const(value, 1) for name, value in MULT18.items()},
            p_MULT_RESET_MODE="SYNC",
            i_A=a,
            i_B=b,
            i_ASIGN=Const(1, 1),
            i_BSIGN=Const(1, 1),
            **{f"i_{name}": Const(0, bits) for name, bits in off.items()},
            i_CE=Const(1, 1),
            i_CLK=ClockSignal(),
            o_DOUT=product,
        )


class SdpWeightMemory(BankedWeightMemory):
    """`WeightMemory` with one port or two in SDPB blocks.

    A block writes through its port A and reads through B whatever the configuration's ports are: with one, the pipeline
    either reads or writes.
    """

    family = "Gowin"
    memory_ports = (1, 2)
    own: ClassVar[Mapping[str, Value]] = {f"i_RESET{port}": Const(0, 1) for port in "AB"}  #: what differs by chip

    def block(
        self,
        bits: int,
        *,
        enable: Value,
        write_address: Value,
        write_data: Value,
        read_address: Value,
        read_data: Value,
    ) -> Instance:
        """Where a word has all bits of a port, the two lowest of port A's address are its bytes' enables."""
        below = bits.bit_length() - 1
        whole = bits == SHAPES[-1]
        parts = Cat(enable, Const(0, below - len(enable))) if whole else Const(0, below)
        return Instance(
            "SDPB",
            p_READ_MODE=Const(self._config.memory_ports == 2, 1),
            p_BIT_WIDTH_0=bits,
            p_BIT_WIDTH_1=bits,
            p_BLK_SEL_0=Const(0, 3),
            p_BLK_SEL_1=Const(0, 3),
            p_RESET_MODE="SYNC",
            **{f"i_CLK{port}": ClockSignal() for port in "AB"},
            **self.own,
            **{f"i_BLKSEL{port}": Const(0, 3) for port in "AB"},
            i_CEA=enable.any(),
            i_CEB=Const(1, 1),
            i_OCE=Const(1, 1),
            i_ADA=pin_address(parts, write_address),
            i_DI=Cat(write_data, Const(0, DATA_BITS - len(write_data))),
            i_ADB=pin_address(Const(0, below), read_address),
            o_DO=Cat(read_data, Signal(DATA_BITS - len(read_data), name="unused")),
        )


class Gowin(Portable):
    """Blocks of a GW1N or GW2A."""

    def lane(self) -> Mult18Lane:
        return Mult18Lane()

    def weight_memory(self, config: NetworkConfig) -> SdpWeightMemory:
        return SdpWeightMemory(config=config)
