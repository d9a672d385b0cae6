"""Proves how faults look: text with source line, caret, second place, remedy; JSON; a steady order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emotion_runtime.scene import scene_report
from emotion_runtime.scene.diagnostics import Place, Report, did_you_mean
from tests.scene.scenes import SOUND, load

PEOPLE = """\
language: 1
archetypes:
  person: {can: [flee, chat]}
rules:
  flee: {bearer: cause(fear), trigger: fear > 0.6, release: fear < 0.3, aim: {self.fear: -0.15/s}, lasts: 4 s}
  chat: {bearer: nearest(person) within 4 m, trigger: neutral > 0.4, aim: {joy: +0.05}, lasts: 6 s}
"""

BAD_TEXT = """\
scene: bad_text
language: 1
include: [people.yaml]
areas: {hall: {from: [0, 0], to: [10, 8]}}
characters:
  guard: {is: persn, at: [1, 1], roams: [hall], personality: {neurotic: 0.2}, can: [shuot], tree: watch}
  no: {is: person, at: [2, 2], roams: [hall], can: [a, b, c, d, e, f], tree: watch}
rules:
  a: {bearer: self, trigger: feer > 0.6, aim: {fear: 0.3}, lasts: 2}
  b: {bearer: self, trigger: not, aim: {}, lasts: 2 s}
  c: {bearer: self, trigger: max(fear, anger) > 0.5, aim: {}, lasts: 2 s}
  d: {bearer: nearest(gaurd) within 500 cm, trigger: fear > 0.6 && anger > 0.1, aim: {}, lasts: 2 s}
  e: {bearer: all(person), trigger: fear > 60%, aim: {}, lasts: 2 s}
  e: {bearer: self, trigger: Fear > 0.6, aim: {joyy: +0.2}, lasts: 2 s}
  f: {bearer: self, trigger: fear > 0.6, aim: {fear: -0.2 m}, lasts: 2 s, tigger: x}
trees:
  watch: {selector: [a, b]}
"""

SHOWN = """\
bad_text.yaml:6:15: error[unknown-name]: there is no archetype `persn`
   6 |   guard: {is: persn, at: [1, 1], roams: [hall], personality: {neurotic: 0.2}, can: [shuot], tree: watch}
     |               ^^^^^
     = try: did you mean `person`?

bad_text.yaml:6:63: error[unknown-name]: `neurotic` is not a trait
   6 |   guard: {is: persn, at: [1, 1], roams: [hall], personality: {neurotic: 0.2}, can: [shuot], tree: watch}
     |                                                               ^^^^^^^^
     = try: did you mean `neuroticism`?

bad_text.yaml:6:85: error[unknown-name]: there is no rule `shuot`
   6 |   guard: {is: persn, at: [1, 1], roams: [hall], personality: {neurotic: 0.2}, can: [shuot], tree: watch}
     |                                                                                     ^^^^^
     = try: known here: a, b, c, chat, d, e, f, flee

bad_text.yaml:9:30: error[unknown-name]: `feer` is not known in this trigger
   9 |   a: {bearer: self, trigger: feer > 0.6, aim: {fear: 0.3}, lasts: 2}
     |                              ^^^^
     = try: did you mean `fear`?

bad_text.yaml:9:54: error[missing-sign]: an aim is a change, so it needs a sign
   9 |   a: {bearer: self, trigger: feer > 0.6, aim: {fear: 0.3}, lasts: 2}
     |                                                      ^^^
     = try: +0.3 to raise it, -0.3 to lower it

bad_text.yaml:9:67: error[wrong-unit]: `lasts` needs a time
   9 |   a: {bearer: self, trigger: feer > 0.6, aim: {fear: 0.3}, lasts: 2}
     |                                                                   ^
     = try: 2 s

bad_text.yaml:10:33: error[syntax]: a value is missing here
  10 |   b: {bearer: self, trigger: not, aim: {}, lasts: 2 s}
     |                                 ^

bad_text.yaml:11:40: error[comma-in-braces]: inside { } a comma ends a value, so this trigger was cut in two
  11 |   c: {bearer: self, trigger: max(fear, anger) > 0.5, aim: {}, lasts: 2 s}
     |                                        ^^^^^^^^^^^^
     = try: put the trigger in quotes, or on a line of its own

bad_text.yaml:12:23: error[unknown-name]: nobody has the tag `gaurd`
  12 |   d: {bearer: nearest(gaurd) within 500 cm, trigger: fear > 0.6 && anger > 0.1, aim: {}, lasts: 2 s}
     |                       ^^^^^
     = try: did you mean `guard`?

bad_text.yaml:12:65: error[syntax]: `&` is not part of the trigger language
  12 |   d: {bearer: nearest(gaurd) within 500 cm, trigger: fear > 0.6 && anger > 0.1, aim: {}, lasts: 2 s}
     |                                                                 ^^
     = try: write `and`

bad_text.yaml:14:3: error[duplicate-key]: `e` is given twice
  14 |   e: {bearer: self, trigger: Fear > 0.6, aim: {joyy: +0.2}, lasts: 2 s}
     |   ^
     = see bad_text.yaml:13:3: e: {bearer: all(person), trigger: fear > 60%, aim: {}, lasts: 2 s}

bad_text.yaml:14:30: error[syntax]: `Fear` is not part of the trigger language
  14 |   e: {bearer: self, trigger: Fear > 0.6, aim: {joyy: +0.2}, lasts: 2 s}
     |                              ^^^^
     = try: names are lower case: `fear`

bad_text.yaml:14:48: error[unknown-name]: `joyy` is not an emotion
  14 |   e: {bearer: self, trigger: Fear > 0.6, aim: {joyy: +0.2}, lasts: 2 s}
     |                                                ^^^^
     = try: did you mean `joy`?

