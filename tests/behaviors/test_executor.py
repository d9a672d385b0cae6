"""The reference executor against a plain model of the tables, and the laws that every executor keeps."""

from __future__ import annotations

import numpy as np
import py_trees
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_trees.common import Status

from behaviors.errors import StateError
from behaviors.executor import Ended, ExecutorState
from behaviors.reference import ReferenceExecutor
from behaviors.trees import Leaf, Modifier, Modify, Node, Parallel, Repeat, Selector, Sequence
from tests.behaviors.growth import TICKS, examples, forest_of, leaf_forms, script, seeds, several_trees, shares
from tests.behaviors.model import Inputs, Model
from tests.behaviors.play import bytes_of

thorough, brief = examples(250), examples(50)


@thorough
@given(several_trees, seeds, shares)
def test_the_reference_executor_does_what_the_tables_say(roots: list[Node | None], seed: int, share: float) -> None:
    forest = forest_of(roots)
    executor = ReferenceExecutor(forest)
    models = {row: Model(root, row) for row, root in enumerate(roots) if root is not None}
    for tick in script(forest, seed, share):
        outcomes = tick.give(executor)
        state = executor.state()
        for row, model in models.items():
            slots = slice(*forest.slot_start[row : row + 2].tolist())
            conditions = slice(*forest.condition_start[row : row + 2].tolist())
            nodes = slice(*forest.node_start[row : row + 2].tolist())
            running, ended = model.tick(
                Inputs(
                    tick.now_us,
                    tick.ready[slots].tolist(),
                    tick.holds[slots].tolist(),
                    tick.reported[slots].tolist(),
                    tick.conditions[conditions].tolist(),
                )
            )
            assert state.status[nodes].tolist() == [twig.status for twig in model.twigs]
            assert outcomes.running[slots].tolist() == running
            assert outcomes.ended[slots].tolist() == ended
            assert state.counter[nodes].tolist() == [twig.counter for twig in model.twigs]
            assert state.deadline_us[nodes].tolist() == [twig.deadline for twig in model.twigs]


@brief
@given(several_trees, seeds)
def test_every_start_has_exactly_one_stop_and_every_stop_a_reason_that_fits(
    roots: list[Node | None], seed: int
) -> None:
    forest = forest_of(roots)
    executor = ReferenceExecutor(forest)
    running = np.zeros(len(forest.slots), np.bool_)
    for tick in script(forest, seed, 0.5):
        outcomes = tick.give(executor)
        stopped = outcomes.ended != Ended.NONE
        assert np.array_equal(stopped, running & ~outcomes.running)
        for slot in np.flatnonzero(stopped).tolist():
            reason = Ended(int(outcomes.ended[slot]))
            if tick.reported[slot]:
                assert reason == tick.reported[slot]
            elif reason is Ended.TRIGGER_LOST:
                assert not tick.holds[slot]
            else:
                first = int(forest.slot_start[forest.slots.character[slot]])
                started = (outcomes.running & ~running)[first:slot].any()
                assert reason is (Ended.OUTRANKED if started else Ended.PARENT_ENDED)
        running = outcomes.running


@brief
@given(several_trees, seeds, st.integers(0, TICKS - 1))
def test_restoring_a_saved_state_changes_nothing(roots: list[Node | None], seed: int, moment: int) -> None:
    forest = forest_of(roots)
    one = ReferenceExecutor(forest)
    ticks = script(forest, seed, 0.3)
    for tick in ticks[:moment]:
        tick.give(one)
    other = ReferenceExecutor(forest_of(roots))
    other.restore(one.state())
    assert bytes_of(other.state()) == bytes_of(one.state())
    for tick in ticks[moment:]:
        mine, theirs = tick.give(one), tick.give(other)
        assert mine.running.tobytes() == theirs.running.tobytes()
        assert mine.ended.tobytes() == theirs.ended.tobytes()
        assert bytes_of(one.state()) == bytes_of(other.state())


@brief
@given(several_trees, seeds)
def test_trees_do_not_disturb_each_other(roots: list[Node | None], seed: int) -> None:
    together = ReferenceExecutor(forest_of(roots))
    ticks = script(together.forest, seed, 0.3)
    for row, root in enumerate(roots):
        if root is None:
            continue
        alone = ReferenceExecutor(forest_of([root]), np.array([row], np.uint64))
        together.restore(ReferenceExecutor(forest_of(roots)).state())
        slots = slice(*together.forest.slot_start[row : row + 2].tolist())
        rows = slice(*together.forest.condition_start[row : row + 2].tolist())
        for tick in ticks:
            both = tick.give(together)
            single = alone.tick(
                tick.now_us, tick.ready[slots], tick.holds[slots], tick.reported[slots], tick.conditions[rows]
            )
            assert both.running[slots].tobytes() == single.running.tobytes()
            assert both.ended[slots].tobytes() == single.ended.tobytes()


