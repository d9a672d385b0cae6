"""Owns reading the files of a scene: the main file, what it includes, and the limits on both."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from emotion_runtime.scene.diagnostics import Place, Report, did_you_mean
from emotion_runtime.scene.model import FileForm, read
from emotion_runtime.scene.nodes import Map, Scalar
from emotion_runtime.scene.yaml_reader import parse

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes of one scene file."""
MOST_FILES = 64


@dataclass(frozen=True, slots=True)
class SceneFile:
    """One file that was read. `shown` is its path in messages, `short` its path within the project folder."""

    shown: str
    short: str
    node: Map
    form: FileForm
    main: bool


@dataclass(slots=True)
class _Project:
    folder: Path
    shown_folder: str
    report: Report
    done: dict[Path, SceneFile | None]


def read_files(path: Path, report: Report) -> list[SceneFile] | None:
    """Read a scene's main file and all it includes, each once, an including file before those it includes.

    None when a file could not be read or parsed: names it defines would be missed everywhere.
    """
    folder = path.parent
    project = _Project(folder, shown_folder(path), report, {})
    text = text_of(path, Place(path.as_posix(), 1, 1), path.as_posix(), report)
    if text is None:
        return None
    _read_one(project, path, path.name, text, ())
    files = [each for each in project.done.values() if each is not None]
    return files if len(files) == len(project.done) else None


def shown_folder(main: Path) -> str:
    """The main file's folder as messages show it, with a `/` at its end, or empty."""
    return "" if main.parent == Path() else main.parent.as_posix().rstrip("/") + "/"


def _read_one(project: _Project, path: Path, short: str, text: str, trail: tuple[Path, ...]) -> None:
    shown = project.shown_folder + short
    report = project.report
    report.sources[shown] = text
    key = path.resolve()
    project.done[key] = None
    node = parse(text, shown, report)
    if node is None:
        return
    form = read(FileForm, node, report)
    project.done[key] = SceneFile(shown, short, node, form, not trail)
    for item in form.include or []:
        _include(project, item, short, (*trail, key))


def beside(item: Scalar, by: str, folder: Path, report: Report) -> tuple[Path, str] | None:
    """The file that `item` names in the file `by` (both within `folder`), and its path there; None when refused."""
    text = item.text
    if "\\" in text or text.startswith("/") or ":" in text or not text:
        report.error(
            "include-outside",
            item.place,
            "an included file is named relative to this one, with `/` between folders",
            remedy=PurePosixPath(text.replace("\\", "/")).name or "people.yaml",
        )
        return None
    path = (folder / by).parent / text
    try:
        real = path.resolve()
        return real, real.relative_to(folder.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        report.error(
            "include-outside",
            item.place,
            f"`{text[:80]}` is outside the folder of the main scene file",
            remedy="keep shared files in that folder or below it",
        )
        return None


def _include(project: _Project, item: Scalar, by: str, trail: tuple[Path, ...]) -> None:
    report, text = project.report, item.text
    found_at = beside(item, by, project.folder, report)
    if found_at is None:
        return
    real, short = found_at
    if real in trail:
        report.error("include-cycle", item.place, f"`{text}` includes itself, by way of this line", remedy="remove it")
        return
    if real in project.done:
        return
    if len(project.done) >= MOST_FILES:
        report.error("too-large", item.place, f"a scene has at most {MOST_FILES} files", remedy="join some of them")
        return
    found = text_of(real, item.place, text, report)
    if found is None:
        project.done[real] = None
        return
    _read_one(project, real, short, found, trail)


def text_of(path: Path, place: Place, named: str, report: Report) -> str | None:
    """The text of a file; a diagnostic at `place`, where it was asked for, when it cannot be had."""
    try:
        if not path.is_file():
            slug, message = "file-missing", f"there is no file `{named}`"
            if path.exists():
                message = f"`{named}` is not a file"
            report.error(slug, place, message, remedy=_other_file(path))
            return None
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a usable file name"
        report.error("file-missing", place, f"`{named}` cannot be read: {why}")
        return None
    if len(data) > LARGEST_FILE:
        report.error("too-large", place, f"`{named}` is larger than {LARGEST_FILE // 2**20} MiB", remedy="split it")
        return None
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report.error("not-utf8", place, f"`{named}` is not UTF-8 (line {line})", remedy="save it as UTF-8")
        return None


def _other_file(path: Path) -> str:
    """A remedy: the name of a scene file that does lie there."""
    try:
        there = [each.name for each in path.parent.iterdir() if each.suffix in (".yaml", ".yml")]
    except OSError:
        return ""
    return did_you_mean(path.name, there)
