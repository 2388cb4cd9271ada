"""What a step does to the neurons of a block, in vectors: integers of 32 bits, several neurons at a time.

Each function is one of `arithmetic.py`, or of `dither.py`. They are written in LLVM's instructions, of which every
processor makes the widest that it has: Numba widens whatever it adds to 64 bits, and makes no vectors for few neurons.
Arrays are flat; an argument that ends in `_at` is a place in the one before it.
"""

from collections.abc import Callable
from typing import Any

import numba.extending
from llvmlite import ir
from numba import types
from numba.core import cgutils

from .. import arithmetic as a
from ..dither import PERIOD, ROTATE

intrinsic: Any = numba.extending.intrinsic  # its types want the context that a caller does not give

#: Neurons at a time: as many as there are, then those that are left. The dither repeats after `PERIOD` of them.
STEPS = (4 * PERIOD, PERIOD, 1)

_WORD, _HALF, _BYTE, _LONG = ir.IntType(32), ir.IntType(16), ir.IntType(8), ir.IntType(64)
_int, _bool, _state = types.int64, types.boolean, types.uint32
_i16, _i32, _u8 = (types.Array(kind, 1, "C") for kind in (types.int16, types.int32, types.uint8))


class _Vectors:
    """Makes instructions in the body of a function of Numba's."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.builder, self._context = builder, context
        self.arguments = [
            context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
            for kind, value in zip(signature.args, arguments, strict=True)
        ]

    def word(self, value: Any) -> Any:
        """The low 32 bits of an integer."""
        if isinstance(value, int):
            return ir.Constant(_WORD, value)
        return self.builder.trunc(value, _WORD) if value.type.width > 32 else value

    def all(self, value: Any, size: int) -> Any:
        """A vector of the same integer everywhere."""
        kind = ir.VectorType(_WORD, size)
        value, first = self.word(value), ir.Constant(_WORD, 0)
        one = self.builder.insert_element(ir.Constant(kind, ir.Undefined), value, first)
        mask = ir.Constant(ir.VectorType(_WORD, size), [0] * size)
        return self.builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), mask)

    def _place(self, pointer: Any, at: Any, kind: Any, size: int) -> Any:
        place = self.builder.gep(pointer, [at])
        return self.builder.bitcast(place, ir.VectorType(kind, size).as_pointer())

    def load(self, pointer: Any, at: Any, size: int, kind: Any = _WORD) -> Any:
        """A vector from memory, of 32 bits."""
        found = self.builder.load(self._place(pointer, at, kind, size), align=kind.width // 8)
        return found if kind is _WORD else self.builder.sext(found, ir.VectorType(_WORD, size))

    def store(self, vector: Any, pointer: Any, at: Any, kind: Any = _WORD) -> None:
        """A vector into memory, cut to the bits there."""
        size = vector.type.count
        if kind is not _WORD:
            vector = self.builder.trunc(vector, ir.VectorType(kind, size))
        self.builder.store(vector, self._place(pointer, at, kind, size), align=kind.width // 8)

    def one(self, pointer: Any, at: Any) -> Any:
        """An integer of 32 bits from memory."""
        return self.builder.load(self.builder.gep(pointer, [at]))

    def at_least(self, vector: Any, bound: Any) -> Any:
        return self.builder.select(self.builder.icmp_signed(">", vector, bound), vector, bound)

    def at_most(self, vector: Any, bound: Any) -> Any:
        return self.builder.select(self.builder.icmp_signed("<", vector, bound), vector, bound)

    def all_neurons(self, width: Any, body: Callable[[Any, int], None]) -> None:
        """`body` with the first neuron and the number of those that are taken together."""
        begin = ir.Constant(_LONG, 0)
        for size in STEPS:
            end = self.builder.and_(width, ir.Constant(_LONG, -size))
            step = ir.Constant(_LONG, size)
            with cgutils.for_range_slice(self.builder, begin, end, step, _LONG) as (at, _):
                body(at, size)
            begin = end

    def variable(self, value: Any) -> Any:
        """A place for a value that changes in a loop."""
        return cgutils.alloca_once_value(self.builder, value)


@intrinsic
def accumulate(typing, w, at, x, first, last, z, z_at, width):  # type: ignore[no-untyped-def]
    """z_j = sum over n of x[n] W[at[n] + j], for n from `first` to before `last`."""
    signature = types.void(_i16, _i32, _i32, _int, _int, _i32, _int, _int)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        v = _Vectors(context, builder, signature, arguments)
        w, at, x, first, last, z, z_at, width = v.arguments

        def neurons(j: Any, size: int) -> None:
            total = v.variable(v.all(0, size))
            with cgutils.for_range_slice(builder, first, last, ir.Constant(_LONG, 1), _LONG) as (n, _):
                row = v.load(w, builder.add(builder.sext(v.one(at, n), _LONG), j), size, _HALF)
                product = builder.mul(v.all(v.one(x, n), size), row)
                builder.store(builder.add(builder.load(total), product), total)
            v.store(builder.load(total), z, builder.add(z_at, j))

        v.all_neurons(width, neurons)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def activate(typing, z, z_at, w, row_at, value, shift, y, y_at, width):  # type: ignore[no-untyped-def]
    """y of z + `value` times a row of weights; returns the sum of squares.

    (max(z, 0) + 2^(s-1)) >> s is calculated without the sum, which might not fit 32 bits.
    """
    signature = _int(_i32, _int, _i16, _int, _int, _int, _i32, _int, _int)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        v = _Vectors(context, builder, signature, arguments)
        z, z_at, w, row_at, value, shift, y, y_at, width = v.arguments
        total = v.variable(ir.Constant(_LONG, 0))
        before = builder.sub(shift, ir.Constant(_LONG, 1))

        def neurons_of(squares: Any) -> Callable[[Any, int], None]:
            def neurons(j: Any, size: int) -> None:
                row = v.load(w, builder.add(row_at, j), size, _HALF)
                found = builder.add(v.load(z, builder.add(z_at, j), size), builder.mul(v.all(value, size), row))
                found = v.at_least(found, v.all(0, size))
                half = builder.and_(builder.lshr(found, v.all(before, size)), v.all(1, size))
                found = v.at_most(
                    builder.add(builder.lshr(found, v.all(shift, size)), half), v.all(a.ACTIVITY_MAX, size)
                )
                v.store(found, y, builder.add(y_at, j))
                squares(builder.mul(found, found), size)

            return neurons

        # A place holds at most 128 squares of 24 bits: as many as the widest layer has in steps of 8.
        sums = {size: v.variable(v.all(0, size)) for size in STEPS}

        def squares(found: Any, size: int) -> None:
            builder.store(builder.add(builder.load(sums[size]), found), sums[size])

        v.all_neurons(width, neurons_of(squares))
        for size, place in sums.items():
            found = builder.load(place)
            for n in range(size):
                one = builder.zext(builder.extract_element(found, ir.Constant(_WORD, n)), _LONG)
                builder.store(builder.add(builder.load(total), one), total)
        return builder.load(total)

    return signature, generate


@intrinsic
def local_errors(typing, c, up, y, up_at, down, down_at, g, g_at, width):  # type: ignore[no-untyped-def]
    """g = (c d + 16) >> 5; d is `up` times the activities from `up_at` on plus `down` times those of `down_at`."""
    signature = types.void(_int, _int, _i32, _int, _int, _int, _i32, _int, _int)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        v = _Vectors(context, builder, signature, arguments)
        c, up, y, up_at, down, down_at, g, g_at, width = v.arguments

        def neurons(j: Any, size: int) -> None:
            one, other = v.load(y, builder.add(up_at, j), size), v.load(y, builder.add(down_at, j), size)
            d = builder.add(builder.mul(v.all(up, size), one), builder.mul(v.all(down, size), other))
            product = builder.add(builder.mul(v.all(c, size), d), v.all(1 << a.ROUND_ERROR - 1, size))
            v.store(builder.ashr(product, v.all(a.ROUND_ERROR, size)), g, builder.add(g_at, j))

        v.all_neurons(width, neurons)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def normalise(typing, y, y_at, factor, shift, x, width):  # type: ignore[no-untyped-def]
    """x' = min(255, (y factor + (2^shift >> 1)) >> shift)."""
    signature = types.void(_i32, _int, _int, _int, _u8, _int)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        v = _Vectors(context, builder, signature, arguments)
        y, y_at, factor, shift, x, width = v.arguments
        one = ir.Constant(_LONG, 1)
        half = builder.lshr(builder.shl(one, shift), one)

        def neurons(j: Any, size: int) -> None:
            found = builder.mul(v.load(y, builder.add(y_at, j), size), v.all(factor, size))
            found = builder.lshr(builder.add(found, v.all(half, size)), v.all(shift, size))
            v.store(v.at_most(found, v.all(255, size)), x, j, _BYTE)

        v.all_neurons(width, neurons)
        return context.get_dummy_value()

    return signature, generate


