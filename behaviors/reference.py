"""Owns the reference executor: plain py_trees, one tree of py_trees objects for each character."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors import forms
from behaviors.chance import Words, streams_of
from behaviors.executor import NOBODY, SMALL_CAST, Codes, ExecutorState, Outcomes, checked_state, why_ended
from behaviors.forest import Forest
from behaviors.forms import Node, Pulse
from behaviors.forms.choose import ChooseNode
from behaviors.forms.foreign import ForeignNode
from behaviors.forms.parallel import ParallelNode
from behaviors.rules import State
from behaviors.senses import Flags, Ints, Senses

NEVER = sys.maxsize
ENDED = (State.SUCCESS, State.FAILURE, State.ABORTED)
NO_SLOTS = np.zeros(0, np.int32)
CODES = {
    Status.INVALID: State.ABORTED,
    Status.RUNNING: State.RUNNING,
    Status.SUCCESS: State.SUCCESS,
    Status.FAILURE: State.FAILURE,
}


class _Grown:
    """One character's tree: its nodes in pre-order, its ranges in the flat tables, and whether it is at rest."""

    __slots__ = (
        "choices",
        "conditions",
        "counter",
        "deadline",
        "due",
        "inputs",
        "keepers",
        "nodes",
        "places",
        "restless",
        "root",
        "rows",
        "slots",
        "status",
    )

    def __init__(self, nodes: tuple[Node, ...], slots: slice, conditions: slice, start: int) -> None:
        self.nodes = nodes
        self.rows = slice(start, start + len(nodes))
        self.root = nodes[0]
        self.slots = slots
        self.conditions = conditions
        self.keepers = tuple(node for node in nodes if type(node).saved is not Node.saved)
        self.choices = [node.row for node in nodes if isinstance(node, ChooseNode)]
        self.restless = any(isinstance(node, ForeignNode) for node in nodes)
        self.places = [start + node.row for node in self.keepers]
        self.status = bytes(len(nodes))
        self.counter = [0] * len(self.keepers)
        self.deadline = [0] * len(self.keepers)
        self.inputs: tuple[bytes, ...] | None = None
        self.due = NEVER

    def tick(self, pulse: Pulse) -> bool:
        """Tick once; False when it was skipped because nothing can have changed.

        A tick that left every status, counter and deadline as they were leaves them so again, given the same inputs
        and no timer that ran out in between. Nobody knows that of a stranger; and a choice that ended draws again.
        """
        inputs = (
            pulse.ready[self.slots],
            pulse.holds[self.slots],
            pulse.reported[self.slots],
            pulse.conditions[self.conditions],
        )
        if inputs == self.inputs and pulse.now < self.due:
            return False
        status = bytearray(len(self.nodes))
        visited = [node for node in self.root.tick() if isinstance(node, Node) and node.row >= 0]
        for node in visited:
            status[node.row] = CODES[node.status]
        for row, before in enumerate(self.status):
            if before == State.RUNNING and not status[row]:
                status[row] = State.ABORTED
        saved = [node.saved() for node in self.keepers]
        counter = [each[0] for each in saved]
        deadline = [each[1] for each in saved]
        restless = self.restless or any(status[row] in ENDED for row in self.choices)
        settled = not restless and status == self.status and counter == self.counter and deadline == self.deadline
        self.inputs = inputs if settled else None
        self.due = min((each for each in deadline if each > pulse.now), default=NEVER)
        self.status, self.counter, self.deadline = bytes(status), counter, deadline
        return True

    def show(self, state: ExecutorState) -> None:
        """Write this tree's rows of the state."""
        state.status[self.rows] = np.frombuffer(self.status, np.uint8)
        for place, count, end in zip(self.places, self.counter, self.deadline, strict=True):
            state.counter[place] = count
            state.deadline_us[place] = end

    def restore(self, status: Codes, counter: list[int], deadline: list[int]) -> None:
        """Take a saved state over: what ran runs, all else is as if it had never been ticked."""
        for node, code in zip(self.nodes, status.tolist(), strict=True):
            node.status = Status.RUNNING if code == State.RUNNING else Status.INVALID
        kept = {node.row: place for place, node in enumerate(self.keepers)}
        for row, node in enumerate(self.nodes):
            node.restore(counter[row], deadline[row])
            if isinstance(node, ParallelNode) and node.status is Status.RUNNING:
                below = [child for child in node.children if isinstance(child, Node)]
                node.remember([status[child.row] == State.SUCCESS for child in below])
        self.status = status.tobytes()
        self.counter = [counter[row] for row in kept]
        self.deadline = [deadline[row] for row in kept]
        self.inputs = None
        self.due = NEVER


