"""Owns the compiler: one tree becomes a program, int32 rows of operations on planes of bits, one bit a character.

Addresses: from 0 a scratch row (a value of this tick), below 0 the plane `~address` (kept from tick to tick). Each node
has four planes in a row, R S F A: RUNNING, SUCCESS, FAILURE, ABORTED; none set is IDLE. Nodes are in pre-order, so a
sub-tree is one range of planes. Before `FINISH_*` or `LEAF` of a node its planes are those of the last tick.

| operation | columns | meaning |
| --- | --- | --- |
| AND, OR, AND_NOT | to, a, b | bit by bit |
| COPY | to, a | |
| LEAF | node, leaf, m | the table of a leaf, where m; also the scratch row OWN: it ran and ended by itself |
| FINISH_F | node, m, s, f | where m: SUCCESS if s, FAILURE if f, else RUNNING; elsewhere ABORTED if it ran, or IDLE |
| FINISH_R | node, m, s, r | where m: SUCCESS if s, RUNNING if r, else FAILURE; elsewhere as above |
| KILL | first, last, m | where m: every node of [first, last) that was visited is ABORTED |
| COUNT | to, plane, bits, inc, zero, k | counter to 0 where zero, + 1 where inc; `to`: where it equals `constants[k]` |
| SET | timer, m, node | where m: the deadline is now + `spans[timer]`, of which the second part is drawn |
| CLEAR | timer, m | where m: there is no deadline any more |
| DUE | to, timer, m | where m, and now has reached the deadline |
| DRAW | to, node, m, low, high | where m, and the share drawn is from `constants[low]` to below `constants[high]` |
| KEEP | first, last, node | the planes [first, last) are empty where the node does not run |

What a node does not need any more is emptied, so equal futures are equal bytes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COLUMNS = 7
ZERO, ALL = 0, 1
R, S, F, A = range(4)
"""The planes of a node."""
READY, GO, OK, OWN, OLD = range(5)
"""The scratch rows of a leaf: may start; runs on; succeeded; ended by itself (out); ran before the tick."""
PER_LEAF = 5
ROOM = 16
"""Words that the kernel needs to work in beside the scratch rows."""


class Op(enum.IntEnum):
    """Operations, see the table above."""

    AND = 0
    OR = 1
    AND_NOT = 2
    COPY = 3
    LEAF = 4
    FINISH_F = 5
    FINISH_R = 6
    KILL = 7
    COUNT = 8
    SET = 9
    CLEAR = 10
    DUE = 11
    KEEP = 12
    DRAW = 13


@dataclass(frozen=True, slots=True)
class Keeper:
    """A node that remembers more than its status.

    A counter of `bits` planes from `plane`, or (bits 0) timer number `plane`.
    """

    node: int
    plane: int
    bits: int


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A compiled tree.

    `ops` (P, 7) int32; `spans` (K, 2) least microseconds of each timer, and how many more may be drawn; `leaves` the
    node of each leaf; sizes of planes and scratch in rows.
    """

    ops: NDArray[np.int32]
    constants: NDArray[np.int64]
    spans: NDArray[np.int64]
    leaves: NDArray[np.int32]
    nodes: int
    conditions: int
    planes: int
    scratch: int
    keepers: tuple[Keeper, ...]

    @property
    def key(self) -> tuple[bytes, ...]:
        """Equal for trees of one shape: their characters share one program, whatever rules their leaves play."""
        return self.ops.tobytes(), self.constants.tobytes(), self.spans.tobytes(), self.leaves.tobytes()

    @property
    def state_bits(self) -> int:
        """Bits of state a character has."""
        return self.planes + 64 * len(self.spans)


def plane(node: int, which: int) -> int:
    """The address of a node's plane."""
    return ~(4 * node + which)


def leaf_row(leaf: int, which: int) -> int:
    """The address of a leaf's scratch row."""
    return 2 + PER_LEAF * leaf + which


READS: dict[Op, tuple[int, ...]] = {
    Op.AND: (2, 3),
    Op.OR: (2, 3),
    Op.AND_NOT: (2, 3),
    Op.COPY: (2,),
    Op.LEAF: (3,),
    Op.FINISH_F: (2, 3, 4),
    Op.FINISH_R: (2, 3, 4),
    Op.KILL: (3,),
    Op.COUNT: (4, 5),
    Op.SET: (2,),
    Op.CLEAR: (2,),
    Op.KEEP: (),
    Op.DUE: (3,),
    Op.DRAW: (3,),
}
"""Which columns are addresses that an operation reads."""
WRITES = (Op.AND, Op.OR, Op.AND_NOT, Op.COPY, Op.COUNT, Op.DUE, Op.DRAW)
"""Operations whose first column is the address they write."""
