"""Formulas: what an expression means to the loop is what it means to a program over columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from behaviors.expressions import Expression, compile
from behaviors.expressions.syntax import Node
from behaviors.leaping.formulas import Formulas, Op
from tests.behaviors.expressions.test_running import conditions, worlds


@settings(deadline=None, max_examples=200)
@given(conditions, worlds)
def test_a_formula_holds_where_its_program_does(node: Node, world: dict[str, float]) -> None:
    from behaviors.leaping.truths import truth

    places = {name: place for place, name in enumerate(world)}
    formulas = Formulas(len(world))
    number = formulas.add(node, lambda name: (Op.AT, places[name]))
    assert formulas.add(node, lambda name: (Op.AT, places[name])) == number
    rows, starts, constants = formulas.tables()
    values = np.concatenate([np.array(list(world.values())), constants])
    held = truth(rows, starts[number], starts[number + 1], values, 0, 0, 0, np.zeros(formulas.deepest))
    assert held == bool(compile(Expression("", node))(world.__getitem__))
