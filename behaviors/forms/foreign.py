"""Owns the place of a stranger: any py_trees behaviour inside one of our trees, on the reference executor."""

from __future__ import annotations

import py_trees

from behaviors.forms.pulse import Node


class ForeignNode(Node, py_trees.decorators.PassThrough):
    """Has the status of the behaviour within: `test_a_foreign_behaviour_runs_on_the_reference_executor`.

    It is started, ticked and stopped as py_trees does; nothing of it is saved.
    """
