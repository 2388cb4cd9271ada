"""Proofs of the link and of the streams."""
