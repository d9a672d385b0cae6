"""Owns what rules mean for one character: its trigger as formulas, one for each kind of bearer there can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from behaviors.expressions import Expression, names
from behaviors.rules import AutonomousRule, InteractiveRule, Who
from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.proofs.decide import interval
from emotion_runtime.proofs.formulas import Flag, Formula, either
from emotion_runtime.proofs.reading import exact, formula_of
from emotion_runtime.proofs.simplex import Range
from emotion_runtime.proofs.terms import Term, largest, number, variable
from emotion_runtime.scene.resolved import TRAITS, Character, Scene, Variable

ZERO, ONE = Fraction(0), Fraction(1)
FEELING: Range = interval(ZERO, ONE, open_ends=True)
"""Emotions stay strictly inside 0..1."""
MOOD: Range = interval(-ONE, ONE)
SIGNED: Range = interval(-ONE, ONE)
MOODS = ("mood.pleasure", "mood.arousal", "mood.dominance")

MOST_KINDS = 24
"""Kinds of bearers told apart; with more of them, what they differ in may be anything."""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of bearer: when the rule may start on it, and when it is released."""

    trigger: Formula
    release: Formula | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule as one character has it. `sure`: there always is that one bearer, so a true trigger means a start.

    `bearer` is the prefix under which the bearer's emotions stand in the formulas: empty when the bearer is the
    character itself. No case: nobody can be the bearer.
    """

    rule: AutonomousRule
    cases: tuple[Case, ...]
    sure: bool
    bearer: str

    @property
    def starts(self) -> Formula:
        """True for whichever bearer."""
        return either(case.trigger for case in self.cases)


@dataclass(slots=True)
class Meanings:
    """Readings of all rules of a scene, made once each; `box` gives the range of every name used in them.

    One's own emotions and moods have bare names; those of a bearer with a name are `guard.fear`; those of any other
    bearer are private to the rule (`comfort:fear`), since two rules may choose two bearers.
    """

    scene: Scene
    box: dict[str, Range] = field(default_factory=dict)
    _readings: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _people: dict[str, Character] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._people = {each.id: each for each in self.scene.characters}
        for declared in self.scene.world:
            self._declare(f"world.{declared.name}", declared)
        for thing in self.scene.objects:
            for declared in thing.variables:
                self._declare(f"{thing.id}.{declared.name}", declared)
        self._feelings("")

    def _declare(self, name: str, declared: Variable) -> None:
        if not declared.boolean:
            self.box[name] = interval(exact(declared.low), exact(declared.high))

    def _feelings(self, prefix: str) -> None:
        self.box |= {prefix + label: FEELING for label in self.scene.labels}
        self.box |= {prefix + mood: MOOD for mood in MOODS}

    def reading(self, character: Character, rule: AutonomousRule) -> Reading:
        """The rule as this character has it."""
        key = (character.id, rule.name)
        if key not in self._readings:
            self._readings[key] = self._read(character, rule)
        return self._readings[key]

    def condition(self, character: Character, expression: Expression) -> Formula:
        """The condition of a filter or guard, which knows no bearer."""
        return formula_of(expression, self._own(character))

    def object_trigger(self, rule: InteractiveRule) -> Formula:
        """When an object acts."""
        variables = {f"{rule.inflicter}.{name}" for name, _, _ in names(rule.trigger)}

        def meaning(name: str) -> Term | Flag:
            own = f"{rule.inflicter}.{name}"
            return self._variable(own if own in variables and self._known(own) else name)

        return formula_of(rule.trigger, meaning)

    def bearers(self, character: Character, rule: AutonomousRule) -> list[Character]:
        """Every other character (or oneself, for `self`) that can be the bearer, in the order of the scene."""
        bearer = rule.bearer
        match bearer.who:
            case Who.SELF:
                return [character]
            case Who.NAMED:
                return [self._people[bearer.name]] if bearer.name in self._people else []
            case Who.NEAREST | Who.ALL:
                return [each for each in self.scene.characters if bearer.name in each.tags and each is not character]
            case Who.TARGET:
                return list(self.scene.characters)
            case _:
                return [each for each in self.scene.characters if each is not character]

    def reached(self, rule: InteractiveRule) -> list[Character]:
        """Every character an object's rule is meant for, wherever it stands."""
        if rule.bearer.who is Who.NAMED:
            return [self._people[rule.bearer.name]]
        return [each for each in self.scene.characters if rule.bearer.name in each.tags]

    # ------------------------------------------------------------------------------------------------------- names
    def _known(self, name: str) -> bool:
        return name in self.box or any(name == f"{o.id}.{v.name}" for o in self.scene.objects for v in o.variables)

    def _variable(self, name: str) -> Term | Flag:
        if name in self.box:
            return variable(name)
        return Flag(name, True)

    def _own(self, character: Character) -> Callable[[str], Term | Flag]:
        def meaning(name: str) -> Term | Flag:
            if name in TRAITS:
                return number(exact(character.personality[name]))
            return self._feeling("", name) or self._variable(name)

        return meaning

    def _feeling(self, prefix: str, name: str) -> Term | None:
        """An emotion or mood; `neutral` is what the strongest of the others leaves."""
        if name == NEUTRAL:
            others = [variable(prefix + label) for label in self.scene.labels if label != NEUTRAL]
            return number(ONE).minus(largest(others)) if others else number(ONE)
        return variable(prefix + name) if name in self.scene.labels or name in MOODS else None

    # ------------------------------------------------------------------------------------------------------- rules
    def _read(self, character: Character, rule: AutonomousRule) -> Reading:
        who, name = rule.bearer.who, rule.bearer.name
        if who is Who.SELF or (who is Who.NAMED and name == character.id):
            return Reading(rule, self._cases(character, rule, "", [{"distance": ZERO, "likes": ZERO}]), True, "")
        if who is Who.NAMED and name not in self._people:
            self.box[f"{name}.distance"] = interval(ZERO, None)
            return Reading(rule, self._cases(character, rule, f"{name}.", [{"likes": ZERO}]), True, f"{name}.")
        prefix = f"{name}." if who is Who.NAMED else f"{rule.name}:"
        self._feelings(prefix)
        reach = None if rule.bearer.within == float("inf") else exact(rule.bearer.within)
        self.box[f"{prefix}distance"] = interval(ZERO, reach)
        self.box |= {prefix + trait: SIGNED for trait in (*TRAITS, "likes")}
        cases = self._cases(character, rule, prefix, self._kinds(character, rule))
        return Reading(rule, cases, who is Who.NAMED, prefix)

    def _kinds(self, character: Character, rule: AutonomousRule) -> list[Mapping[str, Fraction]]:
        """What the trigger and release read of bearers that is fixed: each distinct combination once."""
        expressions = [rule.trigger] + ([rule.release] if rule.release else [])
        read = {name for expression in expressions for name, _, _ in names(expression)}
        fixed = sorted(
            name for name in read if name == "likes" or (name.removeprefix("bearer.") in TRAITS and "." in name)
        )
        feels = any(name.startswith("bearer.") for name in read)
        things = rule.bearer.who in (Who.CAUSE, Who.TARGET) and bool(self.scene.objects) and not feels
        others = self.bearers(character, rule)
        if not fixed:
            return [{}] if others or things else []
        kinds: dict[tuple[Fraction, ...], None] = {}
        for other in others:
            values = (
                character.likes.get(other.id, 0.0)
                if name == "likes"
                else other.personality[name.removeprefix("bearer.")]
                for name in fixed
            )
            kinds[tuple(exact(value) for value in values)] = None
        if things:
            kinds[tuple(ZERO for _ in fixed)] = None  # an object: nobody likes or dislikes it
        if len(kinds) > MOST_KINDS:
            return [{}]
        return [{name.removeprefix("bearer."): each for name, each in zip(fixed, kind, strict=True)} for kind in kinds]

    def _cases(
        self, character: Character, rule: AutonomousRule, prefix: str, kinds: list[Mapping[str, Fraction]]
    ) -> tuple[Case, ...]:
        cases = []
        for kind in kinds:
            meaning = self._with_bearer(character, prefix, kind)
            release = None if rule.release is None else formula_of(rule.release, meaning)
            cases.append(Case(formula_of(rule.trigger, meaning), release))
        return tuple(dict.fromkeys(cases))

    def _with_bearer(
        self, character: Character, prefix: str, kind: Mapping[str, Fraction]
    ) -> Callable[[str], Term | Flag]:
        own = self._own(character)

        def meaning(name: str) -> Term | Flag:
            if name in ("distance", "likes"):
                return number(kind[name]) if name in kind else variable(prefix + name)
            if not name.startswith("bearer."):
                return own(name)
            rest = name.removeprefix("bearer.")
            if rest in TRAITS and rest in kind:
                return number(kind[rest])
            if rest in TRAITS and not prefix:
                return own(rest)
            return self._feeling(prefix, rest) or self._variable(prefix + rest)

        return meaning
