"""Owns the structural check of msgpack bytes: whole, one value, not too deep, no extension types; nothing is built.

It runs before any decoder sees the bytes, without recursion, in time proportional to the number of values: the bodies
of texts and blobs are stepped over.
"""

from __future__ import annotations

from typing import Final

from protocol.errors import MalformedError, TooLargeError
from protocol.ids import MAX_DEPTH, MAX_VALUES


def _fixed_steps() -> tuple[int, ...]:
    """Bytes taken by each opcode whose length the opcode alone tells; 0 for all others."""
    steps = [0] * 256
    for op in (*range(0x80), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3):
        steps[op] = 1
    for op in range(0xA0, 0xC0):
        steps[op] = 1 + (op & 0x1F)
    for first, widths in ((0xCC, (1, 2, 4, 8)), (0xD0, (1, 2, 4, 8)), (0xCA, (4, 8))):
        for offset, width in enumerate(widths):
            steps[first + offset] = 1 + width
    return tuple(steps)


_STEPS: Final = _fixed_steps()
_BODY_LENGTH_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
"""bin8/16/32 and str8/16/32."""
_ITEM_COUNT_BYTES: Final = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
"""array16/32 and map16/32."""
_TRUNCATED: Final = "the bytes end in the middle of a value"


def scan(data: bytes) -> None:
    """Check that `data` is exactly one well-formed msgpack value within `MAX_DEPTH` levels and `MAX_VALUES` values.

    Raises MalformedError (truncated, trailing bytes, the unused opcode, an extension type, too deep) or TooLargeError.
    UTF-8 is left to the decoder.
    """
    steps = _STEPS
    end = len(data)
    position = 0
    left = 1
    values = 1
    outer: list[int] = []
    try:
        while True:
            while left:
                left -= 1
                op = data[position]
                step = steps[op]
                if step:
                    position += step
                    continue
                position, items = _variable(data, position, op)
                if items < 0:
                    continue
                outer.append(left)
                left = items
                values += items
                if len(outer) > MAX_DEPTH:
                    raise MalformedError(
                        f"nested deeper than {MAX_DEPTH} levels (byte {position})", remedy="send flatter values"
                    )
                if items > end - position:
                    raise MalformedError(_TRUNCATED)
                if values > MAX_VALUES:
                    raise TooLargeError(f"more than {MAX_VALUES} values in one message", remedy="send less at once")
            if not outer:
                break
            left = outer.pop()
    except IndexError:
        raise MalformedError(_TRUNCATED) from None
    if position != end:
        if position > end:
            raise MalformedError(_TRUNCATED)
        raise MalformedError(
            f"{end - position} bytes follow the message (byte {position})", remedy="send one message a frame"
        )


def _variable(data: bytes, position: int, op: int) -> tuple[int, int]:
    """Return the position after an opcode of variable length (and its body), and the values it opens or -1."""
    if op < 0x90:
        return position + 1, (op & 0x0F) * 2
    if op < 0xA0:
        return position + 1, op & 0x0F
    width = _BODY_LENGTH_BYTES.get(op)
    if width is not None:
        body = position + 1 + width
        return body + int.from_bytes(data[position + 1 : body], "big"), -1
    width = _ITEM_COUNT_BYTES.get(op)
    if width is not None:
        body = position + 1 + width
        count = int.from_bytes(data[position + 1 : body], "big")
        return body, count * 2 if op >= 0xDE else count
    if op == 0xC1:
        raise MalformedError(f"0xc1 is not a msgpack value (byte {position})")
    raise MalformedError(
        f"msgpack extension types are not used here (byte {position})", remedy="send plain maps, arrays and numbers"
    )
