"""Owns what the py_trees nodes of all trees share in one tick: the time, the inputs, and what happened to each slot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status
from py_trees.decorators import Decorator

from behaviors.chance import Words, drawn, streams_of
from behaviors.errors import FrozenError


class Pulse:
    """Inputs and outputs of one tick as bytes, one a slot (`conditions`: one a row); `now` in microseconds.

    `streams` are the characters' streams of chance, lent.
    `serial` counts ticks, so that a node can tell whether it was entered in this one. `fate` gets the `Ended` code of
    each leaf that ended by itself; `live` is 1 for running leaves.
    """

    __slots__ = ("conditions", "fate", "holds", "live", "now", "ready", "reported", "serial", "streams")

    def __init__(self, slots: int, streams: Words | None = None) -> None:
        self.streams = streams_of(1) if streams is None else streams
        self.now = 0
        self.serial = 0
        self.ready = bytes(slots)
        self.holds = bytes(slots)
        self.reported = bytes(slots)
        self.conditions = b""
        self.fate = bytearray(slots)
        self.live = bytearray(slots)

    def drawn(self, character: int, node: int) -> int:
        """The 64 random bits of a node in this tick."""
        return drawn(int(self.streams[character]), node, self.now)


class _Silent(py_trees.logging.Logger):
    """py_trees formats a message per node and tick and then drops it; at least do not format the prefix too."""

    def debug(self, msg: str) -> None:
        """Drop it."""


SILENT = _Silent()


def _refuse(*_: object) -> NoReturn:
    raise FrozenError("this tree")


SEALED = dict.fromkeys(
    (
        "add_child",
        "add_children",
        "insert_child",
        "prepend_child",
        "remove_child",
        "remove_child_by_id",
        "remove_all_children",
        "replace_child",
    ),
    _refuse,
)


class Node(Behaviour):
    """What all our py_trees nodes have: a row in the forest, a memory for saving, and no way to be changed."""

    row = -1

    def saved(self) -> tuple[int, int]:
        """Counter and deadline in microseconds, for saving and the digest; 0 where the node has none at the moment."""
        return 0, 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take over what `saved` gave. Called after `status` was set, on a node and on all below it."""

    def freeze(self, row: int) -> None:
        """Take the row, and seal the children: whoever changes them gets a `FrozenError`."""
        self.row = row
        self.logger = SILENT
        vars(self).update(SEALED, children=tuple(self.children))


class Gate(Node, Decorator):
    """A decorator that may answer without ticking its child."""

    def __init__(self, name: str, pulse: Pulse, child: Behaviour) -> None:
        super().__init__(name=name, child=child)
        self.pulse = pulse
        self.answer: Status | None = None

    def gate(self) -> Status | None:
        """The status to answer with while the child rests, or None to tick it."""
        return None

    def tick(self) -> Iterator[Behaviour]:
        """Ask the gate first; then as py_trees does."""
        self.answer = self.gate()
        if self.answer is None:
            yield from Decorator.tick(self)
        else:
            yield from Behaviour.tick(self)

    def update(self) -> Status:
        """The gate's answer, else the child's status."""
        return self.decorated.status if self.answer is None else self.answer
