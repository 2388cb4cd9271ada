"""The lanes of FPGAs do what the portable lane does, clock by clock, as the engine drives them."""

import re
from collections.abc import Callable

import numpy as np
from amaranth.hdl import Cat, Const, Instance, Module, Signal, Value

from ffpga_hw.engine.lanes.lane import Lane
from ffpga_hw.families.ecp5.primitives import Mult18Lane
from ffpga_hw.families.gowin.gw5a import MultaluLane
from ffpga_hw.families.gowin.primitives import Mult18Lane as GowinLane
from ffpga_hw.families.ice40.primitives import Mac16Lane
from ffpga_hw.families.lane import MultiplierLane
from formal.prover.bench import Bench
from formal.prover.broken import Broken
from formal.prover.proof import Fails, Proof
from testbenches.cells.ecp5 import ecp5_models
from testbenches.cells.gowin import GW5A, OURS

#: yosys's model of SB_MAC16.
MAC16 = "read_verilog -defer -DNO_ICE40_DEFAULT_ASSIGNMENTS +/ice40/cells_sim.v"
#: What proofs call cells of which there are several.
NAMES = {"MULT18X18": "Gowin's MULT18X18", "MULTALU27X18": "GW5A's MULTALU27X18"}
CLAIM = "the FPGA's lane has the portable lane's sum in every clock in which it is used"


def _multiplied(m: Module, a: Value, b: Value, bits: int, *, signs: bool = False) -> Signal:
    """A product by a cell of yosys, which the models of DSP blocks become too."""
    out = Signal(bits)
    width = {f"p_{end}_WIDTH": len(value) for end, value in zip("AB", (a, b), strict=True)}
    m.submodules += Instance(
        "$mul", **width, p_Y_WIDTH=bits, p_A_SIGNED=int(signs), p_B_SIGNED=int(signs), i_A=a, i_B=b, o_Y=out
    )
    return out


def by_bytes(m: Module, a: Value, b: Value) -> Value:
    """`a * b` of two s16 a clock ago from four products of bytes, in the parts of an SB_MAC16; see `ByteProducts`."""

    def high(x: Value) -> Value:
        return Cat(x[8:], x[15].replicate(8))

    def low(x: Value) -> Value:
        return Cat(x[:8], Const(0, 8))

    def extended(x: Value) -> Value:
        return Cat(x, x[15].replicate(8))

    pairs = (high(a), high(b)), (low(a), high(b)), (high(a), low(b)), (low(a), low(b))
    products = [_multiplied(m, x, y, 16) for x, y in pairs]
    f, j, k, g = (Signal(16, name=f"product_{n}") for n in "fjkg")
    m.d.sync += Cat(f, j, k, g).eq(Cat(products))
    return (((g + (extended(k) << 8)) + (extended(j) << 8)) + (f << 16))[:32].as_signed()


def by_18_bits(m: Module, a: Value, b: Value) -> Value:
    """`a * b` of two s16, which are s18 too: the same product."""
    wide = [Cat(x, x[15].replicate(2)) for x in (a, b)]
    return _multiplied(m, *wide, 36, signs=True)[:32].as_signed()


def by_27_and_18_bits(m: Module, a: Value, b: Value) -> Value:
    """`a * b` of two s16, which are an s27 and an s18 too, in the 48 bits of a MULTALU27X18: the same product."""
    wide = Cat(a, a[15].replicate(11)), Cat(b, b[15].replicate(2))
    return _multiplied(m, *wide, 48, signs=True)[:32].as_signed()


class ByteProducts:
    """The arithmetic of `by_bytes` for all pairs of bytes.

    (256 h + l) (256 i + k) is 65536 h i + 256 (h k + l i) + l k; here, that each of the four products fits its 16 bits:
    signed where a high byte takes part.
    """

    def check(self) -> int:
        """Number of cases; `Fails` where a product does not fit."""
        signs, plain = np.arange(-128, 128)[:, None], np.arange(256)[:, None]
        cases = 0
        for x, y, low, most in (
            (signs, signs, -(1 << 15), (1 << 15) - 1),
            (plain, signs, -(1 << 15), (1 << 15) - 1),
            (plain, plain, 0, (1 << 16) - 1),
        ):
            product = x * y.T
            if product.min() < low or product.max() > most:
                raise Fails
            cases += product.size
        return cases


