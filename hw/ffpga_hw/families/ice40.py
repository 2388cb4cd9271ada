"""The core's blocks on an iCE40 UltraPlus: SB_MAC16 lanes, SB_SPRAM256KA weight memory.

Sources: Lattice TN1295 (DSP), TN1314 (SPRAM), and yosys's simulation models of both cells.
"""

from amaranth import Cat, Const, Instance, Module, Mux, Signal
from amaranth.hdl import ClockSignal
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..engine.lanes.lane import Lane
from ..engine.lanes.primitives import Portable
from ..engine.signatures.lanes import WeightMemoryPort

SPRAM_COUNT, SPRAM_DEPTH, SPRAM_WIDTH = 4, 1 << 14, 16
MAC16_COUNT = 8

#: Parameters and their bits. Everything registered: 16x16 signed, its product added to the accumulator; OLOAD puts
#: {C, D} there instead.
MAC16 = {
    "A_SIGNED": (1, 1),
    "B_SIGNED": (1, 1),
    "A_REG": (1, 1),
    "B_REG": (1, 1),
    "C_REG": (1, 1),
    "D_REG": (1, 1),
    "TOP_8x8_MULT_REG": (1, 1),
    "BOT_8x8_MULT_REG": (1, 1),
    "PIPELINE_16x16_MULT_REG1": (1, 1),
    "PIPELINE_16x16_MULT_REG2": (1, 1),
    "MODE_8x8": (0, 1),
    "TOPOUTPUT_SELECT": (1, 2),
    "TOPADDSUB_LOWERINPUT": (2, 2),
    "TOPADDSUB_UPPERINPUT": (0, 1),
    "TOPADDSUB_CARRYSELECT": (2, 2),
    "BOTOUTPUT_SELECT": (1, 2),
    "BOTADDSUB_LOWERINPUT": (2, 2),
    "BOTADDSUB_UPPERINPUT": (0, 1),
    "BOTADDSUB_CARRYSELECT": (0, 2),
    "NEG_TRIGGER": (0, 1),
}


class Mac16Lane(Lane):
    """`Lane` in one SB_MAC16.

    A load takes a clock of its own, so an update comes every other clock at most. A clear is a load of the 0 that `c`
    is in a forward walk.
    """

    def elaborate(self, platform: object) -> Module:
        m = Module()
        load, hold = Signal(), Signal()
        m.d.comb += [load.eq(self.load | self.clear), hold.eq(~(self.enable | load))]
        idle = Const(0, 1)
        m.submodules.mac = Instance(
            "SB_MAC16",
            **{f"p_{name}": Const(value, width) for name, (value, width) in MAC16.items()},
            i_CLK=ClockSignal(),
            i_CE=Const(1, 1),
            i_A=self.a,
            i_B=self.b,
            i_C=self.c[16:],
            i_D=self.c[:16],
            i_AHOLD=self.keep,
            **{f"i_{name}": idle for name in ("BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT")},
            **{f"i_{name}": idle for name in ("ADDSUBTOP", "ADDSUBBOT", "CI", "ACCUMCI", "SIGNEXTIN")},
            i_ORSTTOP=idle,
            i_ORSTBOT=idle,
            i_OLOADTOP=load,
            i_OLOADBOT=load,
            i_OHOLDTOP=hold,
            i_OHOLDBOT=hold,
            o_O=self.sum,
        )  # fmt: skip
        return m


class SpramWeightMemory(wiring.Component):
    """`WeightMemory` in SB_SPRAM256KA blocks: as many side by side as a word is wide, in banks if that leaves some.

    Parameters
    ----------
    config : NetworkConfig
        With a one-port memory.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        check(config)
        self._config = config
        super().__init__(WeightMemoryPort(config).flip())

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        width = config.lanes * config.weight_bits
        blocks, banks = block_count(config)
        address = Signal.like(self.read_address, reset_less=True)
        enable = Signal(config.lanes)
        data = Signal(blocks * SPRAM_WIDTH)
        mask = Signal(blocks * 4)
        some = Signal()
        m.d.sync += [
            address.eq(Mux(self.write_enable.any(), self.write_address, self.read_address)),
            enable.eq(self.write_enable),
            some.eq(self.write_enable.any()),
        ]
        m.d.comb += data.eq(self.write_data)
        m.d.comb += mask.eq(Cat(bit.replicate(config.weight_bits // 4) for bit in enable))
        bank_bits = (banks - 1).bit_length()
        bank = Signal(max(1, bank_bits), reset_less=True)
        m.d.sync += bank.eq(address[14:] if banks > 1 else 0)
        outputs = []
        for b in range(banks):
            out = Signal(blocks * SPRAM_WIDTH, name=f"bank{b}")
            outputs.append(out[:width])
            chosen = address[14:] == b if banks > 1 else Const(1, 1)
            for n in range(blocks):
                bits = slice(n * SPRAM_WIDTH, (n + 1) * SPRAM_WIDTH)
                m.submodules[f"spram{b}_{n}"] = Instance(
                    "SB_SPRAM256KA",
                    i_CLOCK=ClockSignal(),
                    i_ADDRESS=Cat(address[:14], Const(0, max(0, 14 - len(address)))),
                    i_DATAIN=data[bits],
                    i_MASKWREN=mask[4 * n : 4 * n + 4],
                    i_WREN=some & chosen,
                    i_CHIPSELECT=Const(1, 1),
                    i_STANDBY=Const(0, 1),
                    i_SLEEP=Const(0, 1),
                    i_POWEROFF=Const(1, 1),  # active low
                    o_DATAOUT=out[bits],
                )
        with m.Switch(bank):
            for b, out in enumerate(outputs):
                with m.Case(b):
                    m.d.comb += self.read_data.eq(out)
        return m


def block_count(config: NetworkConfig) -> tuple[int, int]:
    """SPRAM blocks side by side, and banks of them."""
    blocks = -(-config.lanes * config.weight_bits // SPRAM_WIDTH)
    return blocks, -(-config.words // SPRAM_DEPTH)


def check(config: NetworkConfig) -> None:
    """ValueError where the network does not fit what an UP5K has of memory and multipliers."""
    if config.memory_ports != 1:
        raise ValueError("memory_ports must be 1 on an iCE40 UP5K, whose SPRAM has one port, not 2")
    if config.lanes > MAC16_COUNT:
        raise ValueError(f"lanes must be at most {MAC16_COUNT} on an iCE40 UP5K, one a DSP block, not {config.lanes}")
    blocks, banks = block_count(config)
    if blocks > SPRAM_COUNT:
        raise ValueError(
            f"a word must be at most {SPRAM_COUNT * SPRAM_WIDTH} bits on an iCE40 UP5K, not {config.lanes} x "
            f"{config.weight_bits}: take fewer lanes"
        )
    if blocks * banks > SPRAM_COUNT:
        room = SPRAM_COUNT // blocks * SPRAM_DEPTH
        raise ValueError(
            f"weights must fit {room:,} words of {config.lanes} x {config.weight_bits} bits on an iCE40 UP5K, "
            f"not {config.words:,}: take smaller layers"
        )


class Ice40(Portable):
    """Blocks of an iCE40 UltraPlus."""

    name = "ice40"

    def lane(self) -> Mac16Lane:
        return Mac16Lane()

    def weight_memory(self, config: NetworkConfig) -> SpramWeightMemory:
        return SpramWeightMemory(config=config)
