"""Owns inputs without a guide: seeds cut, spliced, flipped and filled by a seeded generator, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator

ODD = (
    b"\x00",
    b"\xff",
    b"\xc1",
    b"\x7f",
    b"\x80",
    b"\xdf\xff\xff\xff\xff",
    b"\xcf" + b"\xff" * 8,
    b"\xcb\x7f\xf8" + bytes(6),
)


def inputs(seeds: tuple[bytes, ...], longest: int, count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` inputs of at most `longest` bytes."""
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(5)):
            at = rng.randrange(len(data) + 1)
            match rng.randrange(6):
                case 0:
                    del data[at : at + rng.randrange(1, 9)]
                case 1:
                    data[at:at] = rng.choice(ODD)
                case 2:
                    other = rng.choice(seeds)
                    start = rng.randrange(len(other) + 1)
                    data[at:] = other[start : start + rng.randrange(64)]
                case 3 if at < len(data):
                    data[at] ^= 1 << rng.randrange(8)
                case 4 if at < len(data):
                    data[at] = rng.randrange(256)
                case _:
                    data[at:at] = rng.randbytes(rng.randrange(1, 9))
        yield bytes(data[:longest])
