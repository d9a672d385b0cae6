"""Owns a small sound scene, ways to break it at a marked place, and reading it from a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emotion_runtime.scene import Diagnostic, scene_report
from emotion_runtime.scene.diagnostics import Report
from emotion_runtime.scene.resolved import Scene

MARK = "‸"
"""Stands before the place at which a fault must be reported."""

SOUND = """\
scene: small
language: 1
areas:
  hall: {from: [0, 0], to: [10, 8]}
world:
  night: false
events: [bang]
archetypes:
  person: {can: [flee]}
characters:
  anna:
    is: person
    at: [1, 1]
    personality: {neuroticism: 0.5}
    likes: {ben: 0.3}
    can: [wave]
    tree: life
  ben: {is: person, at: [2, 2], can: [wave], tree: life}
objects:
  fire:
    at: [3, 3]
    vars: {lit: true, heat: 0.5 in 0..1}
    rules:
      warm: {trigger: lit, bearer: all(person) within 4 m, effect: {joy: +0.02/s}}
rules:
  flee: {bearer: cause(fear), trigger: fear > 0.6, release: fear < 0.3, lasts: 4 s}
  wave:
    bearer: nearest(person)
    trigger: joy > 0.3
    aim: {joy: +0.1}
    lasts: 2 s
trees:
  life:
    selector: [flee, wave]
appraisal:
  - {event: bang, feels: {fear: +0.3}}
"""


def changed(old: str, new: str) -> str:
    """The sound scene with one place changed."""
    assert SOUND.count(old) == 1, f"{old!r} must be in the sound scene once"
    return SOUND.replace(old, new)


@dataclass(frozen=True)
class Loaded:
    scene: Scene | None
    report: Report

    @property
    def faults(self) -> list[Diagnostic]:
        return self.report.sorted()

    @property
    def slugs(self) -> list[str]:
        return [each.slug for each in self.faults]

    @property
    def places(self) -> list[tuple[str, int, int]]:
        return [(each.slug, each.line, each.col) for each in self.faults]


def load(folder: Path, text: str | bytes, **included: str) -> Loaded:
    """Write `main.yaml` (and NAME.yaml for each further text) and read it."""
    path = folder / "main.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name, other in included.items():
        (folder / f"{name}.yaml").write_text(other, encoding="utf-8")
    return Loaded(*scene_report(path))


def marked(text: str) -> tuple[str, tuple[int, int]]:
    """The text without its mark, and the line and column of the mark."""
    before, found, after = text.partition(MARK)
    assert found, "no place is marked"
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))
