"""The core's blocks on an iCE40 UltraPlus: SB_MAC16 lanes, SB_SPRAM256KA weight memory.

Sources: Lattice TN1295 (DSP), TN1314 (SPRAM), and yosys's simulation models of both cells.
"""

from amaranth import Cat, Const, Instance, Module, Mux, Signal
from amaranth.hdl import ClockSignal

from ffpga_golden import NetworkConfig

from ...engine.lanes.lane import Lane
from ...engine.lanes.primitives import Portable
from ..weight_memory import OwnWeightMemory

#: Words and bits of an SPRAM.
SPRAM_DEPTH, SPRAM_WIDTH = 1 << 14, 16

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


class SpramWeightMemory(OwnWeightMemory):
    """`WeightMemory` in SB_SPRAM256KA blocks: as many side by side as a word is wide, in banks if that leaves some."""

    family = "iCE40"
    memory_ports = (1,)

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


class Ice40(Portable):
    """Blocks of an iCE40 UltraPlus."""

    def lane(self) -> Mac16Lane:
        return Mac16Lane()

    def weight_memory(self, config: NetworkConfig) -> SpramWeightMemory:
        return SpramWeightMemory(config=config)
