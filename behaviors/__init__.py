"""Owns the public surface of the behavior layer.

One tick, in this order: `Influence.act`; `Triggers.look` and `Conditions.look`; `Actions.reported` and
`Actions.rested`; `Executor.tick`; `Actions.apply`. Results from an engine go to `Actions.report` in between.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from behaviors.actions import Actions, ActionsState, Started, Stopped
from behaviors.adopt import Do, While, adopt, foreign
from behaviors.compiled import CompiledExecutor
from behaviors.conditions import Conditions
from behaviors.errors import BehaviorError, FormError, FrozenError, ReportError, RuleError, StateError
from behaviors.executor import SMALL_CAST, Ended, Executor, ExecutorState, Outcomes, Reported
from behaviors.forest import Forest, Slots
from behaviors.library import Library
from behaviors.objects import Effect, Influence
from behaviors.orientation import derive, find_opposed
from behaviors.reference import ReferenceExecutor
from behaviors.rules import AutonomousRule, Bearer, Change, Fade, InteractiveRule, State, Who
from behaviors.senses import Cast, Senses
from behaviors.triggers import Sight, Triggers


def executor_for(forest: Forest, streams: NDArray[np.uint64] | None = None) -> Executor:
    """The executor a forest is ticked by: one tree at a time for a handful of characters, compiled for more.

    `streams` (n,): what chance each character has (`behaviors.chance`); lent.
    Warns when a tree has py_trees behaviours that are not ours: then it is the reference executor.
    """
    strangers = sorted({name for tree in set(forest.trees) - {None} if tree is not None for name in foreign(tree)})
    if strangers:
        warnings.warn(
            f"py_trees behaviours that are not ours ({', '.join(strangers)}): all trees are ticked by the slow "
            "reference executor, and what these remember is in no save and no digest",
            stacklevel=2,
        )
    small = strangers or len(forest.trees) <= SMALL_CAST
    return ReferenceExecutor(forest, streams) if small else CompiledExecutor(forest, streams=streams)


__all__ = [
    "Actions",
    "ActionsState",
    "AutonomousRule",
    "Bearer",
    "BehaviorError",
    "Cast",
    "Change",
    "CompiledExecutor",
    "Conditions",
    "Do",
    "Effect",
    "Ended",
    "Executor",
    "ExecutorState",
    "Fade",
    "Forest",
    "FormError",
    "FrozenError",
    "Influence",
    "InteractiveRule",
    "Library",
    "Outcomes",
    "ReferenceExecutor",
    "ReportError",
    "Reported",
    "RuleError",
    "Senses",
    "Sight",
    "Slots",
    "Started",
    "State",
    "StateError",
    "Stopped",
    "Triggers",
    "While",
    "Who",
    "adopt",
    "derive",
    "executor_for",
    "find_opposed",
]
