"""Owns bearer selectors: `self`, a name, `nearest(tag) within 5 m`, `all(tag) within 5 m`, `cause(fear)` and so on."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from math import inf

from behaviors.rules import Bearer, Who
from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.nodes import Scalar
from emotion_runtime.scene.quantities import LONGEST, QuantityError, length

FORMS = "self, a name, nearest(tag), all(tag) within 5 m, cause(fear), speaker, target"

_SELECTOR = re.compile(
    r"(?P<word>self|target|speaker)"
    r"|(?P<form>[a-z_]+)\s*\(\s*(?P<inner>[^()\s]*)\s*\)(?:\s+within\s+(?P<within>.+))?"
    r"|(?P<name>[a-z][a-z0-9_]*)"
)
_WORDS = {"self": Who.SELF, "target": Who.TARGET, "speaker": Who.SPEAKER}


@dataclass(frozen=True, slots=True)
class Known:
    """The names a selector can use."""

    characters: Collection[str]
    objects: Collection[str]
    tags: Collection[str]
    felt: Collection[str]


def character_bearer(at: Scalar, known: Known, report: Report) -> Bearer | None:
    """The bearer of a character's rule; None when it was reported."""
    found = _SELECTOR.fullmatch(at.text) if len(at.text) <= LONGEST else None
    if found is None:
        report.error("selector", at.place, f"`{at.text[:60]}` is not a bearer", remedy=FORMS)
        return None
    if found["word"]:
        return Bearer(_WORDS[found["word"]])
    if found["name"]:
        name = found["name"]
        if name in known.characters or name in known.objects:
            return Bearer(Who.NAMED, name)
        options = [*known.characters, *known.objects, *_WORDS]
        remedy = f"nearest({name}), or all({name}) within 5 m" if name in known.tags else did_you_mean(name, options)
        report.error("unknown-name", at.place, f"there is no character or object `{name}`", remedy=remedy)
        return None
    if found["form"] == "cause":
        return _cause(at, found, known, report)
    if found["form"] not in ("nearest", "all"):
        place = at.span(0, len(found["form"]))
        report.error("selector", place, f"`{found['form']}` is not a way to find a bearer", remedy=FORMS)
        return None
    return _group(at, found, known, report)


def object_bearer(at: Scalar, known: Known, report: Report) -> Bearer | None:
    """The bearer of an object's rule: always a group and a range; None when it was reported."""
    found = _SELECTOR.fullmatch(at.text) if len(at.text) <= LONGEST else None
    if found is None or found["form"] not in ("nearest", "all") or not found["within"]:
        name = found["name"] or found["inner"] if found else None
        remedy = f"all({name or 'person'}) within 4 m"
        report.error(
            "selector", at.place, "an object acts on all or the nearest of a tag, within a range", remedy=remedy
        )
        return None
    return _group(at, found, known, report)


def _cause(at: Scalar, found: re.Match[str], known: Known, report: Report) -> Bearer | None:
    label = found["inner"]
    if found["within"]:
        message = "`cause` takes no range"
        report.error("selector", at.place, message, remedy=f"cause({label}), and `distance < 8 m` in the trigger")
        return None
    if label not in known.felt:
        place = at.span(found.start("inner"), max(1, len(label)))
        report.error("unknown-name", place, f"`{label}` is not an emotion", remedy=did_you_mean(label, known.felt))
        return None
    return Bearer(Who.CAUSE, label)


def _group(at: Scalar, found: re.Match[str], known: Known, report: Report) -> Bearer | None:
    who = Who.NEAREST if found["form"] == "nearest" else Who.ALL
    tag, clean = found["inner"], True
    within = inf
    if tag not in known.tags:
        place = at.span(found.start("inner"), max(1, len(tag)))
        report.error("unknown-name", place, f"nobody has the tag `{tag}`", remedy=did_you_mean(tag, known.tags))
        clean = False
    if found["within"]:
        try:
            within = length(found["within"], "a range")
        except QuantityError as fault:
            width = len(found["within"]) - fault.offset if fault.width is None else fault.width
            place = at.span(found.start("within") + fault.offset, width)
            report.error(fault.slug, place, fault.message, remedy=fault.remedy)
            clean = False
    elif who is Who.ALL:
        report.error("selector", at.place, "`all` needs a range", remedy=f"{at.text} within 5 m")
        clean = False
    return Bearer(who, tag, within) if clean else None
