"""Owns conditions of tests: `guard does confront`, or the scene's own expressions with names such as `child.fear`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from behaviors.expressions import Expression, ExpressionFault, Kind, Program, check, compile, parse
from behaviors.leaping.formulas import Op, Place
from behaviors.leaping.tables import Layout
from emotion_runtime.leaps.watches import Watch
from emotion_runtime.scene.diagnostics import did_you_mean
from emotion_runtime.scene.resolved import TRAITS
from emotion_runtime.testing.errors import ScenarioError
from emotion_runtime.testing.stories import tell

if TYPE_CHECKING:
    from emotion_runtime.testing.sim import Sim

MOODS = ("pleasure", "arousal", "dominance")
_DOES = re.compile(r"(?:(?P<who>[a-z][a-z0-9_]*)\s+)?does\s+(?P<not>not\s+)?(?P<rule>[a-z][a-z0-9_]*)")


class Condition:
    """Something that holds or not, now. Bare names are those of `subject`; `guard.anger` are anybody's.

    Raises ScenarioError for what cannot be read and for names the scene does not have.
    """

    def __init__(self, text: str, sim: Sim, subject: str | None) -> None:
        self.text = text.strip()
        self.sim = sim
        self.subject = subject
        self._program: Program | None = None
        self._expression_read: Expression | None = None
        self.label: tuple[str, str] | None = None
        """The first emotion it reads (character, label): what a story is told about."""
        found = _DOES.fullmatch(self.text)
        if found:
            self._action(found["who"] or subject or "", found["rule"], bool(found["not"]))
        else:
            self._expression()

    def _action(self, who: str, rule: str, opposite: bool) -> None:
        names = self.sim.simulation.characters
        if who not in names:
            raise ScenarioError(f"`{self.text}`: there is nobody called `{who}`", did_you_mean(who, names))
        if rule not in self.sim.scene.rules:
            raise ScenarioError(f"`{self.text}`: there is no rule `{rule}`", did_you_mean(rule, self.sim.scene.rules))
        self.who, self.rule, self.opposite = who, rule, opposite
        orientation = self.sim.scene.rules[rule].orientation
        self.label = (who, orientation)

    def _expression(self) -> None:
        try:
            expression = parse(self.text)
        except ExpressionFault as fault:
            raise ScenarioError(f"`{self.text}`: {fault.message}", fault.remedy) from None
        for wrong in check(expression, self._kinds(), what="this condition"):
            raise ScenarioError(f"`{self.text}`: {wrong.message}", wrong.remedy)
        self._expression_read = expression
        self._program = program = compile(expression)
        for name in program.names:
            who, label = self._whose(name)
            if label in self.sim.simulation.labels and who:
                self.label = (who, label)
                break

    def _kinds(self) -> dict[str, Kind]:
        labels = self.sim.simulation.labels
        own = dict.fromkeys((*labels, *(f"mood.{axis}" for axis in MOODS)), Kind.NUMBER) | dict.fromkeys(
            TRAITS, Kind.CONSTANT
        )
        kinds = {f"{who}.{name}": kind for who in self.sim.simulation.characters for name, kind in own.items()}
        if self.subject is not None:
            kinds |= own
        units = {"": Kind.NUMBER, "s": Kind.TIME, "m": Kind.LENGTH}
        for variable in self.sim.scene.world:
            kinds[f"world.{variable.name}"] = Kind.BOOLEAN if variable.boolean else units[variable.unit]
        for thing in self.sim.scene.objects:
            for variable in thing.variables:
                kinds[f"{thing.id}.{variable.name}"] = Kind.BOOLEAN if variable.boolean else units[variable.unit]
        return kinds

    def _whose(self, name: str) -> tuple[str, str]:
        who, _, rest = name.partition(".")
        if who in self.sim.simulation.characters:
            return who, rest
        return self.subject or "", name

    def holds(self) -> bool:
        """Whether it holds now."""
        if self._program is None:
            running = any(each.rule == self.rule for each in self.sim.simulation[self.who].actions)
            return running is not self.opposite
        return bool(self._program(self._column))

    def watched(self, watch: Watch, wanted: bool) -> None:
        """Have leaps end where this comes out as wanted. What somebody does changes only where they end anyway."""
        if self._expression_read is not None:
            watch.add(self._expression_read.root, self._place, wanted=wanted)

    def _place(self, name: str) -> Place:
        """Where a leap finds what `_column` reads."""
        who, rest = self._whose(name)
        if not who or (who == self.subject and name in self.sim.simulation.world.variable):
            return place_of(self.sim, "", name)
        return place_of(self.sim, who, rest)

    def _column(self, name: str) -> float:
        who, rest = self._whose(name)
        if not who or (who == self.subject and name in self.sim.simulation.world.variable):
            return self.sim.simulation.variables()[name]
        view = self.sim.simulation[who]
        if rest in self.sim.simulation.labels:
            return view.emotion[rest]
        if rest.startswith("mood."):
            return view.mood[MOODS.index(rest.removeprefix("mood."))]
        if rest in TRAITS:
            return next(each.personality[rest] for each in self.sim.scene.characters if each.id == who)
        return self.sim.simulation.variables()[name]

    def story(self, wanted: str) -> str:
        """What to say when it does not hold."""
        who, label = self.label or (None, None)
        return tell(self.sim, wanted, who, label)


def place_of(sim: Sim, who: str, name: str) -> Place:
    """Where leaps find an emotion, a mood (`mood.arousal`) or a trait of somebody; of nobody, a variable."""
    world = sim.simulation.world
    layout = Layout(world.cast)
    if not who:
        return Op.AT, layout.variables + world.variable[name]
    row = world.subject[who]
    if name in world.rows:
        return Op.AT, layout.n * world.rows.index(name) + row
    if name.startswith("mood."):
        return Op.AT, layout.mood + layout.n * MOODS.index(name.removeprefix("mood.")) + row
    return Op.AT, layout.traits + layout.n * TRAITS.index(name) + row
