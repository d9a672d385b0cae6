"""Owns machine instructions that numba does not offer: lowest bit, number of bits, bytes at any place, fetch ahead.

Needs numba. Little-endian machines only, which is all that numba runs on here; `warming` refuses others.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


@intrinsic
def _fetch(_context: Any, table: Any, place: Any) -> Any:
    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = arrays.make_array(signature.args[0])(target, builder, values[0])
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ahead = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        start = builder.bitcast(builder.gep(array.data, [values[1]]), byte)
        builder.call(ahead, [start, number(1), number(2), number(1)])
        return target.get_dummy_value()

    return numba.void(table, numba.int64), code


@intrinsic
def _put_single(_context: Any, column: Any, place: Any, value: Any) -> Any:
    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = arrays.make_array(signature.args[0])(target, builder, values[0])
        start = builder.gep(array.data, [values[1]])
        builder.store(values[2], builder.bitcast(start, ir.FloatType().as_pointer()), align=1)
        return target.get_dummy_value()

    return numba.void(column, numba.int64, numba.float32), code


lowest: Callable[[np.uint64], np.uint64] = _lowest
"""The place, from 0, of the lowest set bit of a number that is not 0."""
ones: Callable[[np.uint64], np.uint64] = _ones
"""How many bits are set."""
eight: Callable[[NDArray[np.uint8], int], np.uint64] = _eight
"""The eight bytes from a place of a column as one number, the first in the lowest bits; it does not check the end."""
fetch: Callable[[NDArray[Any], int], None] = _fetch
"""Begin to bring what is at a place of a table, counted over all its axes, near: it is written to soon."""
put_single: Callable[[NDArray[np.uint8], int, np.float32], None] = _put_single
"""Write a float32 to the four bytes from a place of a column; it does not check the end."""
