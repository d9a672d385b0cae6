"""Owns diagnostics for machines: GitHub workflow commands, SARIF 2.1.0, and JSON with editor (LSP) positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emotion_runtime.scene.diagnostics import Diagnostic, Json, split_lines
from emotion_runtime.scene.slugs import PROVED, SLUGS

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
"""What GitHub calls our levels."""

Sources = Mapping[str, str]


def as_json(found: Iterable[Diagnostic], sources: Sources) -> list[Json]:
    """Each fault as an object: places from 1 in characters, and `range` for editors, from 0 in UTF-16 units."""
    lines = {file: split_lines(text) for file, text in sources.items()}
    return [{**each.as_json(), "range": _range(each, lines)} for each in found]


def as_github(found: Iterable[Diagnostic]) -> str:
    """One workflow command a fault; GitHub shows them beside the lines of a pull request."""
    out = []
    for each in found:
        where = f"file={_property(each.file)},line={each.line},col={each.col},endColumn={each.col + each.width}"
        text = "\n".join([each.message, *each.notes, *([f"try: {each.remedy}"] if each.remedy else [])])
        out.append(f"::{LEVELS[each.level]} {where},title={each.slug}::{_data(text)}\n")
    return "".join(out)


def as_sarif(found: Iterable[Diagnostic], version: str) -> dict[str, Json]:
    """A SARIF log with one run; its rules are the slugs that occur."""
    items = list(found)
    slugs = sorted({each.slug for each in items})
    meanings = {**SLUGS, **PROVED}
    rules: list[Json] = [{"id": slug, "shortDescription": {"text": meanings[slug]}} for slug in slugs]
    driver: dict[str, Json] = {"name": "emotion-runtime check", "version": version, "rules": rules}
    results: list[Json] = [_result(each, slugs.index(each.slug)) for each in items]
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(each: Diagnostic, rule: int) -> dict[str, Json]:
    text = " ".join(
        [each.message, *(f"({note})" for note in each.notes), *([f"Try: {each.remedy}"] if each.remedy else [])]
    )
    related: list[Json] = [_location(place.file, place.line, place.col, place.width) for place in each.see]
    return {
        "ruleId": each.slug,
        "ruleIndex": rule,
        "level": each.level,
        "message": {"text": text},
        "locations": [_location(each.file, each.line, each.col, each.width)],
        "relatedLocations": related,
    }


def _location(file: str, line: int, col: int, width: int) -> dict[str, Json]:
    region: dict[str, Json] = {"startLine": line, "startColumn": col, "endColumn": col + width}
    return {"physicalLocation": {"artifactLocation": {"uri": file}, "region": region}}


def _range(each: Diagnostic, lines: Mapping[str, list[str]]) -> dict[str, Json]:
    text = lines.get(each.file, [])
    line = text[each.line - 1] if 0 < each.line <= len(text) else ""
    start = _utf16(line[: each.col - 1])
    end = start + max(1, _utf16(line[each.col - 1 : each.col - 1 + each.width]))
    row = each.line - 1
    return {"start": {"line": row, "character": start}, "end": {"line": row, "character": end}}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
