"""Laws of expressions: printing loses nothing, and programs compute what a plain evaluator computes."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors.expressions import Expression, ExpressionFault, compile, parse
from behaviors.expressions.syntax import Binary, Call, Comparison, Name, Node, Number, Truth, Unary

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
NUMBERS = ("fear", "joy", "bearer.mood.dominance", "likes")
FLAGS = ("lit", "world.night")

unhurried = settings(deadline=None)
finite = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 4))
leaf_numbers = st.one_of(finite.map(Number), st.sampled_from(NUMBERS).map(Name))


def arithmetic(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), below, below),
        st.builds(lambda left, by: Binary("/", left, Number(by)), below, st.floats(0.5, 9).map(lambda v: round(v, 2))),
        st.builds(lambda operand: Unary("-", operand), below),
        st.builds(lambda name, several: Call(name, tuple(several)), st.sampled_from(("min", "max")), several(below)),
        st.builds(lambda one: Call("abs", (one,)), below),
        st.builds(lambda a, b, c: Call("clamp", (a, b, c)), below, below, below),
    )


def several(below: st.SearchStrategy[Node]) -> st.SearchStrategy[list[Node]]:
    return st.lists(below, min_size=2, max_size=3)


quantities: st.SearchStrategy[Node] = st.recursive(leaf_numbers, arithmetic, max_leaves=6)


@st.composite
def comparisons(draw: st.DrawFn) -> Node:
    operands = draw(st.lists(quantities, min_size=2, max_size=3))
    ops = draw(
        st.lists(
            st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), min_size=len(operands) - 1, max_size=len(operands) - 1
        )
    )
    return Comparison(tuple(ops), tuple(operands))


leaf_conditions = st.one_of(comparisons(), st.sampled_from(FLAGS).map(Name), st.booleans().map(Truth))
conditions: st.SearchStrategy[Node] = st.recursive(
    leaf_conditions,
    lambda below: st.one_of(
        st.builds(Binary, st.sampled_from(("and", "or")), below, below),
        st.builds(lambda operand: Unary("not", operand), below),
    ),
    max_leaves=8,
)
worlds = st.fixed_dictionaries(
    {name: st.floats(-1, 1, allow_nan=False) for name in NUMBERS}
    | {name: st.sampled_from((0.0, 1.0)) for name in FLAGS}
)


def plain(node: Node, world: dict[str, float]) -> Any:
    """What an expression means, in plain Python, one world at a time."""
    match node:
        case Number(value=value):
            return value
        case Truth(value=truth):
            return truth
        case Name(name=name):
            return world[name]
        case Unary(op=op, operand=operand):
            inner = plain(operand, world)
            return not inner if op == "not" else -inner
        case Binary(op=op, left=left, right=right):
            a, b = plain(left, world), plain(right, world)
            if op in ("and", "or"):
                return (a and b) if op == "and" else (a or b)
            return {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[op](a, b)
        case Comparison(ops=ops, operands=operands):
            values = [plain(each, world) for each in operands]
            links = zip(ops, values, values[1:], strict=False)
            return all(TESTS[op](a, b) for op, a, b in links)
        case Call(function=function, arguments=arguments):
            values = [plain(each, world) for each in arguments]
            if function == "clamp":
                return min(max(values[0], values[1]), values[2])
            return abs(values[0]) if function == "abs" else (min if function == "min" else max)(values)


@unhurried
@given(conditions)
def test_printing_and_reading_again_gives_an_equal_tree(root: Node) -> None:
    expression = Expression("", root)
    try:
        again = parse(str(expression))
    except ExpressionFault as fault:
        assert fault.slug in ("too-deep", "too-long")
        return
    assert again.root == root


@unhurried
@given(conditions, st.lists(worlds, min_size=1, max_size=4))
def test_a_program_computes_what_a_plain_evaluator_computes(root: Node, several: list[dict[str, float]]) -> None:
    program = compile(Expression("", root))
    columns = {name: np.array([world[name] for world in several]) for name in NUMBERS + FLAGS}
    found = np.broadcast_to(program(columns.__getitem__), (len(several),))
    assert found.dtype == np.bool_
    assert found.tolist() == [bool(plain(root, world)) for world in several]


@unhurried
@given(conditions, worlds)
def test_a_program_also_runs_on_single_numbers(root: Node, world: dict[str, float]) -> None:
    assert compile(Expression("", root))(world.__getitem__) == bool(plain(root, world))


@unhurried
@given(st.text(alphabet="aF0.5<>=!&|()+-*/, mins%\n\tμ"))
def test_no_text_does_anything_but_parse_or_fault_inside_itself(text: str) -> None:
    try:
        parse(text)
    except ExpressionFault as fault:
        assert 0 <= fault.offset <= len(text)
        assert fault.message


def test_columns_broadcast_inflicters_against_candidates() -> None:
    program = compile(parse("fear > bearer.fear and distance < 2 m"))
    columns = {
        "fear": np.array([[0.5], [0.1]]),
        "bearer.fear": np.array([[0.2, 0.9, 0.3]]),
        "distance": np.array([[1.0, 1.0, 3.0], [1.0, 1.0, 1.0]]),
    }
    assert program(columns.__getitem__).tolist() == [[True, False, False], [False, False, False]]


def test_a_program_lists_each_name_it_needs_once() -> None:
    assert compile(parse("fear > 0.2 and joy < fear")).names == ("fear", "joy")
