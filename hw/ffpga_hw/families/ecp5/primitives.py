"""The core's blocks on an ECP5: MULT18X18D lanes, DP16KD weight memory; their own registers are what they add.

Synthesis infers both cells, but none of the registers inside them. Sources: Lattice FPGA-TN-02204 (memory) and
FPGA-TN-02205 (DSP), and yosys's own mapping to both cells (`share/lattice/brams_map_16kd.v`, `dsp_map_18x18.v`).
"""

from amaranth import Cat, Const, Instance, Module, Mux, Signal, Value, signed
from amaranth.hdl import ClockSignal

from ffpga_golden import NetworkConfig

from ...delay import delayed
from ...engine.lanes.lane import Lane
from ...engine.lanes.primitives import Portable
from ...engine.lanes.weight_memory import WeightMemory
from ..weight_memory import OwnWeightMemory

#: Bits of a word, without parity, in each shape that a block RAM of 16 Kibit has here; it then has 16,384 / bits words.
SHAPES = (2, 4, 8, 16)
BLOCK_BITS = 1 << 14
SMALLEST_BANK = BLOCK_BITS // SHAPES[-1]  #: words
ADDRESS_BITS, DATA_BITS, PRODUCT_BITS = 14, 18, 36

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


class Mult18Lane(Lane):
    """`Lane` with its factors and products in one MULT18X18D's registers; the accumulator is logic."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        product = Signal(signed(PRODUCT_BITS))
        a, b = Signal(signed(DATA_BITS)), Signal(signed(DATA_BITS))
        held = Signal.like(self.a, reset_less=True)  # what `keep` keeps; synthesis leaves it out where nothing does
        taken = Signal.like(self.a)
        m.d.comb += [taken.eq(Mux(self.keep, held, self.a)), a.eq(taken), b.eq(self.b)]
        m.d.sync += held.eq(taken)
        m.submodules.multiplier = Instance(
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
        c = delayed(m, self.c, 2)[2]
        load = delayed(m, self.load, 1, reset=True)[1]
        with m.If(self.clear):
            m.d.sync += self.sum.eq(0)
        with m.Elif(self.enable):
            m.d.sync += self.sum.eq(Mux(load, c, self.sum) + product)
        return m


class Dp16WeightMemory(OwnWeightMemory):
    """`WeightMemory` with two ports in DP16KD blocks with output registers, in as few banks as their shapes allow.

    A bank is a row of blocks of one shape. The deeper the shape, the fewer banks have to meet behind the blocks: 8,192
    words take blocks of 8,192 x 2 bits, and as many of them as any other shape would.
    """

    family = "ECP5"
    memory_ports = 2

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        width, lane_bytes = config.lanes * config.weight_bits, config.weight_bits // 8
        read = Signal.like(self.read_address, reset_less=True)
        write = Signal.like(self.write_address, reset_less=True)
        data = Signal.like(self.write_data, reset_less=True)
        m.d.sync += [read.eq(self.read_address), write.eq(self.write_address), data.eq(self.write_data)]
        shapes = banks(config.words)
        index = Signal(range(max(2, len(shapes))))  # bank of the address that is read
        first, words = 0, []
        for number, bits in enumerate(shapes):
            place = range((BLOCK_BITS // bits - 1).bit_length())
            low, high = read[: place.stop], self.write_address[place.stop :]
            enable = Signal(config.lanes, name=f"enable{number}")
            here = Signal(name=f"here{number}")
            m.d.comb += here.eq(1 if len(shapes) == 1 else high == first >> place.stop)
            m.d.sync += enable.eq(self.write_enable & here.replicate(config.lanes))
            with m.If(read[place.stop :] == first >> place.stop):
                m.d.comb += index.eq(number)
            by_byte = Cat(bit.replicate(lane_bytes) for bit in enable)
            word = Signal(width, name=f"word{number}")
            for start in range(0, width, bits):
                m.submodules[f"block{number}_{start // bits}"] = block(
                    bits,
                    enable=by_byte[start // 8 : -(-min(start + bits, width) // 8)],
                    write_address=write[: place.stop],
                    write_data=data[start : start + bits],
                    read_address=low,
                    read_data=word[start : start + bits],
                )
            words.append(word)
            first += 1 << place.stop
        found = Signal.like(self.read_data, reset_less=True)
        with m.Switch(delayed(m, index, 2)[2]):
            for number, word in enumerate(words):
                with m.Case(number):
                    m.d.sync += found.eq(word)
        m.d.comb += self.read_data.eq(found)
        return m


def block(
    bits: int, *, enable: Value, write_address: Value, write_data: Value, read_address: Value, read_data: Value
) -> Instance:
    """A block RAM of words of `bits`: written through its port A, read through B, whose output has a register.

    The lowest bits of an address pin tell the parts of 16 bits from each other; where a word has them all, the two
    lowest of port A are its bytes' enables. Bytes are 9 bits apart.
    """
    below = bits.bit_length() - 1
    whole = bits == SHAPES[-1]
    data, output = [Const(0, 1)] * DATA_BITS, {}
    for n in range(len(write_data)):
        pin = n // 8 * 9 + n % 8
        data[pin] = write_data[n]
        output[f"o_DOB{pin}"] = read_data[n]

    def address(low: Value, high: Value) -> Value:
        return Cat(low, high, Const(0, ADDRESS_BITS - len(low) - len(high)))

    parameters = {f"p_{name}_{port}": value for name, value in DP16.items() for port in "AB"}
    return Instance(
        "DP16KD",
        **parameters,
        p_DATA_WIDTH_A=bits // 8 * 9 or bits,
        p_DATA_WIDTH_B=bits // 8 * 9 or bits,
        p_GSR="DISABLED",
        **_pins(
            "ADA", address(Cat(enable, Const(0, below - len(enable))) if whole else Const(0, below), write_address)
        ),
        **_pins("DIA", Cat(data)),
        i_WEA=Const(1, 1) if whole else enable[0],
        **_pins("ADB", address(Const(0, below), read_address)),
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


def banks(words: int) -> list[int]:
    """Bits of a word in the blocks of each bank that some words take, from the first address on: deep banks first."""
    left = -(-words // SMALLEST_BANK)
    found = []
    for bits in SHAPES:
        depth = SHAPES[-1] // bits
        count = left // depth if bits == SHAPES[0] else min(1, left // depth)
        found += [bits] * count
        left -= count * depth
    return found


def block_count(words: int, bits: int) -> int:
    """Block RAMs of a weight memory of some words and their bits."""
    return sum(-(-bits // shape) for shape in banks(words))


class Ecp5(Portable):
    """Blocks of an ECP5."""

    def lane(self) -> Mult18Lane:
        return Mult18Lane()

    def weight_memory(self, config: NetworkConfig) -> Dp16WeightMemory | WeightMemory:
        return Dp16WeightMemory(config=config) if config.memory_ports == 2 else WeightMemory(config=config)
