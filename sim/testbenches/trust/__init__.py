"""Hostile lines, killed runs, resets, arbitrary bytes, long conversations: short for the tests, and long."""
