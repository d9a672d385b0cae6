"""Owns what a save keeps of utterances half understood and of faces: no sound, but nothing that is silently gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.hearing import Spoken, Understood
from emotion_runtime.perception.fusion import VOICE
from emotion_runtime.saving.format import Half, SeenFace
from emotion_runtime.voices import Sounded, key_of

if TYPE_CHECKING:
    from emotion_runtime.tick import Ticker

LOST = "perception_lost"
"""A voice was open or being understood when the state was taken, and no state keeps sound."""


def halves(ticker: Ticker) -> tuple[Half, ...]:
    """What is known of utterances that did not enter yet, and voices whose sound is lost, as they will enter."""
    known = ticker.meeting.unfinished()
    named = {key_of(each.spoken) for each in known}
    named |= {key_of(spoken) for spoken, _ in ticker.hearing.state().waiting.values()}
    queued = [each.spoken for each in ticker.intake.queued if isinstance(each, Sounded)]
    lost: dict[tuple[int, int, int], Spoken] = {}
    for spoken in (*ticker.voices.unfinished(), *queued):
        if key_of(spoken) not in named:
            lost.setdefault(key_of(spoken), spoken)
    known += [Understood(0, spoken, (), failed=LOST, modality=VOICE) for spoken in lost.values()]
    return tuple(
        Half(
            each.ticket,
            each.spoken.speaker,
            each.spoken.addressed,
            each.spoken.text,
            each.spoken.number,
            each.spoken.conversation,
            each.spoken.source,
            each.probabilities,
            each.seconds,
            each.failed,
            each.modality,
            each.confidence,
            each.age,
        )
        for each in known
    )


def place_halves(saved: tuple[Half, ...], ticker: Ticker, subjects: NDArray[np.int64], *, sources: bool) -> None:
    """Let them enter with the coming tick; those of speakers who are gone are dropped. Raises ValueError."""
    labels = len(ticker.world.labels)
    people = len(subjects)
    left = []
    for each in saved:
        if each.speaker >= people or each.addressed >= people:
            raise ValueError("an utterance half understood is of nobody")
        probabilities, failed = each.probabilities, each.failed
        if probabilities and (len(probabilities) != labels or not all(0.0 <= value <= 1.0 for value in probabilities)):
            probabilities, failed = (), LOST
        source = each.source if sources else 0
        spoken = Spoken(each.speaker, each.addressed, each.text, each.number, each.conversation, None, source)
        confidence, age = min(max(each.confidence, 0.0), 1.0), max(each.age, 0.0)
        modality = each.modality[:32]
        left.append(
            Understood(
                each.ticket,
                spoken,
                probabilities,
                each.seconds,
                failed or ("" if probabilities else LOST),
                modality,
                confidence=confidence,
                age=age,
            )
        )
    ticker.meeting.enter_next(left, subjects)


def faces(ticker: Ticker) -> tuple[SeenFace, ...]:
    """The captured faces: how they rest and what was seen of them last."""
    return tuple(SeenFace(*each) for each in ticker.faces.state())


def place_faces(saved: tuple[SeenFace, ...], ticker: Ticker, subjects: NDArray[np.int64]) -> None:
    """Captured faces of those who are still there. Raises ValueError for what is no face."""
    for each in saved:
        for row in (each.neutral, each.mean):
            if row is not None and (len(row) != len(ARKIT) or not all(0.0 <= value <= 1.0 for value in row)):
                raise ValueError("a captured face has 52 numbers in 0..1")
        if each.character >= len(subjects) or each.at_us > ticker.now_us:
            raise ValueError("a captured face is of nobody, or of a time to come")
        row_now = int(subjects[each.character])
        if row_now != NOBODY:
            ticker.faces.hold(
                row_now, each.neutral, each.mean, each.at_us, each.speaking, each.source, each.told_us, each.label
            )
