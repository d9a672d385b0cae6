"""Owns `appraisal-shadowed`: a row of the appraisal table that never has its turn, because rows above it fit first."""

from __future__ import annotations

from emotion_runtime.appraisal import ATTITUDE
from emotion_runtime.proofs.study import Study
from emotion_runtime.scene.resolved import AppraisalRow, Character, Scene

MOST_EXACT = 60
"""Up to so many characters every listener, source and addressing is looked at; else only words are compared."""

Occasion = tuple[str, str, bool]
"""Who notices, who did it (empty: nobody, or a thing), and whether it was meant for the one who notices."""


def check_table(study: Study) -> None:
    """A proof over all listeners and sources there are. Rows of included files are a library and are left out."""
    rows = study.scene.appraisal
    exact = len(study.scene.characters) <= MOST_EXACT
    main = study.subject.rows[0].file if study.subject.rows else ""
    own = study.scene.path.as_posix()
    for index, row in enumerate(rows):
        place = study.subject.rows[index]
        if place.file != (own if own in {main, place.file} else main):
            continue
        before = [number for number in range(index) if _topic(rows[number]) == _topic(row)]
        hidden = _covered(study, row, [rows[n] for n in before]) if exact else _by_words(row, [rows[n] for n in before])
        if hidden is None or not before:
            continue
        study.tell(
            "warning", "appraisal-shadowed", place, "this row never has its turn: the rows above it always fit first",
            see=[study.subject.rows[before[each]] for each in hidden], remedy="move it up, or remove it",
        )  # fmt: skip


def _topic(row: AppraisalRow) -> tuple[str | None, str | None]:
    return row.heard, row.event


def _covered(study: Study, row: AppraisalRow, before: list[AppraisalRow]) -> list[int] | None:
    """The rows above that take every occasion of this one; None when an occasion is left, or there never was one."""
    left = occasions(study.scene, row)
    if not left:
        return None
    takers = []
    for number, other in enumerate(before):
        taken = left & occasions(study.scene, other)
        if taken:
            takers.append(number)
            left -= taken
    return None if left else takers


def occasions(scene: Scene, row: AppraisalRow) -> set[Occasion]:
    """Every occasion a row fits, whatever stands above it."""
    people = scene.characters
    found: set[Occasion] = set()
    for listener in people:
        if row.who is not None and row.who not in listener.tags:
            continue
        sources: list[Character | None] = [*people] if row.heard else [*people, None]
        for source in sources:
            if row.heard and source is listener:
                continue  # nobody is appraised for hearing oneself
            if not _from(row, listener, source):
                continue
            for addressed in (False, True) if row.heard else (False,):
                if row.addressed is None or row.addressed is addressed:
                    found.add((listener.id, source.id if source else "", addressed))
    return found


def _from(row: AppraisalRow, listener: Character, source: Character | None) -> bool:
    if row.source is not None and (source is None or row.source not in source.tags):
        return False
    if row.attitude is None:
        return True
    likes = listener.likes.get(source.id, 0.0) if source else 0.0
    return likes > ATTITUDE if row.attitude == "liked" else likes < -ATTITUDE


def _by_words(row: AppraisalRow, before: list[AppraisalRow]) -> list[int] | None:
    for number, other in enumerate(before):
        if (
            other.who in (None, row.who)
            and other.source in (None, row.source)
            and other.attitude in (None, row.attitude)
            and other.addressed in (None, row.addressed)
        ):
            return [number]
    return None
