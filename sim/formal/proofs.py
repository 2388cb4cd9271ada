"""The table of all proofs."""

from . import saturation, streams
from .proof import Proof


def all_proofs() -> list[Proof]:
    """Every proof, family by family."""
    return [proof for family in (saturation, streams) for proof in family.proofs()]
