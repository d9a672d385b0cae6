"""Owns what all proofs share: the scene with its places, readings of its rules, answers kept, and what to report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from behaviors.rules import AutonomousRule
from emotion_runtime.proofs.decide import BUDGET, Box, equivalent, satisfiable
from emotion_runtime.proofs.formulas import Formula, names
from emotion_runtime.proofs.meaning import Meanings, Reading
from emotion_runtime.proofs.simplex import Range
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.checks import Subject, leaves
from emotion_runtime.scene.diagnostics import Level, Place, Report
from emotion_runtime.scene.nodes import Map
from emotion_runtime.scene.resolved import Character, Scene
from emotion_runtime.scene.sketches import Sketch

SHOWN_NAMES = 6


@dataclass(frozen=True, slots=True)
class Use:
    """A rule as a leaf of a character's tree. `around`: the maps the leaf lies in, for `allow`."""

    character: Character
    rule: AutonomousRule
    leaf: Sketch
    around: tuple[Map, ...]


@dataclass(slots=True)
class Study:
    """One scene under proof. `speech`: whatever is said may push every emotion; without it only declared stimuli."""

    scene: Scene
    subject: Subject
    allowances: Allowances
    report: Report
    speech: bool = True
    budget: int = BUDGET
    meanings: Meanings = field(init=False)
    uses: tuple[Use, ...] = field(init=False)
    undecided: dict[Place, None] = field(default_factory=dict)
    _answers: dict[tuple[Formula, tuple[tuple[str, Range], ...]], bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meanings = Meanings(self.scene)
        self.uses = tuple(self._uses())

    def _uses(self) -> Iterator[Use]:
        """Every rule that stands in the tree of a character that is able to do it, each once a character."""
        for character in self.scene.characters:
            seen = set()
            if character.tree is None:
                continue
            for leaf, around in leaves(self.subject.sketches[character.tree], self.subject.sketches, ()):
                if leaf.name in character.can and leaf.name not in seen:
                    seen.add(leaf.name)
                    yield Use(character, self.scene.rules[leaf.name], leaf, around)

    def by_rule(self) -> dict[str, list[Use]]:
        """The uses of each rule."""
        found: dict[str, list[Use]] = {}
        for use in self.uses:
            found.setdefault(use.rule.name, []).append(use)
        return found

    def reading(self, use: Use) -> Reading:
        """The rule as that character has it."""
        return self.meanings.reading(use.character, use.rule)

    # ---------------------------------------------------------------------------------------------------- questions
    def possible(self, formula: Formula, at: Place, narrowed: Mapping[str, Range] | None = None) -> bool | None:
        """Whether some state makes the formula true; None, and a note at `at`, when that is too hard."""
        if isinstance(formula, bool):
            return formula
        box: Box = self.meanings.box if not narrowed else {**self.meanings.box, **narrowed}
        key = (formula, tuple((name, box[name]) for name in sorted(names(formula)) if name in box))
        if key not in self._answers:
            self._answers[key] = satisfiable(formula, box, self.budget)
        if self._answers[key] is None:
            self.undecided[at] = None
        return self._answers[key]

    def same(self, left: Formula, right: Formula, at: Place) -> bool | None:
        """Whether two formulas agree in every state."""
        found = equivalent(left, right, self.meanings.box, self.budget)
        if found is None:
            self.undecided[at] = None
        return found

    # ------------------------------------------------------------------------------------------------------- places
    def trigger_place(self, rule: str) -> Place:
        """Where a rule's trigger stands."""
        definition = self.subject.defined.rules[rule]
        form = definition.form
        return form.trigger.at.place if form and form.trigger else definition.place

    def release_place(self, rule: str) -> Place:
        """Where a rule's release stands."""
        form = self.subject.defined.rules[rule].form
        return form.release.at.place if form and form.release else self.trigger_place(rule)

    def aim_place(self, rule: str, label: str, on_self: bool) -> Place:
        """Where one change of a rule's aim stands."""
        form = self.subject.defined.rules[rule].form
        for key in (f"self.{label}", label) if on_self else (label,):
            if form and form.aim and key in form.aim:
                return form.aim[key].at.place
        return self.trigger_place(rule)

    def allows(self, slug: str, use: Use) -> bool:
        """True when the warning is silenced at the rule or at a tree node around the leaf."""
        form = self.subject.defined.rules[use.rule.name].form
        nodes = [*use.around, *([form.node] if form else [])]
        return any([self.allowances.allows(node, slug) for node in nodes])  # noqa: C419  (mark all as used)

    def tell(
        self,
        level: Level,
        slug: str,
        at: Place,
        message: str,
        *,
        see: Iterable[Place] = (),
        notes: Iterable[str] = (),
        remedy: str = "",
    ) -> None:
        """Report a finding."""
        self.report.add(level, slug, at, message, see=see, notes=notes, remedy=remedy)


def several(found: Collection[str]) -> str:
    """Some names in one phrase."""
    shown = list(found)
    more = len(shown) - SHOWN_NAMES
    return ", ".join(shown[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")


def number(value: Fraction | float, digits: int = 2) -> str:
    """A number for people: at most so many decimals, without trailing zeros."""
    return f"{float(value):.{digits}f}".rstrip("0").rstrip(".") or "0"


def ranges(formula: Formula, box: Box) -> str:
    """The ranges of the names in a formula, for a note."""
    shown = []
    for name in sorted(names(formula)):
        low, high = box.get(name, (None, None))
        if low is not None or high is not None:
            text = f"{number(low[0]) if low else '-inf'}..{number(high[0]) if high else 'inf'}"
            shown.append(f"{name.replace(':', ' bearer.')} {text}")
    return "ranges: " + ", ".join(shown[:SHOWN_NAMES]) if shown else ""
