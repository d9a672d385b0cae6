"""Owns the emitter: it collects operations, leaves out those that do nothing, and gives values their scratch rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.program import ALL, COLUMNS, PER_LEAF, READS, WRITES, ZERO, Keeper, Op, R, plane


@dataclass(slots=True)
class Emitter:
    """Collects operations; every value gets a scratch row of its own."""

    leaves: int
    conditions: int
    planes: int
    ops: list[tuple[int, ...]] = field(default_factory=list)
    constants: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    keepers: list[Keeper] = field(default_factory=list)
    cooling: list[tuple[int, int, int, int]] = field(default_factory=list)
    timed: list[tuple[int, int, int]] = field(default_factory=list)
    kept: list[tuple[int, int, int]] = field(default_factory=list)
    scratch: int = 0

    def __post_init__(self) -> None:
        self.scratch = 2 + PER_LEAF * self.leaves + self.conditions

    def emit(self, op: Op, *columns: int) -> None:
        """Add an operation."""
        self.ops.append((int(op), *columns))

    def value(self, op: Op, *columns: int) -> int:
        """Add an operation whose first column is a fresh scratch row, and give that row."""
        row = self.scratch
        self.scratch += 1
        self.emit(op, row, *columns)
        return row

    def both(self, a: int, b: int) -> int:
        """A and b."""
        if ZERO in (a, b):
            return ZERO
        if a in (ALL, b):
            return b
        return self.value(Op.AND, a, b)

    def either(self, a: int, b: int) -> int:
        """A or b."""
        if ZERO in (a, b):
            return b if a == ZERO else a
        return self.value(Op.OR, a, b) if a != b else a

    def but(self, a: int, b: int) -> int:
        """A and not b."""
        if a in (ZERO, b):
            return ZERO
        return self.value(Op.AND_NOT, a, b) if b != ZERO else a

    def timer(self, node: int, span: tuple[int, int]) -> int:
        """A timer of the node: least microseconds, and how many more may be drawn."""
        self.spans.append(span)
        self.keepers.append(Keeper(node, len(self.spans) - 1, 0))
        return len(self.spans) - 1

    def counter(self, node: int, last: int) -> tuple[int, int]:
        """Planes for a counter that reaches `last`: the first one's row, and how many."""
        first, bits = self.planes, last.bit_length()
        self.planes += bits
        self.keepers.append(Keeper(node, first, bits))
        return first, bits

    def constant(self, value: int) -> int:
        """The place of a constant."""
        self.constants.append(value)
        return len(self.constants) - 1

    def count(self, node: int, last: int, inc: int, zero: int) -> int:
        """Count where `inc`, from 0 where `zero`; gives where a count that went up is `last`."""
        first, bits = self.counter(node, last)
        self.kept.append((first, first + bits, node))
        return self.value(Op.COUNT, ~first, bits, inc, zero, self.constant(last))

    def close(self) -> None:
        """At the end of the tick, when nothing is killed any more: cooldowns begin, and what has ended is forgotten."""
        for timer, node, ran, succeeded in self.cooling:
            self.emit(Op.SET, timer, self.either(self.but(ran, plane(node, R)), succeeded), node)
        for timer, node, had in self.timed:
            self.emit(Op.CLEAR, timer, self.but(had, plane(node, R)))
        for first, last, node in self.kept:
            self.emit(Op.KEEP, first, last, node)


def packed(out: Emitter) -> tuple[int, NDArray[np.int32]]:
    """Let values that are no more needed lend their scratch rows to later ones: scratch stays in the cache."""
    fixed = 2 + PER_LEAF * out.leaves + out.conditions
    last: dict[int, int] = {}
    for place, op in enumerate(out.ops):
        for row in _addresses(op):
            last[row] = place
    where: dict[int, int] = {}
    free: list[int] = []
    rows = fixed
    table = np.zeros((len(out.ops), COLUMNS), np.int32)
    for place, op in enumerate(out.ops):
        columns = [*op]
        for column in READS[Op(op[0])]:
            columns[column] = where.get(op[column], op[column])
        if op[0] in WRITES and op[1] >= fixed:
            where[op[1]] = free.pop() if free else rows
            rows = max(rows, where[op[1]] + 1)
            columns[1] = where[op[1]]
        table[place, : len(columns)] = columns
        for row in sorted({each for each in _addresses(op) if each >= fixed and last[each] == place}):
            free.append(where.pop(row))
    return rows, table


def _addresses(op: tuple[int, ...]) -> Iterator[int]:
    if op[0] in WRITES:
        yield op[1]
    for column in READS[Op(op[0])]:
        yield op[column]
