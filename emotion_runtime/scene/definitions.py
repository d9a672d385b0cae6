"""Owns the names of a scene: who defines what and where, one namespace for all, nothing defined twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from emotion_runtime.affect.labels import HALF_LIFE_S, LABELS, NEUTRAL, PAD
from emotion_runtime.scene.diagnostics import Place, Report, did_you_mean
from emotion_runtime.scene.files import SceneFile
from emotion_runtime.scene.model import (
    ArchetypeForm,
    AreaForm,
    CharacterForm,
    EmotionForm,
    Form,
    ObjectForm,
    RuleForm,
)
from emotion_runtime.scene.nodes import Map, Node, Scalar
from emotion_runtime.scene.resolved import TRAITS
from emotion_runtime.scene.values import Variable

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

KEYWORDS = frozenset(
    "self bearer speaker target cause nearest all within world mood distance likes liked disliked pleasure arousal "
    "dominance and or not true false min max abs clamp m cm s ms in one forever success failure sequence selector "
    "filter parallel repeat modify".split()
)
DEFAULT_HALF_LIFE_S = 15.0
"""Half-life of a label of the scene's own that states none."""

_F = TypeVar("_F")
_Form_co = TypeVar("_Form_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Definition(Generic[_Form_co]):
    """One thing with a name. `form` is None when its value was faulty; `main`: it stands in the main file."""

    name: str
    place: Place
    form: _Form_co | None
    node: Node
    main: bool


@dataclass(slots=True)
class Definitions:
    """Everything a scene defines, by name."""

    labels: tuple[str, ...] = LABELS
    pad: dict[str, tuple[float, float, float]] = field(default_factory=lambda: dict(PAD))
    half_life: dict[str, float] = field(default_factory=lambda: dict(HALF_LIFE_S))
    areas: dict[str, Definition[AreaForm]] = field(default_factory=dict)
    archetypes: dict[str, Definition[ArchetypeForm]] = field(default_factory=dict)
    characters: dict[str, Definition[CharacterForm]] = field(default_factory=dict)
    objects: dict[str, Definition[ObjectForm]] = field(default_factory=dict)
    rules: dict[str, Definition[RuleForm]] = field(default_factory=dict)
    trees: dict[str, Definition[None]] = field(default_factory=dict)
    world: dict[str, Definition[Variable]] = field(default_factory=dict)
    events: dict[str, Definition[None]] = field(default_factory=dict)

    @property
    def felt(self) -> tuple[str, ...]:
        """The labels that can be pushed: all but neutral, which is what the others leave."""
        return tuple(label for label in self.labels if label != NEUTRAL)


def gather(files: list[SceneFile], report: Report) -> Definitions:
    """Collect all definitions of all files; report bad, reserved, double and clashing names."""
    found = Definitions()
    emotions: dict[str, Definition[EmotionForm]] = {}
    for file in files:
        form = file.form
        _section(file, "emotions", form.emotions, emotions, report)
        _section(file, "areas", form.areas, found.areas, report)
        _section(file, "archetypes", form.archetypes, found.archetypes, report)
        _section(file, "characters", form.characters, found.characters, report)
        _section(file, "objects", form.objects, found.objects, report)
        _section(file, "rules", form.rules, found.rules, report)
        _section(file, "trees", {}, found.trees, report)
        _section(file, "world", form.world, found.world, report)
        for item in form.events or []:
            _define(found.events, Definition(item.text, item.place, None, item, file.main), "event", report)
    if emotions:
        _own_labels(found, emotions)
    reserved = KEYWORDS | set(found.labels) | set(TRAITS)
    for what, section in _sections(found):
        for each in section.values():
            check_name(each.name, each.place, what, reserved, report)
    for name, emotion in emotions.items():
        check_name(name, emotion.place, "emotion", KEYWORDS | set(TRAITS) | {NEUTRAL}, report)
    _clashes(found, report)
    return found


def check_name(name: str, place: Place, what: str, reserved: Collection[str], report: Report) -> None:
    """Report a name that is not spelled like one, or that means something else already."""
    if not NAME.fullmatch(name):
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
        remedy = plain if NAME.fullmatch(plain) else f"my_{what.rsplit(maxsplit=1)[-1]}"
        message = f"`{name[:60]}` is not a name: small letters, digits and _, a letter first"
        report.error("bad-name", place, message, remedy=remedy)
    elif name in reserved:
        message = f"`{name}` is a word of the language and cannot name {_a(what)}"
        report.error("name-reserved", place, message, remedy=f"{name}_{what.rsplit(maxsplit=1)[-1]}")


def _a(what: str) -> str:
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"


def _sections(found: Definitions) -> list[tuple[str, dict[str, Definition[object]]]]:
    sections: list[tuple[str, object]] = [
        ("area", found.areas),
        ("archetype", found.archetypes),
        ("character", found.characters),
        ("object", found.objects),
        ("rule", found.rules),
        ("tree", found.trees),
        ("variable", found.world),
        ("event", found.events),
    ]
    return [(what, section) for what, section in sections if isinstance(section, dict)]


def _section(
    file: SceneFile, key: str, forms: dict[str, _F] | None, into: dict[str, Definition[_F]], report: Report
) -> None:
    node = file.node.get(key)
    if not isinstance(node, Map):
        return
    what = {"world": "variable", "areas": "area", "emotions": "emotion"}.get(key, key.removesuffix("s"))
    for name, value in node.entries.items():
        definition = Definition(name, node.key_place(name), (forms or {}).get(name), value, file.main)
        _define(into, definition, what, report)


def _define(into: dict[str, Definition[_F]], definition: Definition[_F], what: str, report: Report) -> None:
    first = into.get(definition.name)
    if first is None:
        into[definition.name] = definition
        return
    message = f"the {what} `{definition.name}` is already defined"
    report.error("defined-twice", definition.place, message, see=[first.place], remedy="rename one of the two")


def _own_labels(found: Definitions, emotions: dict[str, Definition[EmotionForm]]) -> None:
    found.labels = tuple(sorted({*emotions, NEUTRAL}))
    found.pad, found.half_life = {NEUTRAL: PAD[NEUTRAL]}, {}
    for name, each in emotions.items():
        if name == NEUTRAL:
            continue
        form = each.form
        axes = (form.pleasure, form.arousal, form.dominance) if form else (None, None, None)
        pleasure, arousal, dominance = (axis.value if axis else 0.0 for axis in axes)
        found.pad[name] = (pleasure, arousal, dominance)
        stated = form.half_life if form else None
        found.half_life[name] = stated.value if stated else HALF_LIFE_S.get(name, DEFAULT_HALF_LIFE_S)
    found.pad = dict(sorted(found.pad.items()))


def _clashes(found: Definitions, report: Report) -> None:
    """One name, one thing: what a selector, a leaf or a message names is never in doubt."""
    first: dict[str, tuple[str, Place]] = {}
    claims = [
        (not each.main, each.place.file, each.place.line, each.place.col, what, each)
        for what, section in _sections(found)
        if what not in ("variable", "event")
        for each in section.values()
    ]
    for *_, what, each in sorted(claims, key=lambda claim: claim[:4]):
        if each.name in first:
            _clash(each.name, what, each.place, first[each.name], report)
        first.setdefault(each.name, (what, each.place))
    for tag in _tags(found):
        known = first.get(tag.text)
        if known is not None and known[0] not in ("archetype", "tag"):
            _clash(tag.text, "tag", tag.place, known, report)
        first.setdefault(tag.text, ("tag", tag.place))


def _tags(found: Definitions) -> Iterator[Scalar]:
    people: list[Definition[ArchetypeForm]] = [*found.archetypes.values(), *found.characters.values()]
    for each in people:
        yield from (each.form.tags or []) if each.form else []


def _clash(name: str, what: str, place: Place, known: tuple[str, Place], report: Report) -> None:
    message = f"`{name}` is already the name of {_a(known[0])}, so it cannot name {_a(what)} too"
    report.error("name-clash", place, message, see=[known[1]], remedy=f"{name}_{what}")


def look_up(word: Scalar, known: Collection[str], what: str, report: Report) -> bool:
    """True when the word is a known name; else it is reported."""
    if word.text in known:
        return True
    report.error(
        "unknown-name", word.place, f"there is no {what} `{word.text[:80]}`", remedy=did_you_mean(word.text, known)
    )
    return False


def known_key(form: Form, field_name: str, key: str, known: Collection[str], message: str, report: Report) -> bool:
    """True when a key of a form's map is a known name; else it is reported at the key."""
    if key in known:
        return True
    section = form.node.map(field_name)
    place = section.key_place(key) if section is not None else form.node.place
    report.error("unknown-name", place, message, remedy=did_you_mean(key, known))
    return False
