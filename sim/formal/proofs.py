"""The table of all proofs."""

from formal.engine import accumulators, idle, lanes, memory, saturation, scoring, tiles, walk
from formal.link import decoding, few_bits, sequence, spi, streams
from formal.prover.proof import Proof

LINK = (decoding, few_bits, sequence, spi)
FAMILIES = (saturation, accumulators, lanes, streams, walk, tiles, *LINK, memory, scoring, idle)


def all_proofs() -> list[Proof]:
    """Every proof, family by family."""
    return [proof for family in FAMILIES for proof in family.proofs()]
