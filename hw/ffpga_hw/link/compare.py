"""Comparison with a constant in logic cells' tables instead of their carry chain."""

from amaranth.hdl import C


def below(value, limit):
    """Whether the unsigned `value` is less than the constant `limit`, u1."""
    if limit >> len(value):
        return C(1, 1)
    less = C(0, 1)
    for place in range(len(value)):
        less = ~value[place] | less if limit >> place & 1 else ~value[place] & less
    return less
