"""Owns the meaning check: every unknown name, wrong type, wrong unit and non-linear term of an expression at once."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from behaviors.expressions.faults import ExpressionFault
from behaviors.expressions.syntax import (
    Binary,
    Call,
    Comparison,
    Expression,
    Name,
    Node,
    Number,
    Truth,
    Unary,
    number_text,
    operands,
    unparse,
)

SHOWN_NAMES = 12


class Kind(enum.Enum):
    """What a name stands for. A CONSTANT is a plain number that never changes while a scene runs (a trait)."""

    NUMBER = "a number"
    LENGTH = "a length"
    TIME = "a time"
    BOOLEAN = "true or false"
    CONSTANT = "a constant"


UNIT = {Kind.LENGTH: "m", Kind.TIME: "s"}
WORDING = {"": "a plain number", "m": "a length", "s": "a time"}


@dataclass(frozen=True, slots=True)
class _Type:
    """What is known of a node: `unit` None when a fault below made it unknowable; `state` when it can change."""

    truth: bool
    unit: str | None = ""
    state: bool = False


def check(
    expression: Expression,
    kinds: Mapping[str, Kind] | Callable[[str], Kind | None],
    *,
    what: str = "this trigger",
) -> list[ExpressionFault]:
    """All faults, in the order of the text; an empty list means that `compile` gives a sound program.

    `kinds` knows every name that may be used (a mapping also feeds the did-you-mean); `what` is how messages call
    the expression. The whole must be true or false.
    """
    checker = _Checker(kinds, what)
    whole = checker.visit(expression.root)
    if not whole.truth and whole.unit is not None:
        checker.fault(
            "wrong-type",
            expression.root,
            f"{what} must be true or false, and this is a number",
            f"compare it: `{unparse(expression.root)} > 0.5`" if whole.unit == "" else "compare it with something",
        )
    return sorted(checker.faults, key=lambda fault: (fault.offset, fault.width))


class _Checker:
    def __init__(self, kinds: Mapping[str, Kind] | Callable[[str], Kind | None], what: str) -> None:
        self.look_up = kinds.get if isinstance(kinds, Mapping) else kinds
        self.known = tuple(kinds) if isinstance(kinds, Mapping) else ()
        self.what = what
        self.faults: list[ExpressionFault] = []

    def fault(self, slug: str, node: Node, message: str, remedy: str = "") -> None:
        self.faults.append(ExpressionFault(slug, message, node.offset, node.width, remedy))

    def visit(self, node: Node) -> _Type:
        match node:
            case Number(unit=unit):
                return _Type(False, unit)
            case Truth():
                return _Type(True)
            case Name():
                return self.name(node)
            case Unary(op="not", operand=operand):
                self.condition(operand)
                return _Type(True, state=True)
            case Unary(operand=operand):
                inner = self.quantity(operand)
                return _Type(False, inner.unit, inner.state)
            case Binary(op=("and" | "or"), left=left, right=right):
                self.condition(left)
                self.condition(right)
                return _Type(True, state=True)
            case Binary(op="*"):
                return self.product(node)
            case Binary(op="/"):
                return self.quotient(node)
            case Binary(left=left, right=right):
                return self.alike((left, right))
            case Comparison():
                return self.comparison(node)
            case Call(arguments=arguments):
                return self.alike(arguments)

    def name(self, node: Name) -> _Type:
        kind = self.look_up(node.name)
        if kind is None:
            near = difflib.get_close_matches(node.name, self.known, n=1, cutoff=0.6)
            remedy = f"did you mean `{near[0]}`?" if near else ""
            if not near and self.known:
                some = sorted(self.known)
                more = ", ..." if len(some) > SHOWN_NAMES else ""
                remedy = f"known here: {', '.join(some[:SHOWN_NAMES])}{more}"
            self.fault("unknown-name", node, f"`{node.name}` is not known in {self.what}", remedy)
            return _Type(False, None, state=True)
        return _Type(kind is Kind.BOOLEAN, UNIT.get(kind, ""), state=kind is not Kind.CONSTANT)

    def condition(self, node: Node) -> _Type:
        found = self.visit(node)
        if not found.truth and found.unit is not None:
            text = unparse(node)
            self.fault("wrong-type", node, f"`{text}` is a number, not true or false", f"compare it: `{text} > 0.5`")
        return found

    def quantity(self, node: Node) -> _Type:
        found = self.visit(node)
        if not found.truth:
            return found
        text = unparse(node)
        self.fault("wrong-type", node, f"`{text}` is true or false, not a number", f"write `{text}` or `not {text}`")
        return _Type(False, None, state=True)

    def alike(self, nodes: tuple[Node, ...]) -> _Type:
        found = [self.quantity(node) for node in nodes]
        self.same_unit(nodes, found)
        units = [each.unit for each in found if each.unit is not None]
        return _Type(False, units[0] if units else None, any(each.state for each in found))

    def same_unit(self, nodes: tuple[Node, ...], found: list[_Type]) -> None:
        """The unit in force is that of the first operand that is not a plain number."""
        units = [each.unit for each in found]
        wanted = next((unit for unit in units if unit), "")
        for node, unit in zip(nodes, units, strict=True):
            if unit is None or unit == wanted:
                continue
            text = unparse(node)
            if isinstance(node, Number) and not unit:
                remedy = f"{number_text(node.value)} {wanted}"
            else:
                remedy = f"compare and add only {WORDING[wanted].removeprefix('a ')}s here"
            self.fault("wrong-unit", node, f"`{text}` is {WORDING[unit]}, and {WORDING[wanted]} is needed", remedy)

    def comparison(self, node: Comparison) -> _Type:
        found = [self.visit(operand) for operand in node.operands]
        if all(each.truth for each in found) and set(node.ops) <= {"==", "!="}:
            return _Type(True, state=True)
        for operand, each in zip(node.operands, found, strict=True):
            if each.truth:
                text = unparse(operand)
                self.fault(
                    "wrong-type",
                    operand,
                    f"`{text}` is true or false, not a number",
                    f"write `{text}` or `not {text}` without a comparison",
                )
        numbers = [(operand, each) for operand, each in zip(node.operands, found, strict=True) if not each.truth]
        self.same_unit(tuple(operand for operand, _ in numbers), [each for _, each in numbers])
        return _Type(True, state=True)

    def product(self, node: Binary) -> _Type:
        left, right = self.quantity(node.left), self.quantity(node.right)
        if left.state and right.state and None not in (left.unit, right.unit):
            self.fault(
                "not-linear",
                node,
                f"`{unparse(node)}` multiplies two things that change",
                "multiply by a number or by a trait, or compare the two one by one",
            )
        if left.unit and right.unit:
            self.fault("wrong-unit", node.right, "two units cannot be multiplied", "make one of them a plain number")
        unit = None if None in (left.unit, right.unit) else (left.unit or "") + (right.unit or "")
        return _Type(False, unit if unit in WORDING else None, left.state or right.state)

    def quotient(self, node: Binary) -> _Type:
        left, right = self.quantity(node.left), self.quantity(node.right)
        divisor = self.constant(node.right)
        if divisor is None and right.unit is not None:
            self.fault(
                "not-linear",
                node.right,
                f"`{unparse(node.right)}` is not a fixed number, so nothing can be divided by it",
                "multiply the other side of the comparison instead",
            )
        elif divisor == 0:
            self.fault("division-by-zero", node.right, "this divides by zero", "divide by another number")
        unit = left.unit
        if right.unit:
            unit = "" if left.unit == right.unit else None
            if left.unit is not None and left.unit != right.unit:
                self.fault("wrong-unit", node.right, f"{WORDING[left.unit]} cannot be divided by {WORDING[right.unit]}")
        return _Type(False, unit, left.state or right.state)

    def constant(self, node: Node) -> float | None:
        """The value of a node without names; None when it has one, or a fault."""
        match node:
            case Number(value=value):
                return value
            case Name() | Truth() | Comparison() | Unary(op="not") | Binary(op=("and" | "or")):
                return None
        below = [self.constant(each) for each in operands(node)]
        values = [each for each in below if each is not None]
        return None if len(values) < len(below) else _fold(node, values)


def _fold(node: Node, values: list[float]) -> float | None:
    match node:
        case Unary():
            return -values[0]
        case Binary(op="+"):
            return values[0] + values[1]
        case Binary(op="-"):
            return values[0] - values[1]
        case Binary(op="*"):
            return values[0] * values[1]
        case Binary(op="/"):
            return values[0] / values[1] if values[1] else None
        case Call(function="min"):
            return min(values)
        case Call(function="max"):
            return max(values)
        case Call(function="abs"):
            return abs(values[0])
        case Call(function="clamp"):
            return min(max(values[0], values[1]), values[2])
        case _:
            return None
