"""What is refused before the first tick, and that nothing can be changed after it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from behaviors.errors import FormError, FrozenError, RuleError
from behaviors.forest import Forest
from behaviors.forms import MAX_DEPTH
from behaviors.reference import ReferenceExecutor
from behaviors.trees import Leaf, Modifier, Modify, Node, Parallel, Repeat, Selector, Sequence, Tree
from tests.behaviors.play import A, B, C, filtered, forest_of, modified
from tests.behaviors.stage import PAD

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def refusal(root: Node, **orientations: str) -> FormError:
    with pytest.raises(FormError) as caught:
        forest_of(root, **orientations)
    return caught.value


@pytest.mark.parametrize("form", [Sequence(()), Selector(()), Parallel(()), Selector((A, Sequence(())))])
def test_an_empty_composite_is_refused(form: Node) -> None:
    assert refusal(form).code == "empty"


def test_a_refusal_names_the_path_to_the_node() -> None:
    assert refusal(Selector((A, Repeat(Sequence(()))))).where == "tree/selector[1]/repeat[0]"


@pytest.mark.parametrize("times", [0, -1, True])
def test_a_repeat_of_zero_or_fewer_is_refused(times: int) -> None:
    assert refusal(Repeat(A, times)).code == "bad_count"


def test_a_repeat_is_counted_or_until_but_not_both() -> None:
    assert refusal(Repeat(A, 2, "success")).code == "two_ends"


@pytest.mark.parametrize("index", [-1, 2, "two", True])
def test_a_parallel_with_a_wrong_index_is_refused(index: int) -> None:
    assert refusal(Parallel((A, B), index)).code == "wrong_index"


def test_a_parallel_of_opposed_orientations_is_refused() -> None:
    found = refusal(Parallel((A, Sequence((B, C)))), a="joy", c="fear")
    assert found.code == "opposed"
    assert "`a` (joy) and `c` (fear)" in found.message
    forest_of(Parallel((A, Sequence((B, C)))), a="joy", c="anger")
    forest_of(Selector((A, C)), a="joy", c="fear")


@pytest.mark.parametrize("modifier", [Modifier.TIMEOUT, Modifier.COOLDOWN, Modifier.DELAY])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_modifier_with_a_wrong_value_is_refused(modifier: Modifier, value: float) -> None:
    assert refusal(Modify(A, modifier, value)).code == "bad_time"
    assert refusal(Modify(A, Modifier.RETRY, value)).code == "bad_count"
    assert refusal(Modify(A, Modifier.RETRY, 1.5)).code == "bad_count"


def test_a_guard_and_its_condition_belong_together() -> None:
    assert refusal(Modify(A, Modifier.GUARD)).code == "bad_guard"
    assert refusal(modified(A, Modifier.INVERT, condition="fear < 0.5")).code == "bad_guard"


def test_a_tree_too_deep_is_refused() -> None:
    deep: Node = A
    for _ in range(MAX_DEPTH):
        deep = Modify(deep, Modifier.INVERT)
    assert refusal(deep).code == "too_deep"


def test_a_leaf_that_names_no_rule_is_refused() -> None:
    with pytest.raises(RuleError, match="no rule `b`"):
        Forest([Tree("tree", Selector((A, Leaf("b"))))], {"a": forest_of(A).rules[0]}, PAD)


def test_a_forest_is_frozen() -> None:
    forest = forest_of(Selector((A, B)))
    with pytest.raises(FrozenError, match="never change") as caught:
        forest.trees = ()
    assert "between two ticks" in caught.value.remedy
    with pytest.raises(FrozenError):
        del forest.rules
    with pytest.raises(ValueError, match="read-only"):
        forest.slots.rule[0] = 1


def test_the_py_trees_nodes_of_a_running_tree_are_frozen() -> None:
    executor = ReferenceExecutor(forest_of(Selector((A, filtered(B)))))
    root = executor.root(0)
    assert root is not None
    for name in ("add_child", "add_children", "insert_child", "prepend_child", "remove_child", "replace_child"):
        with pytest.raises(FrozenError):
            getattr(root, name)(root.children[0])
    with pytest.raises(FrozenError):
        root.remove_all_children()  # type: ignore[attr-defined]
    assert isinstance(root.children, tuple)


def test_slots_are_ordered_by_character_and_then_from_left_to_right() -> None:
    shared = Selector((A, filtered(Sequence((B, C)))))
    forest = forest_of(shared, None, B, shared)
    assert forest.slots.character.tolist() == [0, 0, 0, 2, 3, 3, 3]
    assert forest.slots.leaf.tolist() == [0, 1, 2, 0, 0, 1, 2]
    assert [forest.rule(slot).name for slot in range(7)] == ["a", "b", "c", "b", "a", "b", "c"]
    assert forest.slot_start.tolist() == [0, 3, 3, 4, 7]
    assert forest.node_start.tolist() == [0, 6, 6, 7, 13]
    assert forest.condition_start.tolist() == [0, 1, 1, 1, 2]
    assert [character for character, _ in forest.conditions] == [0, 3]


def test_every_test_that_a_rule_names_exists() -> None:
    defined = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    sources = [*sorted((ROOT / "behaviors").rglob("*.py")), ROOT / "docs" / "behaviors.md"]
    named = {name for path in sources for name in re.findall(r"`(test_\w+)`", path.read_text(encoding="utf-8"))}
    assert len(named) > 40
    assert named - defined == set()
