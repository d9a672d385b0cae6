"""Owns the way from files to a checked scene: all stages, all faults at once, and the Scene when there is no error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from behaviors.rules import AutonomousRule
from behaviors.trees import Tree
from emotion_runtime.scene.allowances import READ, Allowances
from emotion_runtime.scene.appraisal import read_appraisal
from emotion_runtime.scene.characters import chains, check_forms, resolve_characters, tags_of
from emotion_runtime.scene.checks import Subject, check_all
from emotion_runtime.scene.definitions import NAME, Definitions, gather
from emotion_runtime.scene.diagnostics import Place, Report
from emotion_runtime.scene.faces import FaceReader
from emotion_runtime.scene.files import SceneFile, read_files, shown_folder
from emotion_runtime.scene.model import AreaForm
from emotion_runtime.scene.resolved import Area, Scene, SmartObject, Variable
from emotion_runtime.scene.rules import RuleReader, check_point
from emotion_runtime.scene.scopes import Scopes
from emotion_runtime.scene.selectors import Known
from emotion_runtime.scene.sketches import arrange, check_inlining, inline
from emotion_runtime.scene.trees import TreeReader

MOST_CHARACTERS = 131_072
"""As many as a roster on the wire holds."""
MOST_OBJECTS = 65_536
MOST_RULES = 32_768
"""Actions are numbered in 16 bits; smart objects bring some too."""

Proofs: TypeAlias = Callable[[Scene, Subject, Allowances, Report], frozenset[str]]
"""Further checks of a sound scene; they return the slugs they looked for."""


def build(path: Path, report: Report, proofs: Proofs | None = None) -> Scene | None:
    """Read a scene and check it. Every fault goes to `report`; None when it cannot be loaded.

    `proofs` look at a scene whose parts are sound: what they find is reported, and is no reason not to load it.
    """
    files = read_files(path, report)
    if files is None:
        return None
    name = _headings(files, report)
    defined = gather(files, report)
    if _too_many(defined, files[0], report):
        return None
    lines = chains(defined, report)
    tags = {character: tags_of(chain) for character, chain in lines.items()}
    every_tag = frozenset[str]().union(*tags.values())
    check_forms(defined, every_tag, report)
    for character in defined.characters.values():
        check_point(character.form.at if character.form else None, report)
    scopes, allowances = Scopes(defined), Allowances(report)
    known = Known(tuple(defined.characters), tuple(defined.objects), every_tag, defined.felt)
    reader = RuleReader(defined, known, scopes, allowances, report)
    rules = _rules(defined, reader)
    objects = _objects(defined, reader)
    trees = TreeReader(defined, scopes, allowances, report)
    sketches = trees.all()
    _grown(defined, trees, report)
    whole = check_inlining(sketches, report)
    appraisal = read_appraisal(files, defined, every_tag, report)
    areas = tuple(_area(name, each.form, report) for name, each in sorted(defined.areas.items()) if each.form)
    if report.broken or not whole:
        return None
    arrange(sketches, {name: rule.priority for name, rule in rules.items()})
    characters = resolve_characters(defined, lines, tags, FaceReader(path, shown_folder(path), report), report)
    rows = tuple(form.node.place for file in files for form in file.form.appraisal or [])
    subject = Subject(defined, characters, rules, sketches, appraisal, rows)
    check_all(subject, allowances, report)
    broken = report.broken
    scene = Scene(
        name=name,
        path=path,
        labels=defined.labels,
        pad=defined.pad,
        characters=characters,
        objects=objects,
        rules=rules,
        trees={name: Tree(name, inline(sketches[name], sketches)) for name in defined.trees if name in sketches},
        appraisal=appraisal,
        world=_world(defined),
        events=tuple(sorted(defined.events)),
        areas=areas,
        sources=dict(report.sources),
    )
    looked_for = READ | (proofs(scene, subject, allowances, report) if proofs else frozenset())
    allowances.report_unused(looked_for)
    return None if broken else scene


def _too_many(defined: Definitions, main: SceneFile, report: Report) -> bool:
    """Refuse what the columns and the wire cannot hold, before work is put into it."""
    held = (
        ("characters", len(defined.characters), MOST_CHARACTERS),
        ("objects", len(defined.objects), MOST_OBJECTS),
        ("rules", len(defined.rules), MOST_RULES),
    )
    for what, count, most in held:
        if count > most:
            message = f"this scene has {count:,} {what}, and at most {most:,} are held"
            report.error("too-large", Place(main.shown, 1, 1), message, remedy="serve it as two scenes")
    return any(count > most for _, count, most in held)


def _headings(files: list[SceneFile], report: Report) -> str:
    """The scene's name, which the main file gives and no other."""
    for file in files[1:]:
        if "scene" in file.form.node.entries:
            message = "only the main file has a `scene` name"
            report.error("not-in-include", file.form.node.key_place("scene"), message, remedy="remove it")
    form = files[0].form
    if "scene" not in form.node.entries:
        message = "a main scene file needs `scene`, its name"
        report.error("missing-key", Place(files[0].shown, 1, 1), message, remedy="scene: tavern")
    if form.scene is not None and not NAME.fullmatch(form.scene.text):
        message = f"`{form.scene.text[:60]}` is not a name: small letters, digits and _, a letter first"
        report.error("bad-name", form.scene.place, message, remedy="scene: tavern")
    return form.scene.text if form.scene else ""