class Stock(py_trees.behaviour.Behaviour):
    """A stock leaf that answers what it is told."""

    def __init__(self, answers: dict[int, Status], place: int) -> None:
        super().__init__(f"leaf {place}")
        self.answers = answers
        self.place = place

    def update(self) -> Status:
        return self.answers[self.place]


def native(form: Node, answers: dict[int, Status]) -> py_trees.behaviour.Behaviour:
    """The same tree of stock py_trees nodes; leaf n answers `answers[n]`."""
    match form:
        case Leaf():
            answers[len(answers)] = Status.FAILURE
            return Stock(answers, len(answers) - 1)
        case Sequence(children=several):
            return py_trees.composites.Sequence("s", True, [native(each, answers) for each in several])
        case Selector(children=several):
            return py_trees.composites.Selector("s", False, [native(each, answers) for each in several])
        case Parallel(children=several):
            policy = py_trees.common.ParallelPolicy.SuccessOnAll(synchronise=True)
            return py_trees.composites.Parallel("p", policy, [native(each, answers) for each in several])
        case Repeat(child=child, times=times):
            return py_trees.decorators.Repeat("r", native(child, answers), times or -1)
        case Modify(child=child, modifier=Modifier.RETRY, value=value):
            return py_trees.decorators.Retry("r", native(child, answers), int(value))
        case Modify(child=child):
            return py_trees.decorators.Inverter("i", native(child, answers))
        case _:
            raise AssertionError(form)


def stock_forms(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(below, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Sequence, several),
        st.builds(Selector, several),
        st.builds(Parallel, several),
        st.builds(Repeat, below, st.one_of(st.none(), st.integers(1, 3))),
        st.builds(Modify, below, st.just(Modifier.INVERT)),
        st.builds(Modify, below, st.just(Modifier.RETRY), st.integers(1, 3).map(float)),
    )


@brief
@given(stock_forms(st.one_of(leaf_forms, stock_forms(leaf_forms))), seeds)
def test_where_py_trees_has_the_form_the_root_status_is_the_same(form: Node, seed: int) -> None:
    executor = ReferenceExecutor(forest_of([form]))
    answers: dict[int, Status] = {}
    stock = native(form, answers)
    chance = np.random.default_rng(seed)
    codes = {Status.SUCCESS: 1, Status.FAILURE: 2, Status.RUNNING: 0}
    running = np.zeros(len(answers), np.bool_)
    for now in range(1, TICKS):
        for leaf, runs in enumerate(running.tolist()):
            choices = (Status.RUNNING, Status.FAILURE, Status.SUCCESS)[: 3 if runs else 2]
            answers[leaf] = choices[int(chance.integers(len(choices)))]
        wanted = list(answers.values())
        running = executor.tick(
            now,
            np.array([each is Status.RUNNING for each in wanted]),
            np.ones(len(wanted), np.bool_),
            np.array([codes[each] for each in wanted], np.uint8),
            np.zeros(0, np.bool_),
        ).running
        stock.tick_once()
        root = executor.root(0)
        assert root is not None
        assert root.status is stock.status


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    executor = ReferenceExecutor(forest_of([Leaf("a")]))
    before = bytes_of(executor.state())
    zeros = np.zeros(1, np.int64)
    for bad in (
        ExecutorState(np.zeros(2, np.uint8), zeros, zeros),
        ExecutorState(np.array([9], np.uint8), zeros, zeros),
        ExecutorState(np.zeros(1, np.uint8), zeros - 1, zeros),
    ):
        with pytest.raises(StateError):
            executor.restore(bad)
    assert bytes_of(executor.state()) == before


def test_a_tree_at_rest_is_not_ticked_until_an_input_changes_or_a_timer_runs_out() -> None:
    executor = ReferenceExecutor(forest_of([Modify(Leaf("a"), Modifier.COOLDOWN, 1.0)]))
    yes, no, nothing = np.ones(1, np.bool_), np.zeros(1, np.bool_), np.zeros(1, np.uint8)
    none = np.zeros(0, np.bool_)
    grown = executor._trees[0]
    executor.tick(0, yes, yes, nothing, none)
    executor.tick(1, yes, no, nothing, none)
    executor.tick(2, yes, no, nothing, none)
    executor.tick(3, yes, no, nothing, none)
    executor._pulse.now = 4
    assert not grown.tick(executor._pulse)
    assert executor.tick(1_000_000, yes, yes, nothing, none).running.tolist() == [False]
    assert executor.tick(1_000_001, yes, yes, nothing, none).running.tolist() == [True]


def test_an_empty_forest_ticks() -> None:
    executor = ReferenceExecutor(forest_of([None, None]))
    none = np.zeros(0, np.bool_)
    outcomes = executor.tick(0, none, none, np.zeros(0, np.uint8), none)
    assert outcomes.running.shape == outcomes.ended.shape == (0,)
