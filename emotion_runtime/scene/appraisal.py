"""Owns the appraisal table: rows of all files in the order in which they are tried, names checked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from emotion_runtime.scene.definitions import Definitions, known_key
from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.files import SceneFile
from emotion_runtime.scene.model import RowForm
from emotion_runtime.scene.resolved import AppraisalRow


def read_appraisal(
    files: list[SceneFile], defined: Definitions, tags: Collection[str], report: Report
) -> tuple[AppraisalRow, ...]:
    """All rows: a file's own before those of the files it includes."""
    return tuple(_row(file, form, defined, tags, report) for file in files for form in file.form.appraisal or [])


def _row(file: SceneFile, form: RowForm, defined: Definitions, tags: Collection[str], report: Report) -> AppraisalRow:
    if ("heard" in form.node.entries) == ("event" in form.node.entries):
        message = "a row needs either `heard` or `event`"
        report.error("missing-key", form.node.place, message, remedy="heard: anger")
    if form.heard and form.heard.text not in defined.labels:
        remedy = did_you_mean(form.heard.text, defined.labels)
        report.error("unknown-name", form.heard.place, f"`{form.heard.text[:60]}` is not an emotion", remedy=remedy)
    if form.event and form.event.text not in defined.events:
        remedy = did_you_mean(form.event.text, defined.events) or f"events: [{form.event.text[:60]}]"
        report.error("unknown-name", form.event.place, f"there is no event `{form.event.text[:60]}`", remedy=remedy)
    if form.who and form.who.text not in tags:
        remedy = did_you_mean(form.who.text, tags)
        report.error("unknown-name", form.who.place, f"nobody is `{form.who.text[:60]}`", remedy=remedy)
    source, attitude = _source(form, defined, tags, report)
    for label in form.feels or {}:
        message = f"`{label}` is not an emotion"
        if label == "neutral":
            message = "neutral cannot be pushed: it is what the other emotions leave"
        known_key(form, "feels", label, defined.felt, message, report)
    line = form.node.place.line
    return AppraisalRow(
        heard=form.heard.text if form.heard else None,
        event=form.event.text if form.event else None,
        who=form.who.text if form.who else None,
        source=source,
        attitude=attitude,
        addressed=form.addressed.value if form.addressed else None,
        feels={label: each.amount for label, each in sorted((form.feels or {}).items())},
        where=f"{file.short}:{line}",
    )


def _source(
    form: RowForm, defined: Definitions, tags: Collection[str], report: Report
) -> tuple[str | None, Literal["liked", "disliked"] | None]:
    word = form.from_
    if word is None:
        return None, None
    if word.text == "liked":
        return None, "liked"
    if word.text == "disliked":
        return None, "disliked"
    if word.text not in tags:
        remedy = did_you_mean(word.text, [*tags, "liked", "disliked"])
        message = f"there is no character or tag `{word.text[:60]}`"
        if word.text in defined.objects:
            message = f"`{word.text}` is an object: only what characters say and do is appraised by who did it"
        report.error("unknown-name", word.place, message, remedy=remedy)
    return word.text, None