def _after(builder: Any, s: Any) -> Any:
    """The random generator's next state, see `dither.step`."""
    for shift, by in ((builder.shl, 13), (builder.lshr, 17), (builder.shl, 5)):
        s = builder.xor(s, shift(s, ir.Constant(_WORD, by)))
    return s


@intrinsic
def after(typing, s):  # type: ignore[no-untyped-def]
    """The random generator's next state."""
    return _state(_state), lambda context, builder, signature, arguments: _after(builder, arguments[0])


@intrinsic
def bits(typing, value):  # type: ignore[no-untyped-def]
    """Bits of an integer that is not negative: `int.bit_length`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        zeros = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))
        return builder.sub(ir.Constant(_LONG, 64), zeros)

    return _int(_int), generate


@intrinsic
def change(typing, w, at, x, first, last, g, g_at, width, state, neuron, u, field, limit, plain):  # type: ignore[no-untyped-def]
    """Change the rows of a block whose first neuron is `neuron`: W = saturate(W + ((x g + dither) >> u)).

    Rows and values are as in `accumulate`. Returns the random generator's state after them.
    """
    signature = _state(_i16, _i32, _i32, _int, _int, _i32, _int, _int, _state, _int, _int, _int, _int, _bool)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        v = _Vectors(context, builder, signature, arguments)
        w, at, x, first, last, g, g_at, width, state, neuron, u, field, limit, plain = v.arguments
        s = v.variable(state)
        kind = ir.VectorType(_WORD, PERIOD)
        turns = builder.add(
            v.all(builder.mul(neuron, ir.Constant(_LONG, ROTATE)), PERIOD),
            ir.Constant(kind, [ROTATE * n for n in range(PERIOD)]),
        )
        left = builder.and_(turns, v.all(31, PERIOD))
        right = builder.and_(builder.sub(v.all(32, PERIOD), turns), v.all(31, PERIOD))
        down = v.all(builder.sub(field, u), PERIOD)
        one = ir.Constant(_WORD, 1)
        mask = v.all(builder.sub(builder.shl(one, v.word(u)), one), PERIOD)
        half = v.all(builder.shl(one, builder.sub(v.word(u), one)), PERIOD)
        least = builder.neg(limit)

        with cgutils.for_range_slice(builder, first, last, ir.Constant(_LONG, 1), _LONG) as (n, _):
            before = builder.load(s)
            now = builder.select(plain, before, _after(builder, before))
            builder.store(now, s)
            word = v.all(now, PERIOD)
            word = builder.or_(builder.shl(word, left), builder.lshr(word, right))
            noise = builder.select(plain, half, builder.and_(builder.lshr(word, down), mask))
            row, value = builder.sext(v.one(at, n), _LONG), v.one(x, n)

            def neurons(j: Any, size: int, noise: Any = noise, row: Any = row, value: Any = value) -> None:
                if size == 1:
                    place = builder.and_(v.word(j), ir.Constant(_WORD, PERIOD - 1))
                    mine = v.all(builder.extract_element(noise, place), 1)
                else:
                    order = [n % PERIOD for n in range(size)]
                    mine = builder.shuffle_vector(noise, noise, ir.Constant(ir.VectorType(_WORD, size), order))
                product = builder.mul(v.all(value, size), v.load(g, builder.add(g_at, j), size))
                change = builder.ashr(builder.add(product, mine), v.all(u, size))
                place = builder.add(row, j)
                new = builder.add(v.load(w, place, size, _HALF), change)
                new = v.at_least(v.at_most(new, v.all(limit, size)), v.all(least, size))
                v.store(new, w, place, _HALF)

            v.all_neurons(width, neurons)
        return builder.load(s)

    return signature, generate
