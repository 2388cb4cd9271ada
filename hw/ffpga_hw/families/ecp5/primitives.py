"""The core's blocks on an ECP5: MULT18X18D lanes, DP16KD weight memory; their own registers are what they add.

Synthesis infers both cells, but none of the registers inside them. Sources: Lattice FPGA-TN-02204 (memory) and
FPGA-TN-02205 (DSP), and yosys's own mapping to both cells (`share/lattice/brams_map_16kd.v`, `dsp_map_18x18.v`).
"""

from amaranth import Cat, Const, Instance, Value
from amaranth.hdl import ClockSignal

from ffpga_golden import NetworkConfig

from ...engine.lanes.primitives import Portable
from ...engine.lanes.weight_memory import WeightMemory
from ..lane import PRODUCT_BITS, MultiplierLane
from ..weight_memory import SHAPES, BankedWeightMemory, pin_address

DATA_BITS = 18

#: Parameters: registers at the inputs, between the partial products, and at the output, all on one clock.
MULT18 = {
    "REG_INPUTA_CLK": "CLK0",
    "REG_INPUTA_CE": "CE0",
    "REG_INPUTB_CLK": "CLK0",
    "REG_INPUTB_CE": "CE0",
    "REG_PIPELINE_CLK": "CLK0",
    "REG_PIPELINE_CE": "CE0",
    "REG_OUTPUT_CLK": "CLK0",
    "REG_OUTPUT_CE": "CE0",
    "GSR": "DISABLED",
}

#: Parameters of a block RAM's ports.
DP16 = {"REGMODE": "OUTREG", "CSDECODE": "0b000", "WRITEMODE": "NORMAL"}


class Mult18Lane(MultiplierLane):
    """`MultiplierLane` of one MULT18X18D."""

    def multiplier(self, a: Value, b: Value, product: Value) -> Instance:
        return Instance(
            "MULT18X18D",
            **{f"p_{name}": value for name, value in MULT18.items()},
            **_pins("A", a),
            **_pins("B", b),
            **_pins("C", Const(0, DATA_BITS)),
            i_SIGNEDA=Const(1, 1),
            i_SIGNEDB=Const(1, 1),
            i_SOURCEA=Const(0, 1),
            i_SOURCEB=Const(0, 1),
            i_CLK0=ClockSignal(),
            i_CE0=Const(1, 1),
            i_RST0=Const(0, 1),
            **{f"o_P{n}": product[n] for n in range(PRODUCT_BITS)},
        )


class Dp16WeightMemory(BankedWeightMemory):
    """`WeightMemory` with two ports in DP16KD blocks with output registers."""

    family = "ECP5"
    memory_ports = (2,)

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
        """Written through its port A, read through B, whose output has a register.

        Where a word has all bits of a port, the two lowest of port A's address are its bytes' enables. Bytes are 9 bits
        apart.
        """
        below = bits.bit_length() - 1
        whole = bits == SHAPES[-1]
        data, output = [Const(0, 1)] * DATA_BITS, {}
        for n in range(len(write_data)):
            pin = n // 8 * 9 + n % 8
            data[pin] = write_data[n]
            output[f"o_DOB{pin}"] = read_data[n]
        parts = Cat(enable, Const(0, below - len(enable))) if whole else Const(0, below)
        parameters = {f"p_{name}_{port}": value for name, value in DP16.items() for port in "AB"}
        return Instance(
            "DP16KD",
            **parameters,
            p_DATA_WIDTH_A=bits // 8 * 9 or bits,
            p_DATA_WIDTH_B=bits // 8 * 9 or bits,
            p_GSR="DISABLED",
            **_pins("ADA", pin_address(parts, write_address)),
            **_pins("DIA", Cat(data)),
            i_WEA=Const(1, 1) if whole else enable[0],
            **_pins("ADB", pin_address(Const(0, below), read_address)),
            **_pins("DIB", Const(0, DATA_BITS)),
            i_WEB=Const(0, 1),
            **{f"i_{pin}{port}": Const(1, 1) for pin in ("CE", "OCE") for port in "AB"},
            **{f"i_{pin}": Const(0, 1) for port in "AB" for pin in (f"RST{port}", *(f"CS{port}{n}" for n in range(3)))},
            **{f"i_CLK{port}": ClockSignal() for port in "AB"},
            **output,
        )


def _pins(name: str, value: Value) -> dict[str, Value]:
    """Inputs of a cell that has a pin for every bit."""
    return {f"i_{name}{n}": value[n] for n in range(len(value))}


class Ecp5(Portable):
    """Blocks of an ECP5."""

    def lane(self) -> Mult18Lane:
        return Mult18Lane()

    def weight_memory(self, config: NetworkConfig) -> Dp16WeightMemory | WeightMemory:
        return Dp16WeightMemory(config=config) if config.memory_ports == 2 else WeightMemory(config=config)
