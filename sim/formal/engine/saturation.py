"""The new weight of an update: exact in its range, held at the ends, never wrapped around."""

from amaranth.hdl import Mux, Signal, signed

from ffpga_golden import NetworkConfig
from ffpga_hw.engine.lanes.saturate import Saturate
from formal.prover.bench import Bench
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small


def saturates(b: Bench, config: NetworkConfig) -> None:
    """Two clocks after any sum, `weight` is its high part, held within +-weight_max; it stays where nothing is taken;
    the host's weight takes its place."""
    total, high, take = b.free(signed(32), "sum"), b.free(1, "high"), b.free(1, "take")
    host, given = b.free(1, "host"), b.free(signed(config.weight_bits), "given")
    dut = Saturate(config=config)
    b.drive(dut, sum=total, high=high, take=take, host=host, given=given)
    limit = config.weight_max
    exact = Signal(signed(32))
    b.m.d.comb += exact.eq(Mux(high, total >> 23, total >> 15) if config.weight_bits == 8 else total >> 15)
    held = Mux(exact > limit, limit, Mux(exact < -limit, -limit, exact))
    taken = Mux(b.before(host, 2), b.before(given), b.before(held, 2))
    begun = b.age(2) == 2
    b.claim(~begun | (dut.weight == Mux(b.before(take), taken, b.before(dut.weight))))
    updated, before = begun & b.before(take) & ~b.before(host, 2), b.before(exact, 2)
    b.witness(updated & (before == limit + 1) & (dut.weight == limit))
    b.witness(updated & (before == -limit - 1) & (dut.weight == -limit))
    b.witness(updated & (before == -limit) & (dut.weight == -limit))


def proofs() -> list[Proof]:
    """Both widths of weights; 8-bit ones at both places in the sum."""
    claim = "the new weight is the sum's high part held within its limits: never wrapped, exact at both ends"
    wrong_end = Broken(Saturate, "lowest = taken[-1] & ~taken[: most.bit_length()].any()", "lowest = taken[-1] & 0")
    return [
        Proof(
            name=f"saturation, {bits} bit",
            claim=claim,
            of=f"Saturate, {bits}-bit weights{', both rates' if bits == 8 else ''}, any 32-bit sum",
            bench=lambda b, bits=bits: saturates(b, small(weight_bits=bits)),
            broken=[wrong_end, wraps],
            quick=True,
        )
        for bits, wraps in (
            (8, Broken(Saturate, "unequal(m, self.sum[22:30], sign)", "unequal(m, self.sum[23:30], sign)")),
            (16, Broken(Saturate, "self.sum[low + most.bit_length() : 31]", "self.sum[low + most.bit_length() : 30]")),
        )
    ]
