"""Owns a small cast's trees of several shapes in one set of arrays, so that one call can tick them all."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.executor import CompiledExecutor
from behaviors.compiled.program import ROOM, Op

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

Kind = TypeVar("Kind", bound=np.generic)
OPS, CONSTANTS, SPANS, LEAVES, PLANES, WHO = range(6)


class Grove(NamedTuple):
    """B groups one after the other; `start` (B + 1, 6) says where each one's rows begin, by OPS ... WHO."""

    start: Ints
    ops: Ints
    constants: Longs
    spans: Longs
    leaves: Ints
    conditions: Ints
    """(B,) of each character"""
    planes: Words
    """(P, 1)"""
    deadlines: Longs
    """(K, 64)"""
    everyone: Words
    """(B,)"""
    slot: Ints
    condition: Ints
    who: Ints
    streams: Words
    scratch: Words
    room: Words
    restless: Bytes
    """(B,) whether the group draws by chance, so that equal states may have different futures"""


def grove_of(executor: CompiledExecutor, streams: Words) -> Grove:
    """The groups of an executor of up to 64 characters; from now on its planes and deadlines are the grove's."""
    blocks = executor.blocks
    programs = [block.program for block in blocks]
    sizes = [
        (len(p.ops), len(p.constants), len(p.spans), len(p.leaves), p.planes, block.count)
        for p, block in zip(programs, blocks, strict=True)
    ]
    start = [(0,) * 6, *accumulate(sizes, lambda a, b: tuple(x + y for x, y in zip(a, b, strict=True)))]
    planes = np.concatenate([np.zeros((0, 1), np.uint64), *(block.planes for block in blocks)])
    deadlines = np.concatenate([np.zeros((0, 64), np.int64), *(block.deadlines for block in blocks)])
    starts = np.array(start, np.int32).reshape(-1, 6)
    for place, block in enumerate(blocks):
        block.planes = planes[starts[place, PLANES] : starts[place + 1, PLANES]]
        block.deadlines = deadlines[starts[place, SPANS] : starts[place + 1, SPANS]]
    return Grove(
        start=starts,
        ops=_joined([p.ops for p in programs], np.zeros((0, 7), np.int32)),
        constants=_joined([p.constants for p in programs], np.zeros(0, np.int64)),
        spans=_joined([p.spans for p in programs], np.zeros((0, 2), np.int64)),
        leaves=_joined([p.leaves for p in programs], np.zeros(0, np.int32)),
        conditions=np.array([p.conditions for p in programs], np.int32),
        planes=planes,
        deadlines=deadlines,
        everyone=_joined([block.everyone for block in blocks], np.zeros(0, np.uint64)),
        slot=_joined([block.slot for block in blocks], np.zeros(0, np.int32)),
        condition=_joined([block.condition for block in blocks], np.zeros(0, np.int32)),
        who=_joined([block.characters for block in blocks], np.zeros(0, np.int32)),
        streams=streams,
        scratch=np.zeros((max((p.scratch for p in programs), default=2), 1), np.uint64),
        room=np.zeros(ROOM, np.uint64),
        restless=np.array([_is_restless(p.ops, p.spans) for p in programs], np.uint8),
    )


def _is_restless(ops: Ints, spans: Longs) -> bool:
    return bool((ops[:, 0] == Op.DRAW).any()) or bool((spans[:, 1] > 0).any())


def _joined(several: list[NDArray[Kind]], none: NDArray[Kind]) -> NDArray[Kind]:
    return np.ascontiguousarray(np.concatenate([none, *several]))
