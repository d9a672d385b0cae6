"""Owns the compiled digest: XXH3 of 128 bits over many arrays in one call without the interpreter's lock.

The algorithm is that of https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, for inputs of more than 240
bytes; the package `xxhash` is the statement. One call, so that another thread can make objects meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.intrinsics import intrinsic
from emotion_runtime.kernels.compiled_contagion import STRICT

ir: Any = import_module("llvmlite.ir")

SHORTEST: Final = 241
"""Bytes from which on this is the algorithm."""
STRIPE: Final = 64
STRIPES: Final = 16
"""Stripes of a block; after each block the sums are scrambled."""

SECRET: Final = np.frombuffer(
    bytes.fromhex(
        "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
        "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
        "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
        "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
    ),
    np.uint8,
)
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
SUMS: Final = np.array([P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1], np.uint64)
"""What the eight sums begin with."""
LAST_KEY: Final = len(SECRET) - STRIPE - 7
SCRAMBLE_KEY: Final = len(SECRET) - STRIPE
LOW_KEY: Final = 11
HIGH_KEY: Final = len(SECRET) - STRIPE - 11
_P1, _P2, _AVALANCHE = np.uint64(P64_1), np.uint64(P64_2), np.uint64(0x165667919E3779F9)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)

_LONG = ir.IntType(64)
_EIGHT = ir.VectorType(_LONG, 8)
_SWAPPED = ir.Constant(ir.VectorType(ir.IntType(32), 8), [1, 0, 3, 2, 5, 4, 7, 6])


def _all(value: int) -> Any:
    return ir.Constant(_EIGHT, [value] * 8)


def _vector(builder: Any, address: Any) -> Any:
    """Eight numbers at any address."""
    return builder.load(builder.inttoptr(address, _EIGHT.as_pointer()), align=1)


def _added(builder: Any, sums: Any, stripe: Any, key: Any) -> Any:
    """The sums with one stripe, given the addresses of stripe and key."""
    data = _vector(builder, stripe)
    mixed = builder.xor(data, _vector(builder, key))
    product = builder.mul(builder.and_(mixed, _all(0xFFFFFFFF)), builder.lshr(mixed, _all(32)))
    return builder.add(builder.add(sums, product), builder.shuffle_vector(data, data, _SWAPPED))


def _further(builder: Any, address: Any, offset: int) -> Any:
    return builder.add(address, ir.Constant(_LONG, offset))


@intrinsic
def _stripe(_context: Any, sums: Any, data: Any, key: Any) -> Any:
    def code(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        room = builder.inttoptr(values[0], _EIGHT.as_pointer())
        builder.store(_added(builder, builder.load(room, align=1), values[1], values[2]), room, align=1)
        return _target.get_dummy_value()

    return numba.void(numba.uint64, numba.uint64, numba.uint64), code


@intrinsic
def _block(_context: Any, sums: Any, data: Any, key: Any) -> Any:
    def code(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        room = builder.inttoptr(values[0], _EIGHT.as_pointer())
        held = builder.load(room, align=1)
        for each in range(STRIPES):
            stripe, key = _further(builder, values[1], STRIPE * each), _further(builder, values[2], 8 * each)
            held = _added(builder, held, stripe, key)
        builder.store(_scrambled(builder, held, _further(builder, values[2], SCRAMBLE_KEY)), room, align=1)
        return _target.get_dummy_value()

    return numba.void(numba.uint64, numba.uint64, numba.uint64), code


@intrinsic
def _scramble(_context: Any, sums: Any, key: Any) -> Any:
    def code(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        room = builder.inttoptr(values[0], _EIGHT.as_pointer())
        builder.store(_scrambled(builder, builder.load(room, align=1), values[1]), room, align=1)
        return _target.get_dummy_value()

    return numba.void(numba.uint64, numba.uint64), code


def _scrambled(builder: Any, sums: Any, key: Any) -> Any:
    mixed = builder.xor(builder.xor(sums, builder.lshr(sums, _all(47))), _vector(builder, key))
    return builder.mul(mixed, _all(P32_1))


@intrinsic
def _byte(_context: Any, address: Any) -> Any:
    def code(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.load(builder.inttoptr(values[0], ir.IntType(8).as_pointer()), align=1)

    return numba.uint8(numba.uint64), code


@intrinsic
def _address(_context: Any, column: Any) -> Any:
    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = arrays.make_array(signature.args[0])(target, builder, values[0])
        return builder.ptrtoint(array.data, _LONG)

    return numba.uint64(column), code


arrays: Any = import_module("numba.np.arrayobj")
stripe: Callable[..., None] = _stripe
block: Callable[..., None] = _block
scramble: Callable[..., None] = _scramble
byte_at: Callable[..., np.uint8] = _byte
address_of: Callable[..., np.uint64] = _address


@numba.njit(**STRICT)
def _long(bytes_, place):  # type: ignore[no-untyped-def]
    """Eight bytes as a number, the first lowest."""
    found = np.uint64(0)
    for each in range(8):
        found |= np.uint64(bytes_[place + each]) << np.uint64(8 * each)
    return found


@numba.njit(**STRICT)
def _folded(a, b):  # type: ignore[no-untyped-def]
    """The two halves of the product of 128 bits, the one xor the other."""
    low_a, high_a, low_b, high_b = a & _LOW, a >> _HALF, b & _LOW, b >> _HALF
    low, cross, other, high = low_a * low_b, high_a * low_b, low_a * high_b, high_a * high_b
    middle = (low >> _HALF) + (cross & _LOW) + other
    return (high + (cross >> _HALF) + (middle >> _HALF)) ^ ((middle << _HALF) | (low & _LOW))


@numba.njit(**STRICT)
def _merged(sums, secret, key, start):  # type: ignore[no-untyped-def]
    """64 bits of the digest."""
    result = start
    for each in range(4):
        one = sums[2 * each] ^ _long(secret, key + 16 * each)
        result += _folded(one, sums[2 * each + 1] ^ _long(secret, key + 16 * each + 8))
    result = (result ^ (result >> np.uint64(37))) * _AVALANCHE
    return result ^ (result >> _HALF)


@numba.njit(**STRICT)
def _last_bytes(pieces, room):  # type: ignore[no-untyped-def]
    """Fill `room` with the last bytes of all pieces together."""
    left = len(room)
    for each in range(len(pieces) - 1, -1, -1):
        size = min(left, pieces[each, 1])
        start = np.uint64(pieces[each, 0] + pieces[each, 1] - size)
        left -= size
        for place in range(size):
            room[left + place] = byte_at(start + np.uint64(place))


@numba.njit(**STRICT)
def hash_pieces(pieces, secret, sums, room, found):  # type: ignore[no-untyped-def]
    """XXH3 of pieces (k, 2 int64: address, bytes), together `SHORTEST` bytes or more, into `found`: high, low.

    `sums` (8,) begin as `SUMS` and are used up; `room` (64,) uint8 is scratch.
    """
    total = np.uint64(0)
    for each in range(len(pieces)):
        total += np.uint64(pieces[each, 1])
    key, acc, spare = address_of(secret), address_of(sums), address_of(room)
    left = (np.int64(total) - 1) // STRIPE
    number, held = 0, 0
    for each in range(len(pieces)):
        place, end = pieces[each, 0], pieces[each, 0] + pieces[each, 1]
        while left > 0 and place < end:
            if held == 0 and number == 0 and end - place >= STRIPE * STRIPES and left >= STRIPES:
                block(acc, np.uint64(place), key)
                place += STRIPE * STRIPES
                left -= STRIPES
                continue
            if held == 0 and end - place >= STRIPE:
                stripe(acc, np.uint64(place), key + np.uint64(8 * number))
                place += STRIPE
            else:
                room[held] = byte_at(np.uint64(place))
                place += 1
                held += 1
                if held < STRIPE:
                    continue
                held = 0
                stripe(acc, spare, key + np.uint64(8 * number))
            left -= 1
            number += 1
            if number == STRIPES:
                number = 0
                scramble(acc, key + np.uint64(SCRAMBLE_KEY))
    _last_bytes(pieces, room)
    stripe(acc, spare, key + np.uint64(LAST_KEY))
    found[0] = _merged(sums, secret, HIGH_KEY, ~(total * _P2))
    found[1] = _merged(sums, secret, LOW_KEY, total * _P1)


def hash128(header: bytes, columns: list[NDArray[Any]]) -> bytes:
    """The digest of all bytes, one after the other, as `xxhash.xxh3_128` gives it. Arrays are C-contiguous."""
    assert all(each.flags.c_contiguous for each in columns)
    first = np.frombuffer(header, np.uint8)
    pieces = np.array([(each.__array_interface__["data"][0], each.nbytes) for each in (first, *columns)], np.int64)
    found = np.zeros(2, np.uint64)
    hash_pieces(pieces, SECRET, SUMS.copy(), np.zeros(STRIPE, np.uint8), found)
    return found.astype(">u8").tobytes()