class ReferenceExecutor:
    """The readable executor, and the oracle for all others. See `behaviors.executor.Executor`."""

    def __init__(self, forest: Forest, streams: Words | None = None) -> None:
        """`streams` (n,): what chance each character has; lent."""
        self.forest = forest
        self._pulse = Pulse(len(forest.slots), streams_of(len(forest.trees)) if streams is None else streams)
        self._running = np.zeros(len(forest.slots), np.bool_)
        self._nothing: Codes = np.zeros(len(forest.slots), np.uint8)
        rows = int(forest.node_start[-1])
        self._state = ExecutorState(np.zeros(rows, np.uint8), np.zeros(rows, np.int64), np.zeros(rows, np.int64))
        self._trees: dict[int, _Grown] = {}
        for character, tree in enumerate(forest.trees):
            if tree is None:
                continue
            first, last = forest.slot_start[character : character + 2].tolist()
            low, high = forest.condition_start[character : character + 2].tolist()
            nodes = forms.build(tree.root, self._pulse, first, low, character)
            start = int(forest.node_start[character])
            self._trees[character] = _Grown(nodes, slice(first, last), slice(low, high), start)

    def root(self, character: int) -> Behaviour | None:
        """The py_trees root of a character's tree, for drawing and debugging; frozen. None when it has no tree."""
        grown = self._trees.get(character)
        return None if grown is None else grown.root

    @property
    def running(self) -> Flags:
        """See `Executor.running`."""
        return self._running

    def tick(self, now_us: int, ready: Flags, holds: Flags, reported: Codes, conditions: Flags) -> Outcomes:
        """See `Executor.tick`."""
        pulse = self._pulse
        before = self._running
        reported = reported * before
        pulse.now = now_us
        pulse.serial += 1
        pulse.ready = (ready & ~before).tobytes()
        pulse.holds = (holds & before).tobytes()
        pulse.reported = reported.tobytes()
        pulse.conditions = conditions.tobytes()
        pulse.fate = bytearray(len(before))
        ticked = False
        for grown in self._trees.values():
            if grown.tick(pulse):
                grown.show(self._state)
                ticked = True
        if not ticked:
            return Outcomes(before, self._nothing, NO_SLOTS, NO_SLOTS)
        self._running = np.frombuffer(bytes(pulse.live), np.bool_)
        fate = np.frombuffer(bytes(pulse.fate), np.uint8)
        begun = np.flatnonzero(self._running & ~before).astype(np.int32)
        over = np.flatnonzero(before & ~self._running).astype(np.int32)
        ended = np.zeros(len(before), np.uint8)
        ended[over] = why_ended(self.forest, begun, over, reported[over], fate[over] != 0)
        return Outcomes(self._running, ended, begun, over)

    def attend(self, senses: Senses, wanted: int, barred: Ints = NOBODY) -> int:
        """See `Executor.attend`: nothing."""
        return 0

    def state(self) -> ExecutorState:
        """See `Executor.state`."""
        mine = self._state
        return ExecutorState(mine.status.copy(), mine.counter.copy(), mine.deadline_us.copy())

    def columns(self) -> Sequence[NDArray[np.generic]]:
        """See `Executor.columns`."""
        mine = self._state
        if len(self.forest.trees) <= SMALL_CAST:
            return mine.status, mine.counter, mine.deadline_us
        from behaviors.compiled import planes  # noqa: PLC0415 - only large casts, which rarely come here

        blocks = planes.grouped(self.forest)
        for block in blocks:
            block.read(mine.status, mine.counter, mine.deadline_us)
        return planes.compact(blocks)

    def restore(self, state: ExecutorState) -> None:
        """See `Executor.restore`."""
        checked_state(self.forest, state)
        for character, grown in self._trees.items():
            first = int(self.forest.node_start[character])
            rows = slice(first, first + len(grown.nodes))
            grown.restore(state.status[rows], state.counter[rows].tolist(), state.deadline_us[rows].tolist())
            grown.show(self._state)
        self._running = np.frombuffer(bytes(self._pulse.live), np.bool_)
