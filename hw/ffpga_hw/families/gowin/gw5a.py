"""What a GW5A does another way than a GW1N or GW2A: multiplier, block RAM's ports, PLL, pins of its configuration.

Sources: yosys's cells (`share/gowin/cells_xtra_gw5a.v`, `brams_map_gw5a.v`), Gowin UG305 (DSP) and UG306 (clocks), and
apicula's gowin_pack for what of them it can write.
"""

from dataclasses import dataclass

from amaranth import Cat, Const, Instance, Module, Value
from amaranth.hdl import ClockSignal

from ffpga_golden import NetworkConfig

from ..lane import FACTOR_BITS, MultiplierLane
from ..pll import Clock, Pll
from .chip import GowinChip
from .primitives import Gowin, SdpWeightMemory

#: A multiplier's registers: at the inputs, behind the product, at the output.
MULT_REGISTERS = ("AREG", "BREG", "PREG", "OREG")

#: Inputs of a multiplier that are not used, and their bits; the longer of the two factors has `A_BITS`.
UNUSED = {"C": 48, "D": 26, "SIA": 27, "CASI": 48, "ADDSUB": 2, "RESET": 2}
UNUSED |= dict.fromkeys(("ACCSEL", "PSEL", "ASEL", "PADDSUB", "CSEL", "CASISEL"), 1)
A_BITS = 27

#: Outputs of a PLL, of which the first one is used.
OUTPUTS = 7


class MultaluLane(MultiplierLane):
    """`MultiplierLane` of one MULTALU27X18, whose adder adds nothing."""

    def multiplier(self, a: Value, b: Value, product: Value) -> Instance:
        return Instance(
            "MULTALU27X18",
            **{f"p_{name}_CLK": "CLK0" for name in MULT_REGISTERS},
            p_C_SEL=Const(0, 1),
            i_A=Cat(a, a[-1].replicate(A_BITS - FACTOR_BITS)),
            i_B=b,
            **{f"i_{name}": Const(0, bits) for name, bits in UNUSED.items()},
            i_CE=Const(3, 2),
            i_CLK=Cat(ClockSignal(), Const(0, 1)),
            o_DOUT=product,
        )


class Gw5aWeightMemory(SdpWeightMemory):
    """`SdpWeightMemory` in blocks with one reset.

    gowin_pack writes the blocks' contents one by one, and fails where none has any: they are told to be zeroes.
    """

    own = {"i_RESET": Const(0, 1), "p_INIT_RAM_00": Const(0, 256)}


class Gw5a(Gowin):
    """Blocks of a GW5A."""

    def lane(self) -> MultaluLane:
        return MultaluLane()

    def weight_memory(self, config: NetworkConfig) -> Gw5aWeightMemory:
        return Gw5aWeightMemory(config=config)


@dataclass(frozen=True, kw_only=True)
class Gw5aChip(GowinChip):
    """A GW5A: lanes in MULTALU27X18, all that is written in block RAM: nextpnr has no place for memories of tables."""

    primitives = Gw5a()
    multiplier = "MULTALU27X18"
    resources = {**GowinChip.resources, "dsp": (multiplier,)}
    scarce = {"DFF": "flip-flops"}
    small = small_narrow = 0
    others = 12

    def options(self, package: str) -> list[str]:
        """With the pins of a second SPI as a design's, without which gowin_pack writes nothing."""
        return [*super().options(package), "--vopt", "sspi_as_gpio"]

    def packing(self, routed: str, bitstream: str) -> list[str]:
        """With the pins of a processor's bus, which a crystal may be at, and of the sign that it is ready."""
        return ["--sspi_as_gpio", "--cpu_as_gpio", "--ready_as_gpio", *super().packing(routed, bitstream)]


@dataclass(frozen=True)
class Gw5aClock(Clock):
    """Settings of a PLLA, fed back inside: oscillator = in feedback multiplier / input, out = oscillator / output."""

    cell = "PLLA"
    phase_hz = 19e6, 800e6
    vco_hz = 800e6, 1600e6

    input_div: int
    feedback_div: int
    multiplier: int
    output_div: int

    def __post_init__(self) -> None:
        for name, most in (("input_div", 64), ("feedback_div", 64), ("multiplier", 128), ("output_div", 128)):
            least = 2 if name == "multiplier" else 1
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be {least} to {most}, not {getattr(self, name)}")

    def frequencies(self, source: float) -> tuple[float, float, float]:
        phase = source / self.input_div
        vco = phase * self.feedback_div * self.multiplier
        return phase, vco, vco / self.output_div

    def pll(self, source: float) -> "Gw5aPll":
        return Gw5aPll(settings=self, source=source)


class Gw5aPll(Pll):
    """PLLA with its own feedback; gowin_pack must be told the divisors of all outputs, of those too that are off."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        settings = self._settings
        assert isinstance(settings, Gw5aClock)
        off = dict.fromkeys(
            ("CLKFB", "RESET", "PLLPWD", "RESET_I", "RESET_O", "PSDIR", "PSPULSE", "SSCPOL", "SSCON"), 1
        )
        off |= {"PSSEL": 3, "SSCMDSEL": 7, "SSCMDSEL_FRAC": 3, "MDCLK": 1, "MDOPC": 2, "MDAINC": 1, "MDWDI": 8}
        m.submodules.pll = Instance(
            "PLLA",
            p_FCLKIN=f"{self._source / 1e6:g}",
            p_IDIV_SEL=settings.input_div,
            p_FBDIV_SEL=settings.feedback_div,
            p_MDIV_SEL=settings.multiplier,
            p_MDIV_FRAC_SEL=0,
            **{f"p_ODIV{n}_SEL": settings.output_div for n in range(OUTPUTS)},
            p_ODIV0_FRAC_SEL=0,
            **{f"p_CLKOUT{n}_EN": "FALSE" if n else "TRUE" for n in range(OUTPUTS)},
            p_CLKFB_SEL="INTERNAL",
            i_CLKIN=self.i,
            **{f"i_{name}": Const(0, bits) for name, bits in off.items()},
            o_CLKOUT0=self.o,
            o_LOCK=self.locked,
        )
        return m
