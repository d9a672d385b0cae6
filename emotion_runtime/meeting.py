"""Owns the meeting of modalities: the text, the voice and the face of one utterance enter a tick as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.faces_seen import FacesSeen
from emotion_runtime.hearing import Understood
from emotion_runtime.joining import Evidence, Joining
from emotion_runtime.perception.fusion import FACE, MODALITIES, RELIABILITY, TEXT, VOICE, Estimate, fuse
from emotion_runtime.voices import Key, Voices, key_of

PATIENCE_US: Final = 1_000_000
"""Simulated microseconds that one half of an utterance waits for the other. What comes later enters by itself."""


@dataclass(slots=True)
class _Pair:
    since_us: int
    text: Understood | None = None
    voice: Understood | None = None


class Meeting:
    """Lines whose number is 0, or that brought `heard`, meet nobody. Deterministic: no clock but the simulated one.

    What has met is judged by the cross-modal network where `joining` has one, else by the rule of `fusion`.
    """

    def __init__(self, voices: Voices, faces: FacesSeen, joining: Joining, voice_reliability: float = 0.0) -> None:
        """`voice_reliability` 0..1; 0: the stated one of `fusion.RELIABILITY`."""
        self._joining = joining
        self._voices = voices
        self._faces = faces
        self._reliability = {TEXT: RELIABILITY[TEXT], VOICE: voice_reliability or RELIABILITY[VOICE]}
        self._pairs: dict[Key, _Pair] = {}
        self._left: list[Understood] = []
        """What enters with the coming tick as it is: its other half belongs to a state that was left."""

    @property
    def waiting(self) -> int:
        """Utterances half understood, or with the cross-modal network."""
        return len(self._pairs) + len(self._left) + self._joining.waiting

    def join(
        self, texts: list[Understood], voices: list[Understood], now_us: int, *, wait: bool = False
    ) -> list[Understood]:
        """What enters this tick, in the order spoken. Partial answers of voices pass by, to be shown only.

        `wait`: for the cross-modal network's answers (lock-step).
        """
        if not texts and not voices and not self._pairs and not self._left:
            return self._joining.due(now_us, wait=wait)
        entering, self._left = self._left, []
        whole: list[_Pair] = []
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
                    whole.append(pair)
        for voice in voices:
            if voice.partial:
                entering += [] if voice.failed else [self._weighed(voice)]
                continue
            key = key_of(voice.spoken)
            promised = self._voices.transcribed(key)
            if key in self._pairs or (promised and voice.spoken.number):
                self._pairs.setdefault(key, _Pair(now_us)).voice = voice
            else:
                whole.append(_Pair(now_us, voice=voice))
        for key, pair in list(self._pairs.items()):
            if (pair.text and pair.voice) or now_us - pair.since_us >= PATIENCE_US:
                del self._pairs[key]
                whole.append(pair)
        for pair in whole:
            found = self._joining.take(self._evidence(pair, now_us), now_us)
            entering += [] if found is None else [found]
        entering += self._joining.due(now_us, wait=wait)
        return sorted(entering, key=lambda each: each.ticket)

    def carry(self, before: Meeting, subjects: NDArray[np.int64]) -> None:
        """Take over what is half understood; `subjects` are new rows of old ones, or NOBODY.

        What a cross-modal network was asked about is decided by the rule: its scene is gone.
        """
        for pair in before._pairs.values():
            text, voice = (None if half is None else moved(half, subjects) for half in (pair.text, pair.voice))
            known = text or voice
            if known is not None:
                self._pairs[key_of(known.spoken)] = _Pair(pair.since_us, text, voice)
        self.enter_next([*before._left, *self._joining.carry(before._joining, subjects)], subjects)

    def enter_next(self, left: Iterable[Understood], subjects: NDArray[np.int64]) -> None:
        """These enter with the coming tick; those of speakers who are gone are dropped."""
        self._left += [here for each in left if (here := moved(each, subjects)) is not None]

    def unfinished(self) -> list[Understood]:
        """What is known so far of utterances that did not enter yet."""
        halves = [half for pair in self._pairs.values() for half in (pair.text or pair.voice,) if half is not None]
        return [*self._left, *halves, *self._joining.unfinished()]

    def _evidence(self, pair: _Pair, now_us: int) -> Evidence:
        """The halves that are there and the speaker's face, and one answer out of them."""
        halves = [half for half in (pair.text, pair.voice) if half is not None]
        main = halves[0]
        waited = (now_us - pair.since_us) * 1e-6
        sound = [half for half in halves if not half.failed]
        estimates = [self._estimate(half, waited) for half in sound]
        face = self._faces.estimate(main.spoken.speaker, now_us)
        faces = [] if face is None else [face]
        ruled = self._one(main, [*estimates, *faces], halves) if sound else main
        row = None
        if self._joining.active:
            row = self._faces.statistics(main.spoken.speaker, now_us, 0.0 if pair.voice is None else pair.voice.lasts)
        said = "" if pair.text is None else main.spoken.text
        heard = None if pair.voice is None else pair.voice.sound
        there = {TEXT: bool(said.strip()), VOICE: heard is not None, FACE: row is not None}
        has = tuple(each for each in MODALITIES if there[each])

        def finish(probabilities: tuple[float, ...], known: tuple[bool, ...]) -> Understood:
            """The network's word for what it was shown, fused with what it does not know of."""
            judged = [each for each in has if each in self._joining.knows]
            own = Estimate("+".join(judged), probabilities, known, reliability=self._joining.reliability)
            others = [each for each in (*estimates, *faces) if each.modality not in judged]
            return self._one(main, [own, *others], halves)

        return Evidence(ruled, said, heard, row, has, finish)

    def _one(self, main: Understood, estimates: list[Estimate], halves: list[Understood]) -> Understood:
        fused = fuse(estimates)
        return replace(
            main,
            probabilities=estimates[0].probabilities if len(estimates) == 1 else fused.probabilities,
            seconds=max(half.seconds for half in halves),
            failed="",
            modality="+".join(fused.modalities) or estimates[0].modality,
            confidence=fused.confidence,
            age=max(each.age for each in estimates),
            sound=None,
        )

    def _estimate(self, half: Understood, waited: float) -> Estimate:
        known = half.known or (True,) * len(half.probabilities)
        confidence = half.confidence if half.modality == VOICE else 1.0
        return Estimate(half.modality, half.probabilities, known, confidence, waited, self._reliability[half.modality])

    def _weighed(self, voice: Understood) -> Understood:
        return replace(voice, confidence=self._estimate(voice, 0.0).weight)


def moved(each: Understood, subjects: NDArray[np.int64]) -> Understood | None:
    """The same answer in another scene; `subjects` are new rows of old ones, or NOBODY. None: its speaker is gone."""
    speaker = int(subjects[each.spoken.speaker])
    to = NOBODY if each.spoken.addressed == NOBODY else int(subjects[each.spoken.addressed])
    spoken = replace(each.spoken, speaker=speaker, addressed=to)
    return None if speaker == NOBODY else replace(each, spoken=spoken)