def _rules(defined: Definitions, reader: RuleReader) -> dict[str, AutonomousRule]:
    made = {name: reader.rule(name, each.form) for name, each in sorted(defined.rules.items()) if each.form}
    return {name: rule for name, rule in made.items() if rule is not None}


def _objects(defined: Definitions, reader: RuleReader) -> tuple[SmartObject, ...]:
    made = [reader.smart_object(each) for _, each in sorted(defined.objects.items())]
    return tuple(each for each in made if each is not None)


def _grown(defined: Definitions, trees: TreeReader, report: Report) -> None:
    """Report characters and archetypes whose tree needs parameters that nobody gives there."""
    for each in (*defined.archetypes.values(), *defined.characters.values()):
        word = each.form.tree if each.form else None
        template = trees.sharing.templates.get(word.text) if word else None
        if word is None or template is None or None not in template.takes.values():
            continue
        missing = [name for name, value in template.takes.items() if value is None]
        given = ", ".join(f"{name}: ..." for name in missing)
        message = f"the tree `{word.text}` needs {', '.join(f'`{name}`' for name in missing)}"
        remedy = f"a tree of its own: {{use: {word.text}, with: {{{given}}}}}"
        report.error("missing-key", word.place, message, remedy=remedy)


def _area(name: str, form: AreaForm, report: Report) -> Area:
    corners = []
    for key, point in (("from", form.from_), ("to", form.to)):
        if point is not None and len(point) != 2:
            place = form.node.key_place(key)
            report.error("wrong-shape", place, "a corner has two numbers (x, z)", remedy=f"{key}: [0, 0]")
        corners.append(tuple(each.value for each in point or []) if point and len(point) == 2 else (0.0, 0.0))
    low = (min(c[0] for c in corners), min(c[1] for c in corners))
    high = (max(c[0] for c in corners), max(c[1] for c in corners))
    if form.from_ and form.to and (low[0] == high[0] or low[1] == high[1]) and not _short(form):
        message = f"the area `{name}` is empty: its corners lie on one line"
        report.error("out-of-range", form.node.key_place("to"), message, see=[form.node.key_place("from")])
    return Area(name, low, high)


def _short(form: AreaForm) -> bool:
    return len(form.from_ or []) != 2 or len(form.to or []) != 2


def _world(defined: Definitions) -> tuple[Variable, ...]:
    made = []
    for name, each in sorted(defined.world.items()):
        assert each.form is not None
        d = each.form.declared
        made.append(Variable(name, d.initial, d.low, d.high, d.boolean, d.unit))
    return tuple(made)
