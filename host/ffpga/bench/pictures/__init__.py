"""Stored figures as pictures."""
