"""Signatures that say more than others: what a network of another kind has between the same blocks."""

from amaranth.lib import wiring


def extended(signature: wiring.Signature, **members: wiring.Member) -> dict[str, wiring.Member]:
    """A signature's members and some more."""
    return {**dict(signature.members.items()), **members}
