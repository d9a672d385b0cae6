"""Owns the syntax tree of the trigger language, and its canonical text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in its text: characters from 0. Never part of a node's identity."""

    offset: int = field(default=0, compare=False, kw_only=True)
    width: int = field(default=1, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Place):
    """A number in metres (`unit` is "m"), seconds ("s") or plain ("")."""

    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Truth(Place):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name(Place):
    """A name with at most two dots: `fear`, `bearer.fear`, `bearer.mood.dominance`."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Place):
    """`-x` or `not x`."""

    op: Literal["-", "not"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Place):
    """Two operands and one of `+ - * / and or`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Place):
    """A chain such as `0.2 < fear <= 0.6`: one operator fewer than operands. All links must be true."""

    ops: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call(Place):
    """`min`, `max`, `abs` or `clamp` of its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Truth | Name | Unary | Binary | Comparison | Call

OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, ATOM = range(8)
LEVEL = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: `text` as written, `root` its tree. `str()` gives the canonical text."""

    text: str
    root: Node

    def __str__(self) -> str:
        return unparse(self.root)


def operands(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, left to right."""
    match node:
        case Unary(operand=one):
            return (one,)
        case Binary(left=left, right=right):
            return (left, right)
        case Comparison(operands=several) | Call(arguments=several):
            return several
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """All nodes, each before those below it."""
    yield node
    for each in operands(node):
        yield from walk(each)


def names(expression: Expression) -> tuple[tuple[str, int, int], ...]:
    """Every use of a name, left to right, as (name, offset, width)."""
    return tuple((each.name, each.offset, each.width) for each in walk(expression.root) if isinstance(each, Name))


def number_text(value: float) -> str:
    """Decimal digits without an exponent, which reads back as the same float."""
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def unparse(node: Node, outer: int = OR) -> str:
    """Canonical text: parsing it gives an equal tree. Brackets only where `outer`, the level around it, needs them."""
    text, level = _text(node)
    return f"({text})" if level < outer else text


def _text(node: Node) -> tuple[str, int]:
    match node:
        case Number(value=value, unit=unit):
            return f"{number_text(value)} {unit}".rstrip(), ATOM
        case Truth(value=truth):
            return ("true" if truth else "false"), ATOM
        case Name(name=name):
            return name, ATOM
        case Unary(op="-", operand=operand):
            return f"-{unparse(operand, SIGN)}", SIGN
        case Unary(operand=operand):
            return f"not {unparse(operand, NOT)}", NOT
        case Binary(op=op, left=left, right=right):
            level = LEVEL[op]
            return f"{unparse(left, level)} {op} {unparse(right, level + 1)}", level
        case Comparison(ops=ops, operands=several):
            parts = [unparse(several[0], SUM)]
            for op, operand in zip(ops, several[1:], strict=True):
                parts += [op, unparse(operand, SUM)]
            return " ".join(parts), COMPARE
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(unparse(each) for each in arguments)})", ATOM
