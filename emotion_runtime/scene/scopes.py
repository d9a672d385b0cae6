"""Owns what an expression may read: the names and kinds in scope of a trigger, a condition or an object's rule."""

from __future__ import annotations

from behaviors.expressions import Kind, check, names
from behaviors.rules import Bearer, Who
from emotion_runtime.scene.definitions import KEYWORDS, Definitions
from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.quantities import Declared
from emotion_runtime.scene.resolved import TRAITS
from emotion_runtime.scene.values import Formula

MOODS = ("mood.pleasure", "mood.arousal", "mood.dominance")

_UNIT_KINDS = {"": Kind.NUMBER, "s": Kind.TIME, "m": Kind.LENGTH}


def kind_of(variable: Declared) -> Kind:
    """The kind of a declared variable."""
    return Kind.BOOLEAN if variable.boolean else _UNIT_KINDS[variable.unit]


class Scopes:
    """The names each sort of expression may read."""

    def __init__(self, defined: Definitions) -> None:
        self.labels = defined.labels
        self.reserved = KEYWORDS | set(defined.labels) | set(TRAITS)
        self.objects = {
            name: {key: kind_of(each.declared) for key, each in (d.form.vars or {}).items()} if d.form else {}
            for name, d in defined.objects.items()
        }
        self.world = {f"world.{name}": kind_of(d.form.declared) for name, d in defined.world.items() if d.form}
        self.unknowable = frozenset(
            [f"world.{name}" for name, d in defined.world.items() if d.form is None]
            + [
                f"{name}.{key}"
                for name, d in defined.objects.items()
                for key in _stated_variables(d.form.node.map("vars") if d.form else None)
                if key not in self.objects[name]
            ]
        )
        self.condition: dict[str, Kind] = dict.fromkeys((*defined.labels, *MOODS), Kind.NUMBER)
        self.condition |= dict.fromkeys(TRAITS, Kind.CONSTANT)
        self.condition |= self.world
        for name, variables in self.objects.items():
            self.condition |= {f"{name}.{key}": kind for key, kind in variables.items()}

    def of_object(self, owner: str) -> dict[str, Kind]:
        """An object's rule: its own variables by their bare names, and the world's."""
        return self.objects.get(owner, {}) | self.world

    def of_rule(self, bearer: Bearer | None) -> dict[str, Kind]:
        """A character's rule: what the inflicter feels and is, and what its bearer does."""
        scope = dict(self.condition)
        if bearer is None or bearer.who is Who.SELF:
            return scope
        scope["distance"] = Kind.LENGTH
        if bearer.who is Who.NAMED and bearer.name in self.objects:
            return scope | {f"bearer.{key}": kind for key, kind in self.objects[bearer.name].items()}
        fixed = Kind.CONSTANT if bearer.who is Who.NAMED else Kind.NUMBER
        scope["likes"] = Kind.NUMBER
        scope |= dict.fromkeys((f"bearer.{name}" for name in (*self.labels, *MOODS)), Kind.NUMBER)
        return scope | dict.fromkeys((f"bearer.{trait}" for trait in TRAITS), fixed)

    def reads_feeling(self, formula: Formula) -> bool:
        """True when an expression reads an emotion or a mood of anybody (2.3.2 of the paper: triggers rest on mood)."""
        feelings = {*self.labels, *MOODS}
        return any(name.removeprefix("bearer.") in feelings for name, _, _ in names(formula.expression))


def _stated_variables(node: object) -> list[str]:
    entries = getattr(node, "entries", None)
    return list(entries) if isinstance(entries, dict) else []


def check_names(formula: Formula, scope: dict[str, Kind], what: str, scopes: Scopes, report: Report) -> bool:
    """Report every fault of an expression's names, kinds and units; True when there is none."""
    clean = True
    for fault in check(formula.expression, scope, what=what):
        at = formula.at.span(formula.offset + fault.offset, fault.width)
        word = formula.expression.text[fault.offset : fault.offset + fault.width]
        clean = False
        if fault.slug == "unknown-name" and word in scopes.unknowable:
            continue
        report.error(fault.slug, at, fault.message, remedy=_remedy(fault.slug, word, scope, scopes, fault.remedy))
    return clean


def _remedy(slug: str, word: str, scope: dict[str, Kind], scopes: Scopes, remedy: str) -> str:
    """A better remedy for slips that only the scene knows about."""
    if slug != "unknown-name":
        return remedy
    head, _, rest = word.partition(".")
    if head in ("bearer", "distance", "likes") and "distance" not in scope:
        return "there is no other bearer here: bare names are one's own"
    if word in ("mood", "bearer.mood"):
        return f"{word}.pleasure, {word}.arousal or {word}.dominance"
    if f"world.{word}" in scope:
        return f"did you mean `world.{word}`?"
    if head == "bearer":
        return _bearers(rest, scope, scopes)
    if remedy.startswith("did you mean"):
        return remedy
    ends = [name for name in scope if name.rpartition(".")[2] == word.rpartition(".")[2]]
    return f"did you mean `{ends[0]}`?" if len(ends) == 1 else remedy


def _bearers(name: str, scope: dict[str, Kind], scopes: Scopes) -> str:
    """A remedy for an unknown `bearer.name`."""
    known = [each.removeprefix("bearer.") for each in scope if each.startswith("bearer.")]
    near = did_you_mean(name, known)
    if near.startswith("did you mean"):
        return near.replace("`", "`bearer.", 1)
    owners = sorted(owner for owner, variables in scopes.objects.items() if name in variables)
    if owners:
        return f"`{owners[0]}.{name}`, or state `bearer: {owners[0]}`"
    return near
