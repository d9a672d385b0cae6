"""Owns a msgpack writer that can be told to use any legal width, to make the encodings other libraries produce."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

_UNSIGNED: Final = {8: 0xCC, 16: 0xCD, 32: 0xCE, 64: 0xCF}
_SIGNED: Final = {8: 0xD0, 16: 0xD1, 32: 0xD2, 64: 0xD3}
_STR: Final = {8: 0xD9, 16: 0xDA, 32: 0xDB}
_BIN: Final = {8: 0xC4, 16: 0xC5, 32: 0xC6}
_ARRAY: Final = {16: 0xDC, 32: 0xDD}
_MAP: Final = {16: 0xDE, 32: 0xDF}


@dataclass(frozen=True, slots=True)
class Form:
    """Widths in bits; 0 takes the shortest. A value that does not fit a width takes the next that does."""

    unsigned: int = 0
    signed: int = 0
    real: int = 64
    text: int = 0
    blob: int = 0
    array: int = 0
    map: int = 0


SHORTEST: Final = Form()
WIDEST: Final = Form(unsigned=64, text=32, blob=32, array=32, map=32)


def pack(value: Any, form: Form = SHORTEST) -> bytes:
    """Return `value` (nil, bool, int, float, str, bytes, list, dict) as msgpack in that form."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _integer(value, form)
    if isinstance(value, float):
        return struct.pack(">Bf", 0xCA, value) if form.real == 32 else struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        body = value.encode("utf-8")
        return _head(len(body), _STR, form.text, 0xA0, 32) + body
    if isinstance(value, bytes):
        return _head(len(value), _BIN, form.blob, 0, 0) + value
    if isinstance(value, dict):
        pairs = b"".join(pack(key, form) + pack(item, form) for key, item in value.items())
        return _head(len(value), _MAP, form.map, 0x80, 16) + pairs
    return _head(len(value), _ARRAY, form.array, 0x90, 16) + b"".join(pack(item, form) for item in value)


def _head(length: int, opcodes: dict[int, int], width: int, fixed: int, fixed_below: int) -> bytes:
    if width == 0 and length < fixed_below:
        return bytes((fixed | length,))
    bits = next(bits for bits in opcodes if bits >= width and length < 1 << bits)
    return bytes((opcodes[bits],)) + length.to_bytes(bits // 8, "big")


def _integer(value: int, form: Form) -> bytes:
    if value < 0 or form.signed:
        if not form.signed and value >= -32:
            return struct.pack("b", value)
        bits = next(b for b in _SIGNED if b >= form.signed and -(1 << (b - 1)) <= value < 1 << (b - 1))
        return bytes((_SIGNED[bits],)) + value.to_bytes(bits // 8, "big", signed=True)
    if form.unsigned == 0 and value < 0x80:
        return bytes((value,))
    bits = next(b for b in _UNSIGNED if b >= form.unsigned and value < 1 << b)
    return bytes((_UNSIGNED[bits],)) + value.to_bytes(bits // 8, "big")
