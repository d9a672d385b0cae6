"""Trees built by hand from py_trees objects."""

from __future__ import annotations

import numpy as np
import py_trees
import pytest
from py_trees.behaviour import Behaviour
from py_trees.common import ParallelPolicy, Status

from behaviors import CompiledExecutor, Do, ReferenceExecutor, While, adopt, executor_for
from behaviors.errors import FormError
from behaviors.expressions import parse
from behaviors.trees import Filter, Leaf, Modifier, Modify, Parallel, Repeat, Selector, Sequence
from tests.behaviors.equality import compare
from tests.behaviors.fuzz import in_numpy
from tests.behaviors.growth import forest_of

COMPOSITES, DECORATORS = py_trees.composites, py_trees.decorators


class Countdown(Behaviour):
    """Succeeds in its third tick."""

    def initialise(self) -> None:
        self.left = 3

    def update(self) -> Status:
        self.left -= 1
        return Status.RUNNING if self.left else Status.SUCCESS


def test_a_tree_built_from_py_trees_objects_compiles() -> None:
    def mine() -> Behaviour:
        script = COMPOSITES.Sequence("script", True, [Do("b"), DECORATORS.Retry("retry", Do("c"), 3)])
        both = COMPOSITES.Parallel("both", ParallelPolicy.SuccessOnAll(), [Do("d"), DECORATORS.Repeat("r", Do("a"), 2)])
        first = While("fear < 0.5", Do("a"))
        return COMPOSITES.Selector("root", False, [first, DECORATORS.Inverter("not", script), both])

    tree = adopt("mine", mine)
    assert tree.root == Selector(
        (
            Filter(Leaf("a"), parse("fear < 0.5")),
            Modify(Sequence((Leaf("b"), Modify(Leaf("c"), Modifier.RETRY, 3.0))), Modifier.INVERT),
            Parallel((Leaf("d"), Repeat(Leaf("a"), 2))),
        )
    )
    assert compare([tree.root] * 70, 3, 0.5, in_numpy)
    assert isinstance(executor_for(forest_of([tree.root] * 70)), CompiledExecutor)


@pytest.mark.parametrize(
    "node",
    [
        COMPOSITES.Sequence("s", False, [Do("a")]),
        COMPOSITES.Selector("s", True, [Do("a")]),
        COMPOSITES.Parallel("p", ParallelPolicy.SuccessOnAll(synchronise=False), [Do("a")]),
        DECORATORS.Timeout("t", Do("a"), 1.0),
    ],
)
def test_a_node_that_means_something_else_is_refused(node: Behaviour) -> None:
    with pytest.raises(FormError):
        adopt("mine", lambda: node)


def test_a_foreign_behaviour_runs_on_the_reference_executor() -> None:
    tree = adopt("mine", lambda: COMPOSITES.Sequence("s", True, [Countdown("countdown"), Do("a")]))
    with pytest.warns(UserWarning, match="not ours .countdown."):
        executor = executor_for(forest_of([tree.root] * 100))
    assert isinstance(executor, ReferenceExecutor)
    yes, none = np.ones(100, np.bool_), np.zeros(100, np.uint8)
    started = [executor.tick(now, yes, yes, none, np.zeros(0, np.bool_)).running.all() for now in range(4)]
    assert started == [False, False, True, True]
    with pytest.raises(FormError):
        CompiledExecutor(executor.forest)


def test_a_rule_is_not_ticked_by_py_trees_itself() -> None:
    with pytest.raises(FormError):
        Do("a").tick_once()
