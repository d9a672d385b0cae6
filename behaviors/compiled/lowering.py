"""Owns how expressions over a character's own columns become rows of operations on registers, for the numba form.

A register holds one number for each character of a part; true is any number but 0. The result is in register 0.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from behaviors.columns import MOOD
from behaviors.expressions.syntax import Binary, Call, Comparison, Expression, Name, Node, Number, Truth, Unary
from behaviors.senses import Cast


class Act(enum.IntEnum):
    """Operations: (act, to, a, b). Registers are numbered from 0; of COLUMN a is a `Column`, b its row."""

    COLUMN = 0
    CONSTANT = 1
    NEGATIVE = 2
    NOT = 3
    ABS = 4
    ADD = 5
    SUBTRACT = 6
    MULTIPLY = 7
    DIVIDE = 8
    LESS = 9
    AT_MOST = 10
    MORE = 11
    AT_LEAST = 12
    EQUAL = 13
    OTHER = 14
    AND = 15
    OR = 16
    LEAST = 17
    MOST = 18
    COLUMN_LESS = 19
    COLUMN_MORE = 20


class Column(enum.IntEnum):
    """What a COLUMN reads. COLUMN_LESS and COLUMN_MORE compare with constant b, and have both in a: 3 row + column."""

    EMOTION = 0
    MOOD = 1
    TRAITS = 2


BINARY = {
    "+": Act.ADD,
    "-": Act.SUBTRACT,
    "*": Act.MULTIPLY,
    "/": Act.DIVIDE,
    "<": Act.LESS,
    "<=": Act.AT_MOST,
    ">": Act.MORE,
    ">=": Act.AT_LEAST,
    "==": Act.EQUAL,
    "!=": Act.OTHER,
    "and": Act.AND,
    "or": Act.OR,
    "min": Act.LEAST,
    "max": Act.MOST,
}


class NotOwnError(Exception):
    """The expression reads more than the character's own columns and variables."""


@dataclass(slots=True)
class Lowering:
    """Collects the operations of many expressions; `constants` end with the variables, in the order of the cast."""

    cast: Cast
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    fixed: list[float] = field(default_factory=list)
    registers: int = 1
    shared: bool = False
    """Whether any of them reads a variable."""

    def add(self, expression: Expression) -> tuple[int, int]:
        """Add one expression; returns its first row and the one after its last. Or raises NotOwnError."""
        first = len(self.rows)
        try:
            self._put(expression.root, 0)
        except NotOwnError:
            del self.rows[first:]
            raise
        return first, len(self.rows)

    def table(self) -> NDArray[np.int32]:
        """(P, 4) all operations so far."""
        return np.array(self.rows, np.int32).reshape(-1, 4)

    def constants(self) -> NDArray[np.float64]:
        """(K + V,) the constants, with room for all variables after them; a negative number counts from the end."""
        return np.array([*self.fixed, *[0.0] * len(self.cast.variables)])

    def _row(self, act: Act, to: int, a: int, b: int = 0) -> None:
        self.registers = max(self.registers, to + 1)
        self.rows.append((int(act), to, a, b))

    def _constant(self, value: float) -> int:
        self.fixed.append(value)
        return len(self.fixed) - 1

    def _put(self, node: Node, to: int) -> None:
        match node:
            case Number(value=value):
                self._row(Act.CONSTANT, to, self._constant(value))
            case Truth(value=truth):
                self._row(Act.CONSTANT, to, self._constant(1.0 if truth else 0.0))
            case Name(name=name):
                self._name(name, to)
            case Unary(op=op, operand=operand):
                self._put(operand, to)
                self._row(Act.NOT if op == "not" else Act.NEGATIVE, to, to)
            case Binary(op=op, left=left, right=right):
                self._two(BINARY[op], left, right, to)
            case Comparison(ops=ops, operands=operands):
                for place, op in enumerate(ops):
                    free = to + min(place, 1)
                    self._two(BINARY[op], operands[place], operands[place + 1], free)
                    if place:
                        self._row(Act.AND, to, to, free)
            case Call():
                self._call(node, to)

    def _two(self, act: Act, left: Node, right: Node, to: int) -> None:
        if act in (Act.LESS, Act.MORE) and isinstance(left, Name) and isinstance(right, Number):
            column = self._column(left.name)
            if column is not None:
                fused = Act.COLUMN_LESS if act is Act.LESS else Act.COLUMN_MORE
                self._row(fused, to, 3 * column[1] + column[0], self._constant(right.value))
                return
        self._put(left, to)
        self._put(right, to + 1)
        self._row(act, to, to, to + 1)

    def _call(self, call: Call, to: int) -> None:
        self._put(call.arguments[0], to)
        if call.function == "abs":
            self._row(Act.ABS, to, to)
            return
        steps = (Act.MOST, Act.LEAST) if call.function == "clamp" else [BINARY[call.function]] * len(call.arguments)
        for act, argument in zip(steps, call.arguments[1:], strict=False):
            self._put(argument, to + 1)
            self._row(act, to, to, to + 1)

    def _column(self, name: str) -> tuple[int, int] | None:
        if name in self.cast.variables:
            return None
        bare = name.removeprefix("self.")
        if bare in self.cast.labels:
            return Column.EMOTION, self.cast.labels.index(bare)
        if bare in MOOD:
            return Column.MOOD, MOOD[bare]
        return (Column.TRAITS, self.cast.traits.index(bare)) if bare in self.cast.traits else None

    def _name(self, name: str, to: int) -> None:
        column = self._column(name)
        if column is not None:
            self._row(Act.COLUMN, to, *column)
        elif name in self.cast.variables:
            self._row(Act.CONSTANT, to, self.cast.variables[name] - len(self.cast.variables))
            self.shared = True
        else:
            raise NotOwnError
