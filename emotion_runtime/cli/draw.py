"""Owns `emotion-runtime draw`: pictures of a scene's trees, of what its rules do to each other, and of its map."""

from __future__ import annotations

import enum
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emotion_runtime.errors import SceneError, UsageError
from emotion_runtime.scene.find import find_scene

if TYPE_CHECKING:
    from emotion_runtime.scene.resolved import Scene


class What(enum.StrEnum):
    """What is drawn."""

    TREE = "tree"
    INFLUENCE = "influence"
    MAP = "map"


class Form(enum.StrEnum):
    """How it is drawn."""

    SVG = "svg"
    MERMAID = "mermaid"


def draw(
    scene: Annotated[str, typer.Argument(metavar="SCENE", help="A scene file, or the name of a bundled scene.")],
    what: Annotated[What, typer.Argument(help="tree, influence or map.")] = What.TREE,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="The tree; without it, each in a file of its own.")
    ] = "",
    form: Annotated[Form, typer.Option("--format", help="svg or mermaid (text that GitHub draws).")] = Form.SVG,
    out: Annotated[
        Path | None, typer.Option("--out", help="A file, or a folder for several; else standard output.")
    ] = None,
    tests: Annotated[
        list[Path] | None, typer.Option("--tests", help="Scenario files: frame the rules they start.")
    ] = None,
    hearing: Annotated[bool, typer.Option("--hearing", help="Show on the map how far everybody hears.")] = False,
) -> None:
    """Draw a scene as SVG or Mermaid."""
    from emotion_runtime.drawing import Influences, influence_mermaid, influence_svg, map_svg, tree_mermaid, tree_svg
    from emotion_runtime.scene import scene_report
    from emotion_runtime.scene.diagnostics import did_you_mean

    influences = Influences()
    loaded, report = scene_report(find_scene(scene), influences if what is What.INFLUENCE else None)
    if loaded is None:
        raise SceneError(f"{scene} has errors", report.text())
    pictures: dict[str, str] = {}
    if what is What.MAP:
        if form is Form.MERMAID:
            raise UsageError("no_such_picture", "a map cannot be written as Mermaid", "--format svg")
        pictures["map"] = map_svg(loaded, hearing=hearing)
    elif what is What.INFLUENCE:
        make = influence_svg if form is Form.SVG else influence_mermaid
        pictures["influence"] = make(loaded, influences.graph)
    else:
        if name and name not in loaded.trees:
            raise UsageError("unknown_tree", f"there is no tree `{name}`", did_you_mean(name, loaded.trees))
        covered = _covered(loaded, tests) if tests else None
        for tree in [name] if name else sorted(loaded.trees):
            pictures[tree] = tree_svg(loaded, tree, covered) if form is Form.SVG else tree_mermaid(loaded, tree)
    _write(pictures, out, "svg" if form is Form.SVG else "mmd")


def _covered(scene: Scene, tests: list[Path]) -> dict[str, list[str]]:
    """The rules that scenarios of this scene start, and what of each they have not seen."""
    from emotion_runtime.testing.coverage import Coverage
    from emotion_runtime.testing.scenarios import run_file
    from emotion_runtime.testing.sim import Sim

    coverage = Coverage(scene)

    def watch(sim: Sim) -> None:
        if sim.scene.name == scene.name:
            coverage.watch(sim)

    for path in tests:
        for outcome in run_file(path, watch=watch):
            if not outcome.digest:
                raise UsageError("broken_test", f"{path} cannot be run", "run `emotion-runtime test` on it")
    return {rule: coverage.unseen(rule) for rule in sorted(coverage.seen["rules"])}


def _write(pictures: dict[str, str], out: Path | None, suffix: str) -> None:
    if out is None:
        sys.stdout.writelines(pictures.values())
        return
    if len(pictures) == 1 and out.suffix:
        out.write_text(next(iter(pictures.values())), encoding="utf-8")
        sys.stdout.write(f"{out}\n")
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pictures.items():
        path = out / f"{name}.{suffix}"
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