bad_text.yaml:15:54: error[wrong-unit]: an aim has no unit but `/s`
  15 |   f: {bearer: self, trigger: fear > 0.6, aim: {fear: -0.2 m}, lasts: 2 s, tigger: x}
     |                                                      ^^^^^^
     = try: -0.2

bad_text.yaml:15:75: error[unknown-key]: a rule has no field `tigger`
  15 |   f: {bearer: self, trigger: fear > 0.6, aim: {fear: -0.2 m}, lasts: 2 s, tigger: x}
     |                                                                           ^^^^^^
     = try: did you mean `trigger`?
"""


def test_all_faults_of_a_file_are_shown_at_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad_text.yaml").write_text(BAD_TEXT, encoding="utf-8")
    Path("people.yaml").write_text(PEOPLE, encoding="utf-8")
    assert scene_report("bad_text.yaml")[1].text() == SHOWN


def test_a_fault_is_a_json_object(tmp_path: Path) -> None:
    (fault,) = load(tmp_path, SOUND.replace("joy > 0.3", "joi > 0.3")).faults
    assert json.loads(json.dumps(fault.as_json())) == {
        "level": "error",
        "slug": "unknown-name",
        "file": (tmp_path / "main.yaml").as_posix(),
        "line": 29,
        "col": 14,
        "width": 3,
        "message": "`joi` is not known in this trigger",
        "see": [],
        "notes": [],
        "remedy": "did you mean `joy`?",
    }


def test_an_opposed_parallel_is_shown_with_both_places_and_the_cosine(tmp_path: Path) -> None:
    text = SOUND.replace("rules:\n  flee", "rules:\n  weep: {bearer: self, trigger: sadness > 0.3, lasts: 1 s}\n  flee")
    text = text.replace("can: [flee]", "can: [flee, weep]").replace("[flee, wave]", "[{parallel: [wave, weep]}, flee]")
    (fault,) = load(tmp_path, text).faults
    assert fault.message == "`weep` is sadness-oriented and cannot run beside `wave`, which is joy-oriented"
    assert fault.notes == ("cosine of joy and sadness in PAD space is -0.99 (limit -0.20)",)
    assert [(each.line, each.col) for each in fault.see] == [(35, 28)]


def test_a_caret_stands_below_its_word_after_tabs_and_wide_letters() -> None:
    report = Report({"a.yaml": "x:\t感 word"})
    report.error("syntax", Place("a.yaml", 1, 6, 4), "no")
    assert report.text().splitlines()[1:] == ["   1 | x:\t感 word", "     |   \t   ^^^^"]


def test_a_long_line_is_cut_around_the_caret() -> None:
    report = Report({"a.yaml": "x" * 5000 + "here" + "y" * 5000})
    report.error("syntax", Place("a.yaml", 1, 5001, 4), "no")
    _, line, carets = report.text().splitlines()
    assert len(line) < 250
    assert line[carets.index("^") : carets.rindex("^") + 1] == "here"


def test_a_scene_cannot_send_commands_to_the_terminal() -> None:
    report = Report({"a.yaml": "x: \x1b[2J \u202e"})
    report.error("syntax", Place("a.yaml", 1, 1), "no")
    assert "\x1b" not in report.text()
    assert "\u202e" not in report.text()


def test_the_same_fault_counts_once() -> None:
    report = Report()
    report.error("syntax", Place("a.yaml", 1, 1), "no")
    report.error("syntax", Place("a.yaml", 1, 1), "no")
    assert len(report.sorted()) == 1


def test_an_unknown_word_gets_the_nearest_known_one_or_the_first_twelve() -> None:
    assert did_you_mean("gaurd", ["guard", "thief"]) == "did you mean `guard`?"
    assert did_you_mean("zzz", ["b", "a"]) == "known here: a, b"
    assert did_you_mean("zzz", [f"n{i:02}" for i in range(20)]).endswith("n11, ...")
    assert did_you_mean("zzz", []) == ""


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ("joy > 0.3", "world.nigth and joy > 0.3", "did you mean `world.night`?"),
        ("joy > 0.3", "night and joy > 0.3", "did you mean `world.night`?"),
        ("joy > 0.3", "lit and joy > 0.3", "did you mean `fire.lit`?"),
        ("joy > 0.3", "mood > 0.3", "mood.pleasure, mood.arousal or mood.dominance"),
        ("joy > 0.3", "bearer.lit and joy > 0.3", "`fire.lit`, or state `bearer: fire`"),
        ("joy > 0.3", "bearer.joi > 0.3", "did you mean `bearer.joy`?"),
        ("trigger: lit", "trigger: fire.lit", "did you mean `lit`?"),
        ("bearer: nearest(person)", "bearer: person", "nearest(person), or all(person) within 5 m"),
        ("{neuroticism: 0.5}", "{neuroticism: 0,5}", "0.5"),
        ("lasts: 2 s", "lasts: 2 sec", "2 s"),
        ("0.5 in 0..1", "yes", "true"),
        ("0.5 in 0..1", "0.5", "0.5 in 0..1, or true / false"),
        ("0.5 in 0..1", "0 s in 0..60", "0 s in 0..60 s"),
        ("ben: 0.3", "ben: 60%", "0.6"),
        ("selector: [flee, wave]", "selector:[flee, wave]", "put a space after the colon"),
        ("event: bang", "event: bnag", "did you mean `bang`?"),
    ],
)
def test_the_remedy_is_what_the_designer_meant(tmp_path: Path, old: str, new: str, remedy: str) -> None:
    assert SOUND.count(old) == 1
    (fault,) = load(tmp_path, SOUND.replace(old, new)).faults
    assert fault.remedy == remedy