def is_the_same(b: Bench, dut: Lane) -> None:
    """Both lanes' sums are equal from the first clear or load on, but for the clock after a load.

    A DSP block's load takes a clock of its own, in which the sum is the weight; the engine never looks at it then.
    """
    names = ("a", "b", "c", "keep", "enable", "load", "clear")
    inputs = {name: b.free(getattr(dut, name).shape(), name) for name in names}
    portable = Lane()
    b.drive(portable, "portable", **inputs)
    b.drive(dut, "dut", **inputs)
    loads, clears, takes = inputs["load"], inputs["clear"], inputs["enable"]
    loaded = b.before(loads)
    # How the engine drives them, see `memory.py`, and what `Lane` asks for.
    b.given(~loaded | takes)
    b.given(~(loads & takes) & ~(clears & takes) & ~(clears & loads))
    b.given(~clears | (b.before(inputs["c"]) == 0))
    young = b.age(4) != 4
    b.given(~young | ~(takes | loads | clears | inputs["keep"]))
    known = Signal()
    b.m.d.sync += known.eq(known | clears | loads)
    b.claim(~known | loaded | (portable.sum == dut.sum))
    b.witness(b.before(loaded) & (dut.sum == -7) & (b.before(inputs["c"], 3) == 5))
    b.witness(known & (dut.sum == 1234) & b.before(takes) & b.before(takes, 2))


def modelled(
    cell: str, lane: type[MultiplierLane], models: str, product: Callable[..., Value], *broken: Broken, of: str
) -> Proof:
    """The lane of a family whose multiplier has its model among the test benches', and `product` for its arithmetic."""
    # Without the model's end, which only says where the core uses a cell otherwise than modelled.
    model = re.search(rf"module {cell}\b.*?(?=    initial if)", models, re.DOTALL)
    assert model is not None, cell
    return Proof(
        name=f"lanes: {NAMES.get(cell, cell)}",
        claim=CLAIM,
        of=f"{of} with the test benches' model of the cell, any operands",
        bench=lambda b: is_the_same(b, lane()),
        extra=f"read_verilog -defer <<EOT\n{model[0]}endmodule\nEOT",
        rewritten=Broken(Lane, "first.eq(a * b)", "first.eq(multiplied(m, a, b))", {"multiplied": product}),
        initial=True,
        search=12,
        broken=[
            Broken(
                MultiplierLane, "delayed(m, self.load, 1, reset=True)[1]", "delayed(m, self.load, 1, reset=True)[0]"
            ),
            Broken(MultiplierLane, "delayed(m, self.c, 2)[2]", "delayed(m, self.c, 2)[1]"),
            *broken,
        ],
    )


def proofs() -> list[Proof]:
    """All families of FPGA."""
    unsigned = Broken(MultaluLane, "a[-1].replicate(A_BITS - FACTOR_BITS)", "Const(0, A_BITS - FACTOR_BITS)")
    return [
        Proof(
            name="lanes: a product from bytes",
            claim="the four byte products of an SB_MAC16 fit their registers",
            of="every pair of bytes",
            method="cases",
            check=lambda: ByteProducts().check(),
            broken=[Broken(ByteProducts, "plain, plain, 0, (1 << 16) - 1", "plain, plain, 0, (1 << 15) - 1")],
        ),
        Proof(
            name="lanes: SB_MAC16",
            claim=CLAIM,
            of="Mac16Lane with yosys's model of the cell, any operands",
            bench=lambda b: is_the_same(b, Mac16Lane()),
            extra=MAC16,
            rewritten=Broken(Lane, "product.eq(first)", "product.eq(multiplied(m, a, b))", {"multiplied": by_bytes}),
            initial=True,
            search=12,
            broken=[
                Broken(Mac16Lane, "load.eq(self.load | self.clear)", "load.eq(self.load)"),
                Broken(Mac16Lane, "i_OLOADBOT=load", "i_OLOADBOT=idle"),
                Broken(Mac16Lane, "i_D=self.c[:16]", "i_D=self.c[1:17]"),
            ],
        ),
        modelled("MULT18X18D", Mult18Lane, ecp5_models(), by_18_bits, of="Mult18Lane"),
        modelled("MULT18X18", GowinLane, OURS.read_text(), by_18_bits, of="Gowin's Mult18Lane"),
        modelled("MULTALU27X18", MultaluLane, GW5A.read_text(), by_27_and_18_bits, unsigned, of="a GW5A's MultaluLane"),
    ]
