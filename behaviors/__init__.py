"""Owns the public surface of the behavior layer.

One tick, in this order: `Influence.act`; `Triggers.look` and `Conditions.look`; `Actions.reported` and
`Actions.rested`; `Executor.tick`; `Actions.apply`. Results from an engine go to `Actions.report` in between.
"""

from __future__ import annotations

from behaviors.actions import Actions, ActionsState, Started, Stopped
from behaviors.conditions import Conditions
from behaviors.errors import BehaviorError, FormError, FrozenError, ReportError, RuleError, StateError
from behaviors.executor import Ended, Executor, ExecutorState, Outcomes, Reported
from behaviors.forest import Forest, Slots
from behaviors.library import Library
from behaviors.objects import Effect, Influence
from behaviors.orientation import derive, find_opposed
from behaviors.reference import ReferenceExecutor
from behaviors.rules import AutonomousRule, Bearer, Change, Fade, InteractiveRule, State, Who
from behaviors.senses import Cast, Senses
from behaviors.triggers import Sight, Triggers

__all__ = [
    "Actions",
    "ActionsState",
    "AutonomousRule",
    "Bearer",
    "BehaviorError",
    "Cast",
    "Change",
    "Conditions",
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
    "Who",
    "derive",
    "find_opposed",
]
