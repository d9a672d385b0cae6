"""Owns small scenes for the proofs: one character with rules and a tree, and what is found in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emotion_runtime.proofs import Proving, proved_report
from emotion_runtime.scene import Diagnostic
from tests.scene.scenes import marked

FRAME = """\
scene: small
language: 1
areas:
  hall: {{from: [0, 0], to: [10, 8]}}
world: {{night: false, noise: 0.2 in 0..1}}
events: [bang]
archetypes:
  person: {{roams: [hall]{archetype}}}
characters:
  anna: {{is: person, at: [1, 1]{anna}, can: [{can}], tree: life}}
  ben: {{is: person, at: [2, 2]{ben}}}
objects:
  fire: {{at: {fire_at}, vars: {{lit: true, heat: 0.5 in 0..1}}, rules: {{{fire}}}}}
rules:
{rules}
trees:
  life: {tree}
appraisal:
{rows}
"""


def scene(
    rules: str,
    tree: str = "",
    *,
    anna: str = "",
    ben: str = "",
    archetype: str = "",
    fire: str = "",
    fire_at: str = "[3, 3]",
    rows: str = "  - {event: bang, feels: {fear: +0.3}}",
) -> str:
    """A scene of anna, who has the rules and the tree, ben, who has neither, and a fire."""
    lines = [line for line in rules.strip().splitlines() if line.strip()]
    names = [line.strip().lstrip("‸").split(":")[0] for line in lines if line.startswith(" " * 2) or line[0] != " "]
    body = "\n".join(f"  {line.strip()}" for line in lines)
    return FRAME.format(
        rules=body, can=", ".join(names), tree=tree or f"{{selector: [{', '.join(names)}]}}", anna=_more(anna),
        ben=_more(ben), archetype=_more(archetype), fire=fire, fire_at=fire_at, rows=rows,
    )  # fmt: skip


def _more(text: str) -> str:
    return f", {text}" if text else ""


@dataclass(frozen=True)
class Found:
    faults: list[Diagnostic]
    text: str
    place: tuple[int, int] | None

    @property
    def slugs(self) -> list[str]:
        return [each.slug for each in self.faults]

    def at_mark(self, slug: str) -> Diagnostic:
        """The finding of this slug at the marked place."""
        here = [each for each in self.faults if each.slug == slug and (each.line, each.col) == self.place]
        assert here, f"no {slug} at {self.place} in:\n{self.text}"
        return here[0]


def prove(folder: Path, text: str, proving: Proving | None = None) -> Found:
    """Everything found in a scene, notes included."""
    place = None
    if "‸" in text:
        text, place = marked(text)
    path = folder / "main.yaml"
    path.write_text(text, encoding="utf-8")
    _, report = proved_report(path, proving)
    return Found(report.sorted(), report.text(), place)
