"""Subtraction and comparison in one carry chain, whichever way round."""

from amaranth import Cat, Value


def subtract(a: Value, b: Value, less: Value) -> Value:
    """``a - b - less`` for unsigned operands and a bit `less`, one bit wider than the wider one, as its low bits."""
    width = max(len(a), len(b)) + 1
    one = ~less
    return (Cat(one, _extended(a, width)) + Cat(one, ~_extended(b, width)))[1 : width + 1]


def better(a: Value, b: Value, lowest: Value) -> Value:
    """``a > b``, or ``a < b`` where `lowest` is set, for unsigned operands."""
    width = max(len(a), len(b))
    carry = (Cat(lowest, _extended(a, width)) + Cat(lowest, ~_extended(b, width)))[width + 1]
    return carry ^ lowest


def _extended(value: Value, width: int) -> Value:
    return Cat(value, *([0] * (width - len(value)))) if len(value) < width else value
