"""Owns running: a checked expression as a program over numpy columns, with no eval and no code generation."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from behaviors.expressions.syntax import Binary, Call, Comparison, Expression, Name, Node, Number, Truth, Unary, names

Value: TypeAlias = NDArray[np.float64] | float
Columns: TypeAlias = Callable[[str], Value]
"""Gives the column of a name: float64 of any shape that broadcasts with the others; booleans as 0.0 and 1.0."""

_Step: TypeAlias = Callable[[Columns], Any]

OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": np.logical_and,
    "or": np.logical_or,
    "min": np.minimum,
    "max": np.maximum,
}


class Program:
    """An expression ready to run. `names` are the columns it asks for, each once, in the order of the text."""

    __slots__ = ("_step", "names")

    def __init__(self, expression: Expression) -> None:
        self.names = tuple(dict.fromkeys(name for name, _, _ in names(expression)))
        self._step = _build(expression.root)

    def __call__(self, columns: Columns) -> NDArray[np.bool_]:
        """True where the expression holds: the broadcast shape of the columns asked for, 0-d for none.

        Only + - * / and comparisons in float64, in the order of the text: equal bits on every machine.
        """
        return np.asarray(self._step(columns), dtype=np.bool_)


def compile(expression: Expression) -> Program:
    """A program for a checked expression. Unchecked ones may divide by zero or compare what makes no sense."""
    return Program(expression)


def _constant(value: float) -> _Step:
    return lambda _columns: value


def _build(node: Node) -> _Step:
    match node:
        case Number(value=value):
            return _constant(value)
        case Truth(value=truth):
            return _constant(1.0 if truth else 0.0)
        case Name(name=name):
            return lambda columns: columns(name)
        case Unary(op="not", operand=operand):
            inner = _build(operand)
            return lambda columns: np.logical_not(inner(columns))
        case Unary(operand=operand):
            inner = _build(operand)
            return lambda columns: -inner(columns)
        case Binary(op=op, left=left, right=right):
            return _two(OPERATIONS[op], left, right)
        case Comparison():
            return _comparison(node)
        case Call():
            return _call(node)


def _two(operation: Callable[[Any, Any], Any], left: Node, right: Node) -> _Step:
    first, second = _build(left), _build(right)
    if isinstance(right, Number):
        fixed = right.value
        return lambda columns: operation(first(columns), fixed)
    return lambda columns: operation(first(columns), second(columns))


def _comparison(node: Comparison) -> _Step:
    operations = [OPERATIONS[op] for op in node.ops]
    if len(operations) == 1:
        return _two(operations[0], node.operands[0], node.operands[1])
    steps = [_build(each) for each in node.operands]

    def run(columns: Columns) -> Any:
        values = [step(columns) for step in steps]
        holds = operations[0](values[0], values[1])
        for place, operation in enumerate(operations[1:], 1):
            holds = np.logical_and(holds, operation(values[place], values[place + 1]))
        return holds

    return run


def _call(node: Call) -> _Step:
    steps = [_build(each) for each in node.arguments]
    if node.function == "abs":
        return lambda columns: abs(steps[0](columns))
    if node.function == "clamp":
        value, low, high = steps
        return lambda columns: np.minimum(np.maximum(value(columns), low(columns)), high(columns))
    operation = OPERATIONS[node.function]

    def run(columns: Columns) -> Any:
        result = steps[0](columns)
        for step in steps[1:]:
            result = operation(result, step(columns))
        return result

    return run
