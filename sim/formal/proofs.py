"""The table of all proofs."""

from . import accumulators, decoding, idle, lanes, memory, saturation, sequence, streams, walk
from .proof import Proof

FAMILIES = (saturation, accumulators, lanes, streams, walk, decoding, sequence, memory, idle)


def all_proofs() -> list[Proof]:
    """Every proof, family by family."""
    return [proof for family in FAMILIES for proof in family.proofs()]
