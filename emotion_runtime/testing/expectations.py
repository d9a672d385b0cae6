"""Owns `expect`: what characters should feel, do and keep. With `within`, the world goes on; without it, never."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from behaviors.expressions.syntax import Binary, Comparison, Name, Number
from behaviors.leaping.formulas import Place
from emotion_runtime.leaps.watches import Watch
from emotion_runtime.scene.diagnostics import did_you_mean
from emotion_runtime.testing.conditions import Condition, place_of
from emotion_runtime.testing.errors import ExpectationError, ScenarioError
from emotion_runtime.testing.people import Group
from emotion_runtime.testing.quantities import seconds, shown
from emotion_runtime.testing.stories import tell

MOST: Final = 1 << 40
"""Ticks: no limit."""


def expect(who: Group) -> Expectation:
    """What is expected of a character, or of each of a group."""
    return Expectation(who)


class Expectation:
    """Expectations of a group; each method raises ExpectationError with the story of what happened instead."""

    def __init__(self, who: Group) -> None:
        self.sim = who.sim
        self.names = who.names

    def to_feel(
        self,
        label: str,
        *,
        above: float | None = None,
        below: float | None = None,
        within: str | float | None = None,
        expected: bool = True,
    ) -> None:
        """The emotion is above and/or below a value: now, or at some time within so long. `expected=False`: is not."""
        __tracebackhide__ = True
        if label not in self.sim.simulation.labels:
            raise ScenarioError(f"`{label}` is not an emotion", did_you_mean(label, self.sim.simulation.labels))
        if above is None and below is None:
            raise ScenarioError("`to_feel` needs `above`, `below` or both", 'to_feel("fear", above=0.6)')

        def holds(name: str) -> bool:
            value = self.sim.simulation[name].emotion[label]
            return (above is None or value > above) and (below is None or value < below)

        limits = [f"above {above:g}"] if above is not None else []
        limits += [f"below {below:g}"] if below is not None else []

        def watch(waiting: list[str]) -> Watch:
            watching = Watch()
            for name in waiting:
                place = place_of(self.sim, name, label)
                parts = [Comparison((">",), (Name(label), Number(above)))] if above is not None else []
                parts += [Comparison(("<",), (Name(label), Number(below)))] if below is not None else []
                whole = parts[0] if len(parts) == 1 else Binary("and", parts[0], parts[1])
                watching.add(whole, partial(_only, place), wanted=True)
            return watching

        self._reach(holds, f"to feel {label} {' and '.join(limits)}", label, within, expected, watch)

    def to_do(
        self,
        rule: str,
        *,
        within: str | float | None = None,
        because: str | None = None,
        expected: bool = True,
    ) -> None:
        """The character acts out a rule, now or at some time within so long, perhaps because of somebody."""
        __tracebackhide__ = True
        rules = self.sim.scene.rules
        if rule not in rules:
            raise ScenarioError(f"there is no rule `{rule}`", did_you_mean(rule, rules))
        label = rules[rule].orientation

        def holds(name: str) -> bool:
            actions = self.sim.simulation[name].actions
            doing = [each for each in actions if each.rule == rule]
            if not doing or because is None:
                return bool(doing)
            return because in doing[0].bearers or self._caused(name, label, because)

        words = f"to do {rule}" + (f" because of {because}" if because else "")

        def watch(waiting: list[str]) -> Watch | None:
            # whose doing it is may change from tick to tick while they do it
            doing = any(self.sim[name].does(rule) for name in waiting)
            return None if because is not None and doing else Watch()

        self._reach(holds, words, label, within, expected, watch)

    def _caused(self, name: str, label: str, by: str) -> bool:
        """Whether somebody gave most of the emotion behind an action."""
        feeling = label if label != "neutral" else None
        top = self.sim.why(name, feeling).top
        return top is not None and top.subject == by

    def to_keep(self, condition: str, *, throughout: str | float) -> None:
        """A condition holds at every moment of the time to come: `fear < 0.95`, `does patrol`."""
        __tracebackhide__ = True
        self._throughout(condition, throughout, wanted=True)

    def never(self, condition: str, *, throughout: str | float) -> None:
        """A condition holds at no moment of the time to come: `does steal`, `anger > 0.9`."""
        __tracebackhide__ = True
        self._throughout(condition, throughout, wanted=False)

    def _reach(
        self,
        holds: Callable[[str], bool],
        words: str,
        label: str,
        within: str | float | None,
        expected: bool,
        watch: Callable[[list[str]], Watch | None],
    ) -> None:
        """`watch` gives what ends a leap for those who are waited for; None: every tick has to be looked at."""
        __tracebackhide__ = True
        since = self.sim.time
        waiting = [name for name in self.names if not holds(name)]
        if within is not None:
            end = since + seconds(within)
            watching, watched_for = watch(waiting), waiting
            while (waiting if expected else len(waiting) == len(self.names)) and self.sim.time < end - 1e-9:
                self.sim.ahead(end - 1e-9, watch=watching, most=1 if watching is None else MOST)
                waiting = [name for name in waiting if not holds(name)]
                if watching is None or waiting != watched_for:
                    watching, watched_for = watch(waiting), waiting
        done = [name for name in self.names if name not in waiting]
        wrong = waiting if expected else done
        if wrong:
            time = f" within {shown(seconds(within))}" if within is not None else " now"
            wish = f"{wrong[0]} {'' if expected else 'not '}{words}{time}"
            raise ExpectationError(tell(self.sim, wish, wrong[0], label, since=since if within is not None else 0.0))

    def _throughout(self, condition: str, time: str | float, *, wanted: bool) -> None:
        __tracebackhide__ = True
        each = {name: Condition(condition, self.sim, name) for name in self.names}
        since = self.sim.time
        end = since + seconds(time)
        watch = Watch()
        for one in each.values():
            one.watched(watch, not wanted)
        while True:
            for name, one in each.items():
                if one.holds() is not wanted:
                    verb = "to keep" if wanted else "never to come to"
                    text = f"{name} {verb} `{condition}` throughout {shown(seconds(time))}"
                    label = one.label[1] if one.label else None
                    raise ExpectationError(tell(self.sim, text, name, label, since=since))
            if self.sim.time >= end - 1e-9:
                return
            self.sim.ahead(end - 1e-9, watch=watch)


def _only(place: Place, _name: str) -> Place:
    return place
