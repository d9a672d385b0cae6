"""Owns expressions as rows of numbers: what the loop of many ticks runs instead of a `Program`, with the same answer.

Everything that may be read stands in one flat column of float64, `values`; a formula is rows (operation, place, second
place) on a small stack. Pure, so `and`, `or` and chains stop as soon as their answer is known.

| operation | meaning |
| --- | --- |
| AT a | push values[a] |
| MINE a, THEIRS a | push values[a + row of the inflicter, of the bearer] |
| PAIR a | push values[a + cell of the pair in a table of characters x subjects] |
| + - * / min max, comparisons | two from the stack, one back |
| NEGATE, NOT, ABS, TRUTH | the uppermost; TRUTH makes anything but 0 a 1 |
| UNLESS a, IF a | jump to row a, the answer known, when the uppermost is false (true); else drop it |
| FUSED + 8 load + comparison, a, b | push whether what is loaded from a compares so with values[b] |
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from behaviors.expressions.syntax import Binary, Call, Comparison, Name, Node, Number, Truth, Unary

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Op(enum.IntEnum):
    """Operations, see the table above."""

    AT = 0
    MINE = 1
    THEIRS = 2
    PAIR = 3
    ADD = 4
    SUBTRACT = 5
    MULTIPLY = 6
    DIVIDE = 7
    LESS = 8
    LESS_EQUAL = 9
    MORE = 10
    MORE_EQUAL = 11
    EQUAL = 12
    OTHER = 13
    MIN = 14
    MAX = 15
    NEGATE = 16
    NOT = 17
    ABS = 18
    TRUTH = 19
    UNLESS = 20
    IF = 21
    FUSED = 32


TWO = {
    "+": Op.ADD,
    "-": Op.SUBTRACT,
    "*": Op.MULTIPLY,
    "/": Op.DIVIDE,
    "<": Op.LESS,
    "<=": Op.LESS_EQUAL,
    ">": Op.MORE,
    ">=": Op.MORE_EQUAL,
    "==": Op.EQUAL,
    "!=": Op.OTHER,
    "min": Op.MIN,
    "max": Op.MAX,
}
JUMPS = (Op.UNLESS, Op.IF)
Place = tuple[Op, int]
"""A load and where it reads: AT, MINE, THEIRS or PAIR."""
Reader = Callable[[str], Place]
NEVER = -1
"""The number of a formula that is not there."""


class Formulas:
    """Collects formulas. Places of constants begin at `first`: the column `values` ends with them."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._rows: list[tuple[int, int, int]] = []
        self._starts = [0]
        self._constants: dict[float, int] = {}
        self._known: dict[Any, int] = {}
        self.deepest = 1
        """Places of stack that the deepest one needs."""

    def add(self, node: Node, read: Reader) -> int:
        """The number of a formula; equal ones, reading the same places, share it."""
        rows, constants = list(self._rows), dict(self._constants)
        begin = len(rows)
        self.deepest = max(self.deepest, self._emit(node, read))
        mine = tuple((op, a - begin if op in JUMPS else a, b) for op, a, b in self._rows[begin:])
        known = self._known.get(mine)
        if known is not None:
            self._rows, self._constants = rows, constants
            return known
        self._known[mine] = len(self._starts) - 1
        self._starts.append(len(self._rows))
        return self._known[mine]

    def tables(self) -> tuple[Ints, Ints, Floats]:
        """Rows (P, 3), where each formula begins (F + 1,), and the constants."""
        rows = np.array(self._rows, np.int32).reshape(-1, 3)
        return rows, np.array(self._starts, np.int32), np.array(list(self._constants), np.float64)

    def _put(self, op: Op, place: int = 0) -> None:
        self._rows.append((int(op), place, 0))

    def _emit(self, node: Node, read: Reader) -> int:
        """Add the rows of a node; returns how much stack it needs."""
        match node:
            case Number(value=value):
                self._constant(value)
            case Truth(value=truth):
                self._constant(1.0 if truth else 0.0)
            case Name(name=name):
                self._put(*read(name))
            case Unary(op=op, operand=operand):
                depth = self._emit(operand, read)
                self._put(Op.NOT if op == "not" else Op.NEGATE)
                return depth
            case Binary(op="and" | "or", left=left, right=right):
                return self._linked([left, right], Op.UNLESS if node.op == "and" else Op.IF, read)
            case Binary(op=op, left=left, right=right):
                return self._two(TWO[op], left, right, read)
            case Comparison(ops=ops, operands=several):
                links = [Comparison((op,), several[place : place + 2]) for place, op in enumerate(ops)]
                if len(links) > 1:
                    return self._linked(links, Op.UNLESS, read)
                return self._two(TWO[ops[0]], several[0], several[1], read)
            case Call(function="abs", arguments=(one,)):
                depth = self._emit(one, read)
                self._put(Op.ABS)
                return depth
            case Call(function="clamp", arguments=(value, low, high)):
                return self._two(Op.MIN, Call("max", (value, low)), high, read)
            case Call(function=function, arguments=(first, *others)):
                depth = self._emit(first, read)
                for other in others:
                    depth = max(depth, 1 + self._emit(other, read))
                    self._put(TWO[function])
                return depth
        return 1

    def _constant(self, value: float) -> None:
        self._put(Op.AT, self._first + self._constants.setdefault(value, len(self._constants)))

    def _two(self, op: Op, left: Node, right: Node, read: Reader) -> int:
        begin = len(self._rows)
        first = self._emit(left, read)
        middle = len(self._rows)
        depth = max(first, 1 + self._emit(right, read))
        if Op.LESS <= op <= Op.OTHER and middle == begin + 1 and len(self._rows) == begin + 2:
            (load, a, _), (second, b, _) = self._rows[begin:]
            if load <= Op.PAIR and second == Op.AT:
                self._rows[begin:] = [(Op.FUSED + 8 * load + op - Op.LESS, a, b)]
                return 1
        self._put(op)
        return depth

    def _linked(self, parts: list[Any], jump: Op, read: Reader) -> int:
        depth, jumps = 1, []
        for part in parts[:-1]:
            depth = max(depth, self._emit(part, read))
            jumps.append(len(self._rows))
            self._put(jump)
        depth = max(depth, self._emit(parts[-1], read))
        self._put(Op.TRUTH)
        for place in jumps:
            self._rows[place] = (int(jump), len(self._rows), 0)
        return depth
