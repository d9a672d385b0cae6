"""Owns the licences of everything inside a bundle, collected into one text."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path
from shutil import which
from typing import Final

import emotion_runtime
from emotion_runtime.shipping.owners import OURS, PYTHON, SYSTEM

CODE: Final = (".py", ".pyc", ".pyi", ".so", ".pyd")
RULE: Final = "=" * 100
NAMED: Final = re.compile(r"licen[cs]e|copying|copyright|notice|authors", re.IGNORECASE)
MADE_WITH: Final = "pyinstaller"
"""Its start program is in every bundle, whoever else is."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part with a licence of its own: what it states, and (file name, text) of the licences that came with it."""

    name: str
    version: str
    stated: str
    texts: tuple[tuple[str, str], ...]


def components(sources: Mapping[str, Sequence[Path]]) -> list[Component]:
    """Everything inside by owner: ours first, then Python, then the distributions, then libraries of the machine."""
    names = [name for name in sources if name not in (OURS, PYTHON, SYSTEM)]
    if MADE_WITH not in names:
        names.append(MADE_WITH)
    found = [
        _distribution(OURS),
        _model("text"),
        _model("speech"),
        *_page(),
        _python(),
        *(_distribution(name) for name in sorted(names, key=str.lower)),
    ]
    return found + list(_system(sources.get(SYSTEM, ())))


def license_text(parts: Sequence[Component]) -> str:
    """The one file. A text that several parts share is there once."""
    lines = ["What is inside this folder, and under which licences.", ""]
    lines += [f"- {part.name} {part.version}: {part.stated}".replace("  ", " ") for part in parts]
    seen: dict[str, str] = {}
    for part in parts:
        lines += ["", RULE, f"{part.name} {part.version}".strip(), f"Licence: {part.stated}", RULE]
        if not part.texts:
            lines += ["", "It came without a text of its licence."]
        for file, text in part.texts:
            same = seen.setdefault(text, f"{part.name}, {file}")
            lines += ["", f"[{file}]", "", text if same == f"{part.name}, {file}" else f"The same text as: {same}"]
    return "\n".join(lines) + "\n"


def _distribution(name: str) -> Component:
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return Component(name, "", "not known", ())
    meta = found.metadata
    classifiers = [each.rsplit(" :: ", 1)[-1] for each in meta.get_all("Classifier", []) if each.startswith("License")]
    stated = _field(meta, "License-Expression") or "; ".join(classifiers) or _field(meta, "License").split("\n")[0]
    texts = []
    for file in sorted(found.files or (), key=str):
        # some wheels keep theirs beside the code, one folder deep
        info = ".dist-info" in file.parts[0]
        named = NAMED.search(file.name) and (info or len(file.parts) <= 2)
        if (named or (info and "licenses" in file.parts[1:-1])) and file.suffix not in CODE:
            path = Path(str(found.locate_file(file)))
            if path.is_file():
                place = "/".join(file.parts[1:]).removeprefix("licenses/") or file.name
                texts.append((place, _read(path)))
    if not texts and "apache" in stated.lower():  # the text is the same for everybody
        texts = [("LICENSE", _read(path)) for path in _our_license()]
    if not texts and "\n" in _field(meta, "License"):
        texts = [("METADATA", _field(meta, "License"))]
    if name == MADE_WITH:
        stated += ", with an exception for what is built with it: see its text"
    return Component(meta["Name"], found.version, stated or "see its text", tuple(texts))


def _our_license() -> list[Path]:
    files = [file for file in distribution(OURS).files or () if file.name == "LICENSE"]
    return [path for file in files if (path := Path(str(distribution(OURS).locate_file(file)))).is_file()]


def _model(kind: str) -> Component:
    card = Path(emotion_runtime.__file__).parent / "models" / kind / "MODEL_CARD.md"
    texts = ((card.name, _read(card)),) if card.is_file() else ()
    return Component(f"bundled {kind} model", "", "see its card; mind what it says of its training data", texts)


def _page() -> Iterator[Component]:
    """What the live page's script is made of besides ours; its build wrote it down, one part after the other."""
    file = Path(emotion_runtime.__file__).parent / "monitor" / "assets" / "LICENSES.txt"
    for part in re.split(r"^-{72}$", _read(file), flags=re.MULTILINE) if file.is_file() else ():
        first, _, text = part.strip().partition("\n")
        named = re.fullmatch(r"(\S+) (\S+) \((.+)\)", first)
        if named is not None:
            yield Component(f"{named[1]} (live page)", named[2], named[3], ((file.name, text.strip()),))


def _python() -> Component:
    version = sysconfig.get_python_version()
    folders = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_config_var("base") or "."))
    for folder in folders:
        path = folder / "LICENSE.txt"
        if path.is_file():
            return Component(PYTHON, version, "Python Software Foundation License", ((path.name, _read(path)),))
    return Component(PYTHON, version, "Python Software Foundation License", ())


def _system(libraries: Sequence[Path]) -> Iterator[Component]:
    """Libraries of the machine: Debian and its kin know the package of each, and keep its licences."""
    by_package: dict[str, list[str]] = {}
    for library in libraries:
        by_package.setdefault(_package(library), []).append(library.name)
    for package, names in sorted(by_package.items()):
        what = ", ".join(sorted(names))
        text = Path("/usr/share/doc", package, "copyright")
        if package and text.is_file():
            yield Component(what, f"(of {package})", "see its text", (("copyright", _read(text)),))
        else:
            for name in sorted(names):
                yield Component(name, "", "not known: it is of the machine this was built on", ())


def _package(library: Path) -> str:
    tool = which("dpkg-query")
    if tool is None:
        return ""
    real = str(library.resolve())
    for path in dict.fromkeys((str(library), real, real.removeprefix("/usr"), f"/usr{library}")):
        asked = subprocess.run(  # noqa: S603 - a fixed program and a path
            [tool, "--search", path], capture_output=True, encoding="utf-8", check=False
        )
        if asked.returncode == 0:
            return asked.stdout.split(":", 1)[0]
    return ""


def _field(meta: PackageMetadata, name: str) -> str:
    return str(meta[name]) if name in meta else ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()
