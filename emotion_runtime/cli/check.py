"""Owns `emotion-runtime check`: every fault of a scene, with its place and a remedy, once or at every change."""

from __future__ import annotations

import enum
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emotion_runtime.cli.push import pusher
from emotion_runtime.errors import UsageError
from emotion_runtime.scene.find import find_scene

if TYPE_CHECKING:
    from emotion_runtime.proofs import Proving
    from emotion_runtime.scene.diagnostics import Report
    from emotion_runtime.scene.resolved import Scene

LOOK_S = 0.2
"""Seconds between two looks at the files."""
CLEAR = "\x1b[2J\x1b[H"


class Format(enum.StrEnum):
    """How faults are shown."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class Checked:
    """One scene that was checked."""

    path: Path
    scene: Scene | None
    report: Report

    def failed(self, strict: bool) -> bool:
        """Whether there is an error, or, when strict, a warning."""
        levels = {fault.level for fault in self.report.sorted()}
        return "error" in levels or (strict and "warning" in levels)


def check(
    scenes: Annotated[list[str], typer.Argument(metavar="SCENE...", help="Scene files, or names of bundled scenes.")],
    form: Annotated[Format, typer.Option("--format", help="text, json, github or sarif.")] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Also look for rules that keep each other going for ever.")
    ] = False,
    closed: Annotated[
        bool,
        typer.Option("--closed", help="Words push emotions only as the appraisal table says."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of the starts that --simulate tries.")] = 1,
    paper: Annotated[
        bool,
        typer.Option("--paper", help="Triggers may read emotion and mood only; show all rules as tuples."),
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Check again at every change; Ctrl-C ends it.")] = False,
    push: Annotated[
        int | None, typer.Option("--push", help="After a clean check, reload the scene in the sidecar at this port.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="The sidecar's, if it wants a token for that.")
    ] = None,
) -> None:
    """List every fault of a scene, all at once, proofs included. Exit code 0: clean, 1: faults, 2: no such file."""
    from emotion_runtime.proofs import Proving

    form = Format.JSON if as_json else form
    proving = Proving(speech=not closed, simulating=simulate, seed=seed, paper=paper)
    paths = [find_scene(named) for named in scenes]
    if push is not None and len(paths) > 1:
        raise UsageError("bad_push", "a sidecar serves one scene, not several", "check the others by themselves")
    hand_over = None if push is None else pusher(push, token_file)
    if watch:
        for text in watching(paths, proving, strict, push=hand_over):
            sys.stdout.write(text)
            sys.stdout.flush()
        return
    found = [_check(path, proving) for path in paths]
    sys.stdout.write(shown(found, form, strict))
    if paper:
        sys.stdout.writelines(tuples(each.scene) for each in found if each.scene)
    failed = any(each.failed(strict) for each in found)
    if hand_over is not None and not failed:
        sys.stderr.write(hand_over(found[0].path) + "\n")
    raise typer.Exit(1 if failed else 0)


def _check(path: Path, proving: Proving) -> Checked:
    from emotion_runtime.proofs import proved_report

    return Checked(path, *proved_report(path, proving))


def shown(found: list[Checked], form: Format, strict: bool) -> str:
    """All reports in one text."""
    from emotion_runtime.scene.formats import as_github, as_json, as_sarif

    if form is Format.TEXT:
        return "".join(f"{each.report.text()}{each.path}: {_count(each)}\n" for each in found)
    faults = [fault for each in found for fault in each.report.sorted()]
    if form is Format.GITHUB:
        return as_github(faults)
    if form is Format.SARIF:
        return json.dumps(as_sarif(faults, version("emotion-runtime")), ensure_ascii=False, indent=1) + "\n"
    scenes = [
        {
            "scene": str(each.path),
            "characters": len(each.scene.characters) if each.scene else 0,
            "diagnostics": as_json(each.report.sorted(), each.report.sources),
        }
        for each in found
    ]
    ok = not any(each.failed(strict) for each in found)
    return json.dumps({"type": "check", "ok": ok, "scenes": scenes}, ensure_ascii=False) + "\n"


def _count(checked: Checked) -> str:
    levels = [fault.level for fault in checked.report.sorted()]
    text = f"{levels.count('error')} errors, {levels.count('warning')} warnings"
    return text + (f", {levels.count('note')} notes" if "note" in levels else "")


def tuples(scene: Scene) -> str:
    """Every rule as the paper writes it: equation 20 for characters, equation 21 for objects."""
    lines = [scene.rules[rule].whole(person.id) for person in scene.characters for rule in person.can]
    lines += [str(rule) for thing in scene.objects for rule in thing.rules]
    return "\n".join(lines) + "\n"


def watching(
    paths: list[Path],
    proving: Proving,
    strict: bool,
    *,
    rounds: int | None = None,
    push: Callable[[Path], str] | None = None,
) -> Iterator[str]:
    """A text to show whenever a file of the scenes has changed; the first at once. `rounds` ends it after so many.

    `push` gets a scene after a clean check, and tells what became of it.
    """
    seen: dict[Path, tuple[int, int]] = {}
    files: set[Path] = set()
    while rounds is None or rounds > 0:
        rounds = None if rounds is None else rounds - 1
        now = _stamps(files or set(paths))
        if now != seen or not files:
            began = time.perf_counter()
            found = [_check(path, proving) for path in paths]
            for each in found:
                _offer_names(each)
            files = {Path(name) for each in found for name in each.report.sources} | set(paths)
            seen = _stamps(files)
            state = "faults" if any(each.failed(strict) for each in found) else "ok"
            spent = time.perf_counter() - began
            pushed = f"{push(found[0].path)}\n" if push is not None and state == "ok" else ""
            told = f"{state}, {spent:.2f} s; watching {len(files)} files\n"
            yield f"{CLEAR}{shown(found, Format.TEXT, strict)}{pushed}{told}"
        if rounds is None:
            time.sleep(LOOK_S)


def _offer_names(checked: Checked) -> None:
    """Where `init` has put schemas for an editor beside the scene, bring its names up to date."""
    from emotion_runtime.scene.schema import NAMES_FILE, names_schema

    path = checked.path.parent / ".emotion" / NAMES_FILE
    if checked.scene is not None and path.is_file():
        text = json.dumps(names_schema(checked.scene), indent=2) + "\n"
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _stamps(files: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    stamps = {}
    for path in files:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps
