"""Proves for each slug that it fires at the very place, and that a near miss does not fire it."""

# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_runtime.scene.slugs import SLUGS
from tests.scene.scenes import SOUND, changed, load, marked

WAVE = "    bearer: nearest(person)\n    trigger: joy > 0.3\n    aim: {joy: +0.1}\n    lasts: 2 s\n"
FLEE = "  flee: {bearer: cause(fear), trigger: fear > 0.6, release: fear < 0.3, lasts: 4 s}\n"
TWO_MOODS = "  smile: {bearer: self, trigger: joy > 0.3, lasts: 1 s}\n  weep: {bearer: self, trigger: sadness > 0.3, lasts: 1 s}\n"

# slug, what is replaced in the sound scene, by what (the place of the fault marked), and by what no fault comes of
CASES = [
    ("no-anchors", "[2, 2]", "‸&here [2, 2]", '[2, 2]  # "&here"'),
    ("no-anchors", "{ben: 0.3}", "\n      ‸<<: {ben: 0.3}", "\n      ben: 0.3"),
    ("no-tags", "joy > 0.3", "‸!joy", "not joy > 0.5"),
    ("comma-in-braces", "trigger: fear > 0.6,", "trigger: max(fear, ‸anger) > 0.6,", "trigger: 'max(fear, anger) > 0.6',"),
    ("comma-in-braces", "trigger: lit,", "trigger: clamp(heat, ‸0.1, 0.9) > 0.3,", "trigger: heat > 0.3,"),
    ("comma-in-braces", "{neuroticism: 0.5}", "{neuroticism: 0,‸5}", "{neuroticism: '0.5'}"),
    ("duplicate-key", "    lasts: 2 s", "    lasts: 2 s\n    ‸lasts: 3 s", "    lasts: 2 s\n    rest: 3 s"),
    ("not-yaml", "lasts: 2 s", "lasts: 2 s‸: 3", "lasts: 2 s"),
    ("not-yaml", "joy > 0.3", "‸> 0.6", "'joy > 0.6'"),
    ("not-yaml", "joy > 0.3", "‸@joy", "joy > 0.6"),
    ("not-yaml", "    aim: {joy: +0.1}", "‸\taim: {joy: +0.1}", "    aim: {joy: +0.1}"),
    ("not-yaml", "trigger: fear > 0.6,", "trigger: ‸!fear > 0.6,", "trigger: not fear > 0.6,"),
    ("not-yaml", "    selector: [flee, wave]", "    selector: ‸[flee, wave", "    selector: [flee,\n      wave]"),
    ("one-document", "areas:\n", "‸---\nareas:\n", "# ---\nareas:\n"),
    ("unknown-key", "    aim: {joy: +0.1}", "    ‸goal: {joy: +0.1}", "    aim: {joy: +0.2}"),
    ("unknown-key", "    selector: [flee, wave]", "    selector: [flee, wave]\n    ‸times: 3", "    selector: [wave, flee]"),
    ("missing-key", "at: [2, 2], ", "", "at: [2, 2, 2], "),
    ("missing-key", "language: 1\n", "", "language: 1 \n"),
    ("missing-key", "{event: bang, feels", "‸{feels", "{heard: joy, feels: {joy: +0.1}}\n  - {event: bang, feels"),
    ("missing-key", "    selector: [flee, wave]", "    repeat: flee", "    repeat: {sequence: [flee, wave]}\n    times: 3"),
    ("missing-value", "lasts: 2 s", "‸lasts:", "lasts: 2 s"),
    ("missing-value", "    aim: {joy: +0.1}", "    ‸aim:", "    aim: {}"),
    ("wrong-shape", "    can: [wave]", "    can: ‸wave", "    can: ['wave']"),
    ("wrong-shape", "lasts: 2 s", "‸lasts: [2 s]", "lasts: '2 s'"),
    ("wrong-shape", "at: [1, 1]", "at: [‸1]", "at: [1, 0, 1]"),
    ("tree-form", "    selector: [flee, wave]", "    selector: [flee]\n    ‸sequence: [wave]", "    selector: [flee, {sequence: [wave]}]"),
    ("tree-form", "    selector: [flee, wave]", "    ‸select: [flee, wave]", "    selector: [flee, wave]"),
    ("modifier", "[flee, wave]", "[flee, {modify: wave, with: [‸cooldwn 3 s]}]", "[flee, {modify: wave, with: [once, retry 2]}]"),
    ("not-a-quantity", "ben: 0.3", "ben: ‸a lot", "ben: +0.3"),
    ("not-a-quantity", "lasts: 2 s", "lasts: ‸1e3 s", "lasts: 1000 s"),
    ("wrong-unit", "lasts: 2 s", "lasts: ‸2", "lasts: 2 min"),
    ("wrong-unit", "within 4 m", "within ‸4", "within 4.5 m"),
    ("wrong-unit", "{joy: +0.1}", "{joy: ‸+0.1 m}", "{joy: +0.1/s}"),
    ("wrong-unit", "+0.02/s", "‸+0.02", "-0.02/s"),
    ("wrong-unit", "fear: +0.3", "fear: ‸+0.3/s", "fear: -0.3"),
    ("missing-sign", "{joy: +0.1}", "{joy: ‸0.1}", "{joy: -0.1}"),
    ("out-of-range", "ben: 0.3", "ben: ‸1.3", "ben: -1"),
    ("out-of-range", "lasts: 2 s", "lasts: ‸0 s", "lasts: 1 ms"),
    ("out-of-range", "lasts: 2 s", "lasts: 2 s\n    rest: ‸0.1 ms", "lasts: 2 s\n    rest: 0 s"),
    ("out-of-range", "0.5 in 0..1", "‸2 in 0..1", "1 in 0..1"),
    ("variable-range", "0.5 in 0..1", "‸0.5", "-0.5 in -1..1"),
    ("variable-range", "0.5 in 0..1", "‸0.5 in 1..0", "0.5 in 0..0.6"),
    ("not-a-word", "effect: {", "fade: ‸smooth, effect: {", "fade: linear, effect: {"),
    ("selector", "nearest(person)", "‸all(person)", "all(person) within 1 m"),
    ("selector", "nearest(person)", "‸next(person)", "nearest(person) within 20 cm"),
    ("selector", "all(person) within 4 m", "‸anna", "all(anna) within 4 m"),
    ("syntax", "joy > 0.3", "joy > 0.3 ‸&& fear < 0.2", "joy > 0.3 and fear < 0.2"),
    ("syntax", "joy > 0.3", "not‸", "not joy > 0.9"),
    ("syntax", "joy > 0.3", "joy > 0.3\n      ‸&& fear < 0.2", "joy > 0.3\n      and fear < 0.2"),
    ("syntax", "joy > 0.3", "|\n      joy > 0.3\n      ‸&& fear < 0.2", "|\n      joy > 0.3\n      and fear < 0.2"),
    ("too-long", "joy > 0.3", "joy > 0.3" + " and joy > 0.3" * 142 + " an‸d joy > 0.3", "joy > 0.3" + " and joy > 0.3" * 20),
    ("too-deep", "joy > 0.3", "(" * 32 + "‸(joy > 0.3" + ")" * 33, "(" * 20 + "joy > 0.3" + ")" * 20),
    ("wrong-type", "joy > 0.3", "‸joy", "joy > 0.1 and world.night"),
    ("wrong-unit", "joy > 0.3", "joy > 0.3 and distance < ‸5", "joy > 0.3 and distance < 5 m"),
    ("not-linear", "joy > 0.3", "‸joy * fear > 0.3", "joy * neuroticism > 0.3"),
    ("division-by-zero", "joy > 0.3", "joy / ‸0 > 0.3", "joy / 2 > 0.3"),
    ("trigger-without-mood", "joy > 0.3", "‸distance < 3 m", "mood.pleasure > 0.3"),
    ("unknown-name", "joy > 0.3", "‸joi > 0.3", "bearer.joy > 0.3"),
    ("unknown-name", "is: person\n", "is: ‸persn\n", "is: person\n"),
    ("unknown-name", "[flee, wave]", "[flee, ‸wive]", "[wave, flee]"),
    ("unknown-name", "{neuroticism: 0.5}", "{‸neurotic: 0.5}", "{openness: 0.5}"),
    ("unknown-name", "{ben: 0.3}", "{‸bob: 0.3}", "{person: 0.3}"),
    ("unknown-name", "{ben: 0.3}", "{‸fire: 0.3}", "{anna: 0.3}"),
    ("unknown-name", "{joy: +0.1}", "{‸neutral: +0.1}", "{self.joy: +0.1}"),
    ("unknown-name", "nearest(person)", "nearest(‸cat)", "nearest(ben)"),
    ("unknown-name", "cause(fear)", "cause(‸feer)", "cause(joy)"),
    ("unknown-name", "trigger: lit,", "trigger: lit and ‸joy > 0.3,", "trigger: lit and world.night,"),
    ("unknown-name", "[flee, wave]", "[{filter: flee, while: ‸distance < 3 m}, wave]", "[{filter: flee, while: fear > 0.1}, wave]"),
    ("unknown-name", "{event: bang,", "{event: ‸bong,", "{event: bang, from: ben,"),
    ("unknown-name", "{event: bang,", "{event: bang, who: ‸cat,", "{event: bang, who: ben, from: liked,"),
    ("unknown-name", "    tree: life", "    roams: [‸attic]\n    tree: life", "    roams: [hall]\n    tree: life"),
    ("bad-name", "  hall:", "  ‸Hall:", "  hall_2:"),
    ("bad-name", "scene: small", "scene: ‸My scene", "scene: my_scene"),
    ("name-reserved", "  hall:", "  ‸joy:", "  joyful:"),
    ("name-reserved", "{lit: true,", "{‸min: true, lit: true,", "{minimum: true, lit: true,"),
    ("name-clash", FLEE, FLEE + "  ‸hall: {bearer: self, trigger: joy > 0.1, lasts: 1 s}\n", FLEE),
    ("name-clash", "    tree: life", "    tags: [‸fire]\n    tree: life", "    tags: [person]\n    tree: life"),
    ("listed-twice", "    can: [wave]", "    can: [wave, ‸wave]", "    can: [wave, flee]"),
    ("archetype-cycle", "{can: [flee]}", "{is: ‸person, can: [flee]}", "{can: [flee], tags: [human]}"),
    ("tree-recursion", "[flee, wave]", "[flee, {repeat: ‸life, times: 2}, wave]", "[flee, {repeat: flee, times: 2}, wave]"),
    ("object-cannot-feel", "nearest(person)\n    trigger: joy > 0.3\n    aim: {joy: +", "fire\n    trigger: joy > 0.3\n    aim: {joy: ‸+", "fire\n    trigger: joy > 0.3\n    aim: {self.joy: +"),
    ("sets-needs-object", "    aim: {joy: +0.1}", "    ‸sets: {lit: false}", "    aim: {joy: +0.1}"),
    ("parallel-opposed", FLEE, FLEE + TWO_MOODS, FLEE),
    ("cannot-do", "can: [flee]", "can: []", "can: [flee, wave]"),
    ("rule-not-in-tree", "selector: [flee, wave]", "selector: [flee]", "sequence: [flee, wave]"),
    ("rule-unused", FLEE, FLEE + "  ‸dig: {bearer: self, trigger: joy > 0.1, lasts: 1 s}\n",
     FLEE + "  dig: {bearer: self, trigger: joy > 0.1, lasts: 1 s, allow: [rule-unused]}\n"),
    ("tree-unused", "trees:\n", "trees:\n  ‸spare: {sequence: [flee]}\n", "trees:\n  spare: {sequence: [flee], allow: [tree-unused]}\n"),
    ("event-unused", "events: [bang]", "events: [bang, ‸boom]", "events: [bang]"),
    ("timeout-too-short", "lasts: 2 s", "lasts: 2 s\n    timeout: ‸1 s", "lasts: 2 s\n    timeout: 3 s"),
    ("allow-unused", "lasts: 2 s", "lasts: 2 s\n    allow: [‸rule-unused]", "lasts: 2 s\n    allow: []"),
    ("likes-ambiguous", "likes: {ben: 0.3}", "likes: {kin: ‸0.3, old: 0.4}\n    tags: [x]", "likes: {person: 0.3, ben: 0.4}\n    tags: [x]"),
]  # fmt: skip

# Places of faults whose scene has no room for a mark: the fault is that something is not there, or lies elsewhere.
UNMARKED = {
    "at: [2, 2], ": (18, 8),
    "language: 1\n": (1, 1),
    "    selector: [flee, wave]": (34, 5),
    "can: [flee]": (34, 16),
    "selector: [flee, wave]": (16, 11),
}


def complete(text: str) -> str:
    """Add what a few cases need elsewhere in the scene."""
    if "{kin: " in text:
        text = text.replace("ben: {is: person,", "ben: {is: person, tags: [kin, old],")
    if "  smile:" in text:
        text = text.replace("selector: [flee, wave]", "selector: [flee, wave, {parallel: [smile, ‸weep]}]")
        text = text.replace("can: [flee]", "can: [flee, smile, weep]")
    return text


@pytest.mark.parametrize(("slug", "old", "new", "near"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_a_slug_fires_at_its_place_and_a_near_miss_does_not(
    tmp_path: Path, slug: str, old: str, new: str, near: str
) -> None:
    broken = complete(changed(old, new))
    text, place = marked(broken) if "‸" in broken else (broken, UNMARKED[old])
    found = load(tmp_path, text)
    assert (slug, *place) in found.places, found.report.text()
    assert len(set(found.places)) == 1 or slug in ("cannot-do", "rule-not-in-tree"), found.report.text()
    assert slug not in load(tmp_path, complete(changed(old, near))).slugs


def test_the_sound_scene_has_no_fault(tmp_path: Path) -> None:
    found = load(tmp_path, SOUND)
    assert found.report.text() == ""
    assert found.scene is not None


def test_every_slug_of_the_list_is_fired_by_a_test() -> None:
    elsewhere = {
        "file-missing", "not-utf8", "too-large", "empty-file", "include-outside", "include-cycle", "not-in-include",
        "defined-twice", "face-file",
    }  # fmt: skip
    assert {case[0] for case in CASES} | elsewhere == set(SLUGS)


def test_every_slug_is_explained_in_the_docs() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "scene-language.md").read_text(encoding="utf-8")
    for slug, meaning in SLUGS.items():
        assert f"| `{slug}` | {meaning} |" in docs
