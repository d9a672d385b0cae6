"""One character plays one tree, tick by tick: the shared vocabulary of the tests of the forms."""

from __future__ import annotations

import numpy as np

from behaviors.executor import Ended, ExecutorState, Reported
from behaviors.expressions import parse
from behaviors.forest import Forest
from behaviors.reference import ReferenceExecutor
from behaviors.rules import AutonomousRule, State
from behaviors.trees import Filter, Leaf, Modifier, Modify, Node, Tree, leaves
from tests.behaviors.stage import PAD, rule

SECOND = 1_000_000


A, B, C = Leaf("a"), Leaf("b"), Leaf("c")


def filtered(child: Node, condition: str = "fear < 0.5") -> Filter:
    return Filter(child, parse(condition))


def modified(child: Node, modifier: Modifier, value: float = 0.0, condition: str | None = None) -> Modify:
    return Modify(child, modifier, value, None if condition is None else parse(condition))


def forest_of(*roots: Node | None, **orientations: str) -> Forest:
    rules: dict[str, AutonomousRule] = {}
    for root in roots:
        if root is not None:
            rules |= {
                each.rule: rule(each.rule, "self", "true", orientation=orientations.get(each.rule, "neutral"))
                for each in leaves(root)
            }
    return Forest([None if root is None else Tree("tree", root) for root in roots], rules, PAD)


class Play:
    """Ticks one tree. Leaves are named by one letter; every letter of an argument means that leaf."""

    def __init__(self, root: Node) -> None:
        self.forest = forest_of(root)
        self.executor = ReferenceExecutor(self.forest)
        self.names = [each.rule for each in leaves(root)]
        self.running = np.zeros(len(self.names), np.bool_)
        self.now_us = 0

    def tick(
        self,
        ready: str = "",
        *,
        ok: str = "",
        bad: str = "",
        late: str = "",
        lost: str = "",
        when: bool | tuple[bool, ...] = True,
        after: float = 0.1,
    ) -> str:
        """One tick, `after` seconds after the last. Gives stops and starts, such as `-a:success +b`.

        `ready` leaves may start; `ok`, `bad`, `late` ones have that result; `lost` ones lose their trigger; `when` is
        the value of the conditions.
        """
        self.now_us += round(after * SECOND)
        reported = np.zeros(len(self.names), np.uint8)
        for letters, code in ((ok, Reported.SUCCESS), (bad, Reported.FAILURE), (late, Reported.TIMEOUT)):
            reported[self._pick(letters)] = code
        conditions = np.zeros(len(self.forest.conditions), np.bool_)
        conditions[:] = when
        outcomes = self.executor.tick(self.now_us, self._pick(ready), ~self._pick(lost), reported, conditions)
        stops = [
            f"-{self.names[s]}:{Ended(int(outcomes.ended[s])).name.lower()}" for s in np.flatnonzero(outcomes.ended)
        ]
        starts = [f"+{self.names[s]}" for s in np.flatnonzero(outcomes.running & ~self.running)]
        assert not (outcomes.ended.astype(bool) & outcomes.running).any()
        self.running = outcomes.running
        return " ".join(stops + starts)

    def _pick(self, letters: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.array([name in letters for name in self.names], np.bool_)

    def status(self) -> State:
        """The root's status in the last tick."""
        return State(int(self.executor.state().status[0]))

    @property
    def state(self) -> ExecutorState:
        return self.executor.state()


def bytes_of(state: ExecutorState) -> bytes:
    return state.status.tobytes() + state.counter.tobytes() + state.deadline_us.tobytes()
