"""The table of all proofs."""

from . import accumulators, decoding, idle, lanes, memory, saturation, streams, walk
from .proof import Proof


def all_proofs() -> list[Proof]:
    """Every proof, family by family."""
    return [
        proof
        for family in (saturation, accumulators, lanes, streams, walk, decoding, memory, idle)
        for proof in family.proofs()
    ]
