"""Owns machine instructions that numba does not offer: on bits, bytes at any place, 64 numbers at once, fetch ahead.

Needs numba. Little-endian machines only, which is all that numba runs on here; `warming` refuses others.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

numba: Any = import_module("numba")
ir: Any = import_module("llvmlite.ir")
arrays: Any = import_module("numba.np.arrayobj")
intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = import_module("numba.extending").intrinsic


@intrinsic
def _lowest(_context: Any, bits: Any) -> Any:
    def code(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.cttz(values[0], ir.Constant(ir.IntType(1), 1))

    return numba.uint64(numba.uint64), code


@intrinsic
def _ones(_context: Any, bits: Any) -> Any:
    def code(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.ctpop(values[0])

    return numba.uint64(numba.uint64), code


@intrinsic
def _eight(_context: Any, column: Any, place: Any) -> Any:
    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = arrays.make_array(signature.args[0])(target, builder, values[0])
        start = builder.gep(array.data, [values[1]])
        wide = builder.bitcast(start, ir.IntType(64).as_pointer())
        return builder.load(wide, align=1)

    return numba.uint64(column, numba.int64), code


def _fetching(to_write: int) -> Callable[[NDArray[Any], int], None]:
    @intrinsic
    def _fetch(_context: Any, table: Any, place: Any) -> Any:
        def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
            array = arrays.make_array(signature.args[0])(target, builder, values[0])
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            ahead = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
            start = builder.bitcast(builder.gep(array.data, [values[1]]), byte)
            builder.call(ahead, [start, number(to_write), number(2), number(1)])
            return target.get_dummy_value()

        return numba.void(table, numba.int64), code

    found: Callable[[NDArray[Any], int], None] = _fetch
    return found


@intrinsic
def _put_single(_context: Any, column: Any, place: Any, value: Any) -> Any:
    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = arrays.make_array(signature.args[0])(target, builder, values[0])
        start = builder.gep(array.data, [values[1]])
        builder.store(values[2], builder.bitcast(start, ir.FloatType().as_pointer()), align=1)
        return target.get_dummy_value()

    return numba.void(column, numba.int64, numba.float32), code


@intrinsic
def _turned(_context: Any, table: Any, place: Any, to: Any) -> Any:
    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = arrays.make_array(signature.args[0])(target, builder, values[0])
        number = ir.IntType(32)

        def at(place: Any, more: int, bits: int, several: int) -> Any:
            start = builder.gep(array.data, [builder.add(place, ir.Constant(place.type, more))])
            return builder.bitcast(start, ir.VectorType(ir.IntType(bits), several).as_pointer())

        def zipped(one: Any, other: Any, half: int, bits: int) -> Any:
            """Bytes, pairs or fours of both in turn, of the lower or the upper half."""
            several = 128 // bits
            kind = ir.VectorType(ir.IntType(bits), several)
            picked = [half * several // 2 + each // 2 + several * (each % 2) for each in range(several)]
            order = ir.Constant(ir.VectorType(number, several), picked)
            return builder.shuffle_vector(builder.bitcast(one, kind), builder.bitcast(other, kind), order)

        rows = []
        for each in range(8):
            row = builder.load(at(values[1], each, 8, 8), align=8)
            wide = ir.Constant(ir.VectorType(number, 16), list(range(16)))
            rows.append(builder.shuffle_vector(row, ir.Constant(row.type, ir.Undefined), wide))
        twos = [zipped(rows[each], rows[each + 1], 0, 8) for each in range(0, 8, 2)]
        fours = [[zipped(twos[each], twos[each + 1], half, 16) for half in (0, 1)] for each in (0, 2)]
        for part in range(4):
            two = zipped(fours[0][part // 2], fours[1][part // 2], part % 2, 32)
            builder.store(
                builder.bitcast(two, ir.VectorType(ir.IntType(8), 16)), at(values[2], 2 * part, 8, 16), align=8
            )
        return target.get_dummy_value()

    return numba.void(table, numba.int64, numba.int64), code


def _compared(sign: str) -> Callable[[NDArray[np.float64], int, float], np.uint64]:
    """A comparison of 64 numbers in a row, from a place on, with one; `sign` as LLVM has it."""

    @intrinsic
    def compared(_context: Any, column: Any, place: Any, number: Any) -> Any:
        def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
            array = arrays.make_array(signature.args[0])(target, builder, values[0])
            row = ir.VectorType(ir.DoubleType(), 64)
            start = builder.bitcast(builder.gep(array.data, [values[1]]), row.as_pointer())
            one = builder.insert_element(ir.Constant(row, ir.Undefined), values[2], ir.Constant(ir.IntType(32), 0))
            every = ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64)
            same = builder.shuffle_vector(one, ir.Constant(row, ir.Undefined), every)
            compare = builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered
            return builder.bitcast(compare(sign, builder.load(start, align=8), same), ir.IntType(64))

        return numba.uint64(column, numba.int64, numba.float64), code

    found: Callable[[NDArray[np.float64], int, float], np.uint64] = compared
    return found


lowest: Callable[[np.uint64], np.uint64] = _lowest
"""The place, from 0, of the lowest set bit of a number that is not 0."""
ones: Callable[[np.uint64], np.uint64] = _ones
"""How many bits are set."""
eight: Callable[[NDArray[np.uint8], int], np.uint64] = _eight
"""The eight bytes from a place of a column as one number, the first in the lowest bits; it does not check the end."""
fetch, fetch_read = _fetching(1), _fetching(0)
"""Begin to bring what is at a place of a table, counted over all its axes, near: it is written to soon, or read."""
put_single: Callable[[NDArray[np.uint8], int, np.float32], None] = _put_single
"""Write a float32 to the four bytes from a place of a column; it does not check the end."""
turned: Callable[[Words, int, int], None] = _turned
"""Eight words of a row, from the first place on, turned into eight from the second: byte b of word w is byte w of b."""
unlike, above, below = _compared("!="), _compared(">"), _compared("<")
"""Which of 64 numbers in a row, from a place on, are not equal to, more than, less than a number; the first in the
lowest bit. They do not check the end."""
