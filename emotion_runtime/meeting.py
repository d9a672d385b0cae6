"""Owns the meeting of modalities: the text, the voice and the face of one utterance enter a tick as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.faces_seen import FacesSeen
from emotion_runtime.hearing import Understood
from emotion_runtime.perception.fusion import RELIABILITY, TEXT, VOICE, Estimate, fuse
from emotion_runtime.voices import Key, Voices, key_of

PATIENCE_US: Final = 1_000_000
"""Simulated microseconds that one half of an utterance waits for the other. What comes later enters by itself."""


@dataclass(slots=True)
class _Pair:
    since_us: int
    text: Understood | None = None
    voice: Understood | None = None


class Meeting:
    """Lines whose number is 0, or that brought `heard`, meet nobody. Deterministic: no clock but the simulated one."""

    def __init__(self, voices: Voices, faces: FacesSeen, voice_reliability: float = 0.0) -> None:
        """`voice_reliability` 0..1; 0: the stated one of `fusion.RELIABILITY`."""
        self._voices = voices
        self._faces = faces
        self._reliability = {TEXT: RELIABILITY[TEXT], VOICE: voice_reliability or RELIABILITY[VOICE]}
        self._pairs: dict[Key, _Pair] = {}

    @property
    def waiting(self) -> int:
        """Utterances half understood."""
        return len(self._pairs)

    def join(self, texts: list[Understood], voices: list[Understood], now_us: int) -> list[Understood]:
        """What enters this tick, in the order spoken. Partial answers of voices pass by, to be shown only."""
        if not texts and not voices and not self._pairs:
            return []
        entering: list[Understood] = []
        for text in texts:
            key = key_of(text.spoken)
            if text.spoken.heard is not None:
                entering.append(text)
            elif key in self._pairs or (text.spoken.number and self._voices.expects(key)):
                self._pairs.setdefault(key, _Pair(now_us)).text = text
            else:
                pair = _Pair(now_us, text=text)
                if any(key_of(each.spoken) == key and not each.partial for each in voices) and text.spoken.number:
                    self._pairs[key] = pair
                else:
                    entering.append(self._whole(pair, now_us))
        for voice in voices:
            if voice.partial:
                entering += [] if voice.failed else [self._weighed(voice)]
                continue
            key = key_of(voice.spoken)
            promised = self._voices.transcribed(key)
            if key in self._pairs or (promised and voice.spoken.number):
                self._pairs.setdefault(key, _Pair(now_us)).voice = voice
            else:
                entering.append(self._whole(_Pair(now_us, voice=voice), now_us))
        for key, pair in list(self._pairs.items()):
            if (pair.text and pair.voice) or now_us - pair.since_us >= PATIENCE_US:
                del self._pairs[key]
                entering.append(self._whole(pair, now_us))
        return sorted(entering, key=lambda each: each.ticket)

    def carry(self, before: Meeting, subjects: NDArray[np.int64]) -> None:
        """Take over what is half understood; `subjects` are new rows of old ones, or NOBODY."""
        for (source, speaker, number), pair in before._pairs.items():
            row = int(subjects[speaker])
            if row == NOBODY:
                continue
            for name in ("text", "voice"):
                half: Understood | None = getattr(pair, name)
                if half is not None:
                    to = NOBODY if half.spoken.addressed == NOBODY else int(subjects[half.spoken.addressed])
                    setattr(pair, name, replace(half, spoken=replace(half.spoken, speaker=row, addressed=to)))
            self._pairs[source, row, number] = pair

    def _whole(self, pair: _Pair, now_us: int) -> Understood:
        """One answer out of the halves that are there, and of the speaker's face."""
        halves = [half for half in (pair.text, pair.voice) if half is not None]
        main = halves[0]
        waited = (now_us - pair.since_us) * 1e-6
        sound = [half for half in halves if not half.failed]
        if not sound:
            return main
        estimates = [self._estimate(half, waited) for half in sound]
        face = self._faces.estimate(main.spoken.speaker, now_us)
        if face is not None:
            estimates.append(face)
        fused = fuse(estimates)
        return replace(
            main,
            probabilities=sound[0].probabilities if len(estimates) == 1 else fused.probabilities,
            seconds=max(half.seconds for half in halves),
            failed="",
            modality="+".join(fused.modalities) or sound[0].modality,
            confidence=fused.confidence,
            age=max(each.age for each in estimates),
        )

    def _estimate(self, half: Understood, waited: float) -> Estimate:
        known = half.known or (True,) * len(half.probabilities)
        confidence = half.confidence if half.modality == VOICE else 1.0
        return Estimate(half.modality, half.probabilities, known, confidence, waited, self._reliability[half.modality])

    def _weighed(self, voice: Understood) -> Understood:
        return replace(voice, confidence=self._estimate(voice, 0.0).weight)
