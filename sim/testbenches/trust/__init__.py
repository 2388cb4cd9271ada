"""Hostile lines, killed runs, arbitrary bytes, long conversations: each in a short form for the tests and a long one."""
