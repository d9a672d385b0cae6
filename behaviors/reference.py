"""Owns the reference executor: plain py_trees, one tree of py_trees objects for each character."""

from __future__ import annotations

import sys

import numpy as np
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors import forms
from behaviors.executor import Codes, ExecutorState, Outcomes, checked_state, reasons
from behaviors.forest import Forest
from behaviors.forms import Node, Pulse
from behaviors.rules import State
from behaviors.senses import Flags

NEVER = sys.maxsize
CODES = {
    Status.INVALID: State.ABORTED,
    Status.RUNNING: State.RUNNING,
    Status.SUCCESS: State.SUCCESS,
    Status.FAILURE: State.FAILURE,
}


class _Grown:
    """One character's tree: its nodes in pre-order, its ranges in the flat tables, and whether it is at rest."""

    __slots__ = ("conditions", "counter", "deadline", "due", "inputs", "keepers", "nodes", "root", "slots", "status")

    def __init__(self, nodes: tuple[Node, ...], slots: slice, conditions: slice) -> None:
        self.nodes = nodes
        self.root = nodes[0]
        self.slots = slots
        self.conditions = conditions
        self.keepers = tuple(node for node in nodes if type(node).saved is not Node.saved)
        self.status = bytes(len(nodes))
        self.counter = [0] * len(self.keepers)
        self.deadline = [0] * len(self.keepers)
        self.inputs: tuple[bytes, ...] | None = None
        self.due = NEVER

    def tick(self, pulse: Pulse) -> bool:
        """Tick once; False when it was skipped because nothing can have changed.

        A tick that left every status, counter and deadline as they were leaves them so again, given the same inputs
        and no timer that ran out in between.
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
        settled = status == self.status and counter == self.counter and deadline == self.deadline
        self.inputs = inputs if settled else None
        self.due = min((each for each in deadline if each > pulse.now), default=NEVER)
        self.status, self.counter, self.deadline = bytes(status), counter, deadline
        return True

    def restore(self, status: Codes, counter: list[int], deadline: list[int]) -> None:
        """Take a saved state over: what ran runs, all else is as if it had never been ticked."""
        for node, code in zip(self.nodes, status.tolist(), strict=True):
            node.status = Status.RUNNING if code == State.RUNNING else Status.INVALID
        kept = {node.row: place for place, node in enumerate(self.keepers)}
        for row, node in enumerate(self.nodes):
            node.restore(counter[row], deadline[row])
        self.status = status.tobytes()
        self.counter = [counter[row] for row in kept]
        self.deadline = [deadline[row] for row in kept]
        self.inputs = None
        self.due = NEVER


class ReferenceExecutor:
    """The readable executor, and the oracle for all others. See `behaviors.executor.Executor`."""

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self._pulse = Pulse(len(forest.slots))
        self._running = np.zeros(len(forest.slots), np.bool_)
        self._trees: dict[int, _Grown] = {}
        for character, tree in enumerate(forest.trees):
            if tree is None:
                continue
            first, last = forest.slot_start[character : character + 2].tolist()
            low, high = forest.condition_start[character : character + 2].tolist()
            nodes = forms.build(tree.root, self._pulse, first, low)
            self._trees[character] = _Grown(nodes, slice(first, last), slice(low, high))

    def root(self, character: int) -> Behaviour | None:
        """The py_trees root of a character's tree, for drawing and debugging; frozen. None when it has no tree."""
        grown = self._trees.get(character)
        return None if grown is None else grown.root

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
        for grown in self._trees.values():
            grown.tick(pulse)
        self._running = np.frombuffer(bytes(pulse.live), np.bool_)
        fate = np.frombuffer(bytes(pulse.fate), np.uint8)
        return Outcomes(self._running, reasons(self.forest, before, self._running, fate, reported))

    def state(self) -> ExecutorState:
        """See `Executor.state`."""
        rows = int(self.forest.node_start[-1])
        status = np.zeros(rows, np.uint8)
        counter = np.zeros(rows, np.int64)
        deadline = np.zeros(rows, np.int64)
        for character, grown in self._trees.items():
            first = int(self.forest.node_start[character])
            status[first : first + len(grown.nodes)] = np.frombuffer(grown.status, np.uint8)
            for node, count, end in zip(grown.keepers, grown.counter, grown.deadline, strict=True):
                counter[first + node.row] = count
                deadline[first + node.row] = end
        return ExecutorState(status, counter, deadline)

    def restore(self, state: ExecutorState) -> None:
        """See `Executor.restore`."""
        checked_state(self.forest, state)
        for character, grown in self._trees.items():
            first = int(self.forest.node_start[character])
            rows = slice(first, first + len(grown.nodes))
            grown.restore(state.status[rows], state.counter[rows].tolist(), state.deadline_us[rows].tolist())
        self._running = np.frombuffer(bytes(self._pulse.live), np.bool_)
