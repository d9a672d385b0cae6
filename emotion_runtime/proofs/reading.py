"""Owns the way from an expression of the scene language to a formula, given what each of its names stands for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from behaviors.expressions.syntax import Binary, Call, Comparison, Expression, Name, Node, Number, Truth, Unary
from emotion_runtime.proofs.formulas import Flag, Formula, both, either, opposite
from emotion_runtime.proofs.terms import Term, compare, largest, number, smallest

Meaning: TypeAlias = Callable[[str], Term | Flag]
"""What a name stands for: a number, a variable, `1 - max(...)`, or a flag. Raises KeyError for one it does not know."""


def formula_of(expression: Expression, meaning: Meaning) -> Formula:
    """A checked expression as a formula. Numbers are taken as written: 0.1 is one tenth."""
    return _truth(expression.root, meaning)


def _truth(node: Node, meaning: Meaning) -> Formula:
    match node:
        case Truth(value=value):
            return value
        case Name(name=name):
            found = meaning(name)
            if isinstance(found, Term):
                raise TypeError(f"`{name}` is a number")
            return found
        case Unary(op="not", operand=operand):
            return opposite(_truth(operand, meaning))
        case Binary(op="and", left=left, right=right):
            return both([_truth(left, meaning), _truth(right, meaning)])
        case Binary(op="or", left=left, right=right):
            return either([_truth(left, meaning), _truth(right, meaning)])
        case Comparison(ops=ops, operands=operands):
            links = zip(ops, operands, operands[1:], strict=False)
            return both([_link(op, left, right, meaning) for op, left, right in links])
        case _:
            raise TypeError("a number stands where true or false is needed")


def _link(op: str, left: Node, right: Node, meaning: Meaning) -> Formula:
    if _is_truth(left, meaning):
        first, second = _truth(left, meaning), _truth(right, meaning)
        same = either([both([first, second]), both([opposite(first), opposite(second)])])
        return same if op == "==" else opposite(same)
    return compare(op, _term(left, meaning), _term(right, meaning))


def _is_truth(node: Node, meaning: Meaning) -> bool:
    match node:
        case Truth() | Comparison() | Unary(op="not") | Binary(op="and" | "or"):
            return True
        case Name(name=name):
            return isinstance(meaning(name), Flag)
        case _:
            return False


def _term(node: Node, meaning: Meaning) -> Term:
    match node:
        case Number(value=value):
            return number(exact(value))
        case Name(name=name):
            found = meaning(name)
            if isinstance(found, Flag):
                raise TypeError(f"`{name}` is true or false")
            return found
        case Unary(operand=operand):
            return _term(operand, meaning).times(Fraction(-1))
        case Binary(op="+", left=left, right=right):
            return _term(left, meaning).plus(_term(right, meaning))
        case Binary(op="-", left=left, right=right):
            return _term(left, meaning).minus(_term(right, meaning))
        case Binary(op=op, left=left, right=right):
            return _scaled(op, _term(left, meaning), _term(right, meaning))
        case Call(function=function, arguments=arguments):
            return _call(function, [_term(each, meaning) for each in arguments])
        case _:
            raise TypeError("true or false stands where a number is needed")


def _scaled(op: str, left: Term, right: Term) -> Term:
    if op == "/":
        return left.times(1 / right.constant)
    if left.fixed:
        left, right = right, left
    if not right.fixed:
        raise TypeError("two changing values are multiplied")
    return left.times(right.constant)


def _call(function: str, arguments: list[Term]) -> Term:
    match function:
        case "max":
            return largest(arguments)
        case "min":
            return smallest(arguments)
        case "abs":
            return largest([arguments[0], arguments[0].times(Fraction(-1))])
        case _:
            value, low, high = arguments
            return smallest([largest([value, low]), high])


def exact(value: float) -> Fraction:
    """A float as the shortest decimal that names it: what the designer wrote."""
    return Fraction(repr(value))
