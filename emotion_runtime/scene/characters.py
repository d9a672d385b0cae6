"""Owns characters: archetype chains merged, likes spread from tags to the characters that carry them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from emotion_runtime.affect.labels import HEARING_M, MOOD_HALF_LIFE_S
from emotion_runtime.scene.definitions import Definition, Definitions, known_key, look_up
from emotion_runtime.scene.diagnostics import Place, Report
from emotion_runtime.scene.faces import FaceReader
from emotion_runtime.scene.model import ArchetypeForm, CharacterForm
from emotion_runtime.scene.nodes import Scalar
from emotion_runtime.scene.resolved import TRAITS, Character, Contagion
from emotion_runtime.scene.values import Number

Chain = list[Definition[ArchetypeForm]]


def chains(defined: Definitions, report: Report) -> dict[str, Chain]:
    """For each character itself and its archetypes, nearest first."""
    for name, archetype in defined.archetypes.items():
        _ancestors(name, archetype, defined, report)
    return {name: _ancestors(name, each, defined, report) for name, each in defined.characters.items()}


def _ancestors(name: str, start: Definition[ArchetypeForm], defined: Definitions, report: Report) -> Chain:
    chain: Chain = [start]
    while (form := chain[-1].form) is not None and form.is_ is not None:
        word = form.is_
        if not look_up(word, defined.archetypes, "archetype", report):
            break
        parent = defined.archetypes[word.text]
        if any(parent is each for each in chain):
            message = f"the archetype `{word.text}` is built on itself"
            report.error("archetype-cycle", word.place, message, see=[parent.place], remedy="remove one `is`")
            break
        chain.append(parent)
    return chain


def tags_of(chain: Chain) -> frozenset[str]:
    """A character's own name, its archetypes' names and all tags it was given."""
    given = {tag.text for each in chain if each.form for tag in each.form.tags or []}
    return frozenset(given | {each.name for each in chain})


def check_forms(defined: Definitions, tags: frozenset[str], report: Report) -> None:
    """Report every unknown name in characters and archetypes, each once."""
    people: Chain = [*defined.archetypes.values(), *defined.characters.values()]
    for each in people:
        if each.form is not None:
            _check_form(each.form, defined, tags, report)


def _check_form(form: ArchetypeForm, defined: Definitions, tags: frozenset[str], report: Report) -> None:
    for trait in form.personality or {}:
        known_key(form, "personality", trait, TRAITS, f"`{trait}` is not a trait", report)
    for label in form.half_life or {}:
        message = "neutral has no half-life: it is what the others leave" if label == "neutral" else (
            f"`{label}` is not an emotion"
        )  # fmt: skip
        known_key(form, "half_life", label, (*defined.felt, "mood"), message, report)
    for label in form.contagion or {}:
        known_key(form, "contagion", label, defined.felt, f"`{label}` is not an emotion one can catch", report)
    for name in form.likes or {}:
        message = f"there is no character or tag `{name}`"
        if name in defined.objects:
            message = f"`{name}` is an object: only characters are liked"
        known_key(form, "likes", name, tags | set(defined.archetypes), message, report)
    for area in form.roams or []:
        look_up(area, defined.areas, "area", report)
    for rule in form.can or []:
        look_up(rule, defined.rules, "rule", report)
    for words in (form.tags, form.can, form.roams):
        _listed_once(words or [], report)
    if form.tree is not None:
        look_up(form.tree, defined.trees, "tree", report)


def _listed_once(words: list[Scalar], report: Report) -> None:
    first: dict[str, Place] = {}
    for word in words:
        if word.text in first:
            report.error("listed-twice", word.place, f"`{word.text}` is listed twice", see=[first[word.text]])
        first.setdefault(word.text, word.place)


def resolve_characters(
    defined: Definitions,
    lines: Mapping[str, Chain],
    tags: Mapping[str, frozenset[str]],
    faces: FaceReader,
    report: Report,
) -> tuple[Character, ...]:
    """All characters, by name. Call it for a scene whose names are all known."""
    carriers = Counter(tag for carried in tags.values() for tag in carried)
    crowd = _Crowd(tags, carriers)
    return tuple(_resolve(name, lines[name], defined, crowd, faces, report) for name in sorted(lines))


@dataclass(frozen=True, slots=True)
class _Crowd:
    """The tags of every character, and how many carry each tag."""

    tags: Mapping[str, frozenset[str]]
    carriers: Mapping[str, int]


def _resolve(
    name: str, chain: Chain, defined: Definitions, crowd: _Crowd, faces: FaceReader, report: Report
) -> Character:
    forms = [each.form for each in reversed(chain) if each.form is not None]
    personality: dict[str, float] = dict.fromkeys(TRAITS, 0.0)
    half_life = {**defined.half_life, "mood": MOOD_HALF_LIFE_S}
    likes: dict[str, Number] = {}
    contagion: dict[str, Contagion] = {}
    hearing, tree = HEARING_M, None
    can: set[str] = set()
    roams: tuple[str, ...] = ()
    for form in forms:
        personality |= {trait: each.value for trait, each in (form.personality or {}).items()}
        half_life |= {label: each.value for label, each in (form.half_life or {}).items()}
        likes |= form.likes or {}
        contagion |= {k: Contagion(k, each.gain, each.within) for k, each in (form.contagion or {}).items()}
        can |= {rule.text for rule in form.can or []}
        hearing = form.hearing.value if form.hearing else hearing
        tree = form.tree.text if form.tree else tree
        roams = tuple(sorted(area.text for area in form.roams)) if form.roams is not None else roams
    own = chain[0].form
    at = own.at if isinstance(own, CharacterForm) else None
    mood_half_life = half_life.pop("mood")
    return Character(
        id=name,
        at=point(at),
        personality=personality,
        likes=_spread(name, likes, crowd, report),
        half_life=dict(sorted(half_life.items())),
        mood_half_life=mood_half_life,
        hearing=hearing,
        contagion=tuple(contagion[label] for label in sorted(contagion)),
        can=tuple(sorted(can)),
        tags=crowd.tags[name],
        tree=tree,
        archetypes=tuple(each.name for each in chain[1:]),
        roams=roams,
        face=faces.style(forms),
    )


def point(at: list[Number] | None) -> tuple[float, float, float]:
    """A place on the floor (x, z) or in space (x, y, z) as x, y, z."""
    values = [each.value for each in at or []]
    if len(values) == 2:
        return (values[0], 0.0, values[1])
    return (values[0], values[1], values[2]) if len(values) == 3 else (0.0, 0.0, 0.0)


def _spread(who: str, stated: Mapping[str, Number], crowd: _Crowd, report: Report) -> dict[str, float]:
    """Likes of characters out of likes of names and tags: a name beats a tag, a rarer tag a more common one."""
    likes: dict[str, float] = {}
    for other in sorted(crowd.tags) if stated else []:
        if other == who:
            continue
        if other in stated:
            likes[other] = stated[other].value
            continue
        having = [tag for tag in stated if tag in crowd.tags[other]]
        if not having:
            continue
        fewest = min(crowd.carriers[tag] for tag in having)
        best = sorted(tag for tag in having if crowd.carriers[tag] == fewest)
        if len({stated[tag].value for tag in best}) > 1:
            first, second = best[:2]
            report.error(
                "likes-ambiguous", stated[first].at.place,
                f"{who} likes `{first}` and `{second}` differently, and {other} is both",
                see=[stated[second].at.place], remedy=f"say how {who} likes {other}: `{other}: 0.2`",
            )  # fmt: skip
        likes[other] = stated[best[0]].value
    return likes
