"""Owns the other contenders of the behavior benchmark: py_trees, behaviortreepy and bonsai-bt, each at its fastest.

Inputs reach them as Python lists through module-level names, which is cheaper than any blackboard; making the lists is
not timed, and nor are events, which they do not have.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import ParallelPolicy, Status

from emotion_runtime.bench import workload


class Inputs:
    """The inputs of this tick, and whose turn it is."""

    fear: list[float]
    anger: list[float]
    who = 0
    fled = 0


class Peer:
    """One tree object a character, ticked one after the other."""

    def __init__(self) -> None:
        self.flee = 0
        self.events = 0

    def tick(self, inputs: workload.Walk) -> float:
        """See `Contender.tick`."""
        Inputs.fear, Inputs.anger = inputs.tolist()
        Inputs.fled = 0
        begin = time.perf_counter()
        self.tick_all()
        took = time.perf_counter() - begin
        self.flee += Inputs.fled
        return took

    def tick_all(self) -> None:
        """All trees."""
        raise NotImplementedError


class Check(Behaviour):
    """A condition of py_trees that reads one input."""

    def __init__(self, name: str, who: int, above: float, of_fear: bool) -> None:
        super().__init__(name)
        self.who, self.above, self.of_fear = who, above, of_fear

    def update(self) -> Status:
        """SUCCESS above the threshold."""
        value = (Inputs.fear if self.of_fear else Inputs.anger)[self.who]
        return Status.SUCCESS if value > self.above else Status.FAILURE


class Calm(Check):
    """The reverse."""

    def update(self) -> Status:
        """FAILURE above it."""
        return Status.FAILURE if Inputs.anger[self.who] > self.above else Status.SUCCESS


class Act(Behaviour):
    """An action of py_trees that succeeds in its n-th tick, or never."""

    def __init__(self, name: str, lasts: int | None) -> None:
        super().__init__(name)
        self.lasts, self.age = lasts, 0

    def initialise(self) -> None:
        """Start to count."""
        self.age = 0

    def update(self) -> Status:
        """One tick older."""
        self.age += 1
        return Status.SUCCESS if self.age == self.lasts else Status.RUNNING


class Flee(Act):
    """The action that is counted."""

    def update(self) -> Status:
        """Run."""
        Inputs.fled += 1
        return Status.RUNNING


class PyTrees(Peer):
    """py_trees, `tick_once`, inputs by attribute."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.trees = [self._tree(who) for who in range(count)]

    def _tree(self, who: int) -> Behaviour:
        sequence, parallel = py_trees.composites.Sequence, py_trees.composites.Parallel
        repeat, inverter = py_trees.decorators.Repeat, py_trees.decorators.Inverter
        fear = sequence("fear", False, [Check("afraid", who, workload.FEAR, True), Flee("flee", None)])
        calm = inverter("angry", Calm("calm", who, workload.ANGER, False))
        anger = sequence("anger", True, [calm, Act("confront", workload.CONFRONT_TICKS)])
        look = repeat("repeat", Act("look", workload.LOOK_TICKS), workload.LOOKS)
        idle = parallel("idle", ParallelPolicy.SuccessOnAll(), [Act("stand", None), look])
        return py_trees.composites.Selector("root", False, [fear, anger, idle])

    def tick_all(self) -> None:
        """All trees."""
        for tree in self.trees:
            tree.tick_once()


XML = """<root BTCPP_format="4"><BehaviorTree ID="T"><ReactiveFallback name="root">
 <ReactiveSequence name="fear"><Fear/><Flee name="flee"/></ReactiveSequence>
 <Sequence name="anger"><Inverter><Calm/></Inverter><Confront/></Sequence>
 <Parallel name="idle" success_count="-1" failure_count="1"><Idle name="idle_anim"/>
  <Repeat num_cycles="{looks}"><Look/></Repeat></Parallel>
</ReactiveFallback></BehaviorTree></root>"""


class BehaviorTreePy(Peer):
    """behaviortreepy: BehaviorTree.CPP 4 from Python."""

    def __init__(self, count: int) -> None:
        super().__init__()
        module = import_module("behaviortreepy")
        factory = module.BehaviorTreeFactory()
        status = module.NodeStatus
        good, bad, runs = status.SUCCESS, status.FAILURE, status.RUNNING
        ages = {name: [0] * count for name in ("Confront", "Look")}

        def flee(_node: Any) -> Any:
            Inputs.fled += 1
            return runs

        def counting(name: str, lasts: int) -> None:
            age = ages[name]

            def start(_node: Any) -> Any:
                age[Inputs.who] = 1
                return runs

            def run(_node: Any) -> Any:
                age[Inputs.who] += 1
                return good if age[Inputs.who] >= lasts else runs

            factory.register_simple_stateful_action(name, start, run, None)

        factory.register_simple_condition("Fear", lambda _: good if Inputs.fear[Inputs.who] > workload.FEAR else bad)
        factory.register_simple_condition("Calm", lambda _: bad if Inputs.anger[Inputs.who] > workload.ANGER else good)
        factory.register_simple_stateful_action("Flee", flee, flee, None)
        factory.register_simple_stateful_action("Idle", lambda _: runs, lambda _: runs, None)
        counting("Confront", workload.CONFRONT_TICKS)
        counting("Look", workload.LOOK_TICKS)
        factory.register_behavior_tree_from_text(XML.format(looks=workload.LOOKS))
        self.factory = factory
        self.trees = [factory.create_tree("T") for _ in range(count)]

    def tick_all(self) -> None:
        """All trees."""
        for who, tree in enumerate(self.trees):
            Inputs.who = who
            tree.tick_exactly_once()


class Bonsai(Peer):
    """bonsai-bt: a core in Rust, leaves in Python. Its loop has no count; a thousand looks are never reached here."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.module = b = import_module("bonsai_bt")
        good, bad, runs = (b.Status.Success, 1.0), (b.Status.Failure, 1.0), (b.Status.Running, 0.0)
        confront, look = [0] * count, [0] * count

        def flee(_who: int) -> Any:
            Inputs.fled += 1
            return runs

        def counting(age: list[int], lasts: int, rest: float) -> Any:
            done = (b.Status.Success, rest)

            def act(who: int) -> Any:
                age[who] += 1
                if age[who] < lasts:
                    return runs
                age[who] = 0
                return done

            return act

        self.actions = {
            "fear": lambda who: good if Inputs.fear[who] > workload.FEAR else bad,
            "calm": lambda who: bad if Inputs.anger[who] > workload.ANGER else good,
            "flee": flee,
            "idle": lambda _: runs,
            "confront": counting(confront, workload.CONFRONT_TICKS, 1.0),
            "look": counting(look, workload.LOOK_TICKS, 0.0),
        }
        tree = b.Select(
            [
                b.Sequence([b.Action("fear"), b.Action("flee")], memory=False),
                b.Sequence([b.Invert(b.Action("calm")), b.Action("confront")]),
                b.WhenAll([b.Action("idle"), b.While(b.WaitForever(), [b.Action("look")])]),
            ],
            memory=False,
        )
        self.trees = [b.BT(tree, who) for who in range(count)]

    def tick_all(self) -> None:
        """All trees."""
        actions = self.actions

        def act(arguments: Any, who: int) -> Any:
            return actions[arguments.action](who)

        for tree in self.trees:
            if tree.tick(1.0, act) is None or tree.is_finished():
                tree.reset_bt()
