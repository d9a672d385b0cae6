"""Owns the evaluation of expression: distinct faces, agreement of bases, lips against true times, the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.compose import Mouths, compose, mouth_share
from emotion_runtime.expression.face import Face
from emotion_runtime.expression.kernel import Kernel
from emotion_runtime.expression.landmarks import PIXELS, Basis
from emotion_runtime.expression.metrics import Distances, landmark_distances, late
from emotion_runtime.expression.reader import confusion, machine_reader
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.speech.coarticulation import lip_frames
from emotion_runtime.expression.speech.espeak import Spoken
from emotion_runtime.expression.speech.loudness import track_of_loudness, voiced_span
from emotion_runtime.expression.speech.pronounce import Dictionary
from emotion_runtime.expression.speech.spoken_text import stretched_text, track_of_spoken_text, track_of_text
from emotion_runtime.expression.speech.track import VisemeTrack, track_of_phones
from emotion_runtime.expression.visemes import shape_rows

Floats = NDArray[np.float64]

SENTENCES: Final = (
    "Please put the big map back on the table before my mother comes home.",
    "You found it! I never thought we would see that ring again.",
    "Get out of my house, and do not come back.",
    "The king is dead, and nobody knows who will wear the crown.",
    "I baked this bread myself this morning, would you like some?",
    "Watch your step, the bridge is broken and the river is deep.",
    "They took everything we had, every coin and every horse.",
    "What a beautiful evening! The whole village is dancing.",
    "Be quiet, the guards are coming up the stairs.",
    "How could you lie to me after all these years?",
    "A wolf was seen near the farm last night.",
    "My brother fell in the war, and I still hear his voice.",
    "Buy a sword, a shield, or a potion from the merchant by the gate.",
    "I am so happy for you both, this calls for a feast.",
    "There is something in the water, something big.",
    "Do you remember the old tower on the hill?",
    "Give me the letter and nobody gets hurt.",
    "Thank you, stranger, you saved my daughter.",
    "The soup smells like rotten fish, I cannot eat this.",
    "We leave at dawn, so sleep while you can.",
)
"""Lines as characters of a game say them."""

RATE: Final = 60.0
NOISE: Final = 0.01
"""Standard deviation of the reader's view of a landmark, in IOD."""


class Voice(Protocol):
    """A synthetic voice that tells true times."""

    def say(self, text: str) -> Spoken:
        """Speak a text into memory."""
        ...


@dataclass(frozen=True, slots=True)
class Distinctness:
    """px at 64 px between the eyes: each emotion at full strength from neutral, and each pair from each other."""

    from_neutral: Mapping[str, float]
    pairs: Mapping[tuple[str, str], float]


def distinctness(basis: Basis, table: RecipeTable | None = None) -> Distinctness:
    """How far apart the emotions of a table are on a face: mean distance over the 68 landmarks."""
    used = table or default_recipes()
    labels = sorted(used.emotions)
    faces = Face(labels, np.zeros((1, len(labels))), used).weights(np.eye(len(labels)))
    points = basis.landmarks(faces)
    neutral = {label: _apart(points[i], basis.neutral) for i, label in enumerate(labels)}
    pairs = {
        (labels[i], labels[j]): _apart(points[i], points[j])
        for i in range(len(labels))
        for j in range(i + 1, len(labels))
    }
    return Distinctness(neutral, pairs)


def lip_distances(
    basis: Basis, voice: Voice, dictionary: Dictionary | None = None, sentences: Sequence[str] = SENTENCES
) -> dict[str, Distances]:
    """Sources of lips against the voice's true times, in one run: mean over the sentences, anchors included.

    The text sources know where in the audio the voice begins and ends, as a game that plays the audio does.
    """
    rows = shape_rows()
    found: dict[str, list[Distances]] = {}
    for sentence in sentences:
        spoken = voice.say(sentence)
        begin, end = voiced_span(spoken.samples, spoken.rate)
        times = np.arange(0.0, 1000.0 * len(spoken.samples) / spoken.rate, 1000.0 / RATE)
        truth = basis.landmarks(lip_frames(track_of_phones(spoken.phones), times)[0] @ rows)
        total = max(end - begin, 1.0)
        sources: dict[str, VisemeTrack] = {
            "text, lexicon and rules": track_of_text(sentence, None, total=total, start=begin),
            "text, with its audio": track_of_spoken_text(sentence, spoken.samples, spoken.rate, dictionary),
            "text, linear stretch": stretched_text(sentence, dictionary, total=total, start=begin),
            "loudness": track_of_loudness(spoken.samples, spoken.rate),
        }
        if dictionary:
            sources["text, dictionary"] = track_of_text(sentence, dictionary, total=total, start=begin)
        for name, track in sources.items():
            points = basis.landmarks(lip_frames(track, times)[0] @ rows)
            found.setdefault(name, []).append(landmark_distances(points, truth, RATE))
        still = np.broadcast_to(basis.neutral, truth.shape).copy()
        found.setdefault("anchor: neutral face", []).append(landmark_distances(still, truth, RATE))
        found.setdefault("anchor: 100 ms late", []).append(landmark_distances(late(truth, 0.1, RATE), truth, RATE))
    return {name: _mean(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the machine reader made of the generator's faces. `counts`: rows shown, columns read, as `labels`."""

    labels: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def accuracy(self) -> float:
        """Share read right."""
        return float(np.trace(self.counts)) / float(self.counts.sum())


def read_by_machine(basis: Basis, seed: int, *, speaking: bool, each: int = 100) -> Reading:
    """Faces of the default table on `basis`, seen with noise, read by the machine reader.

    Each emotion `each` times at strength 0.5 to 1 beside a second one up to 0.25, and `each` faces that are neutral but
    for 0.08. `speaking`: with lips of a spoken text composed in.
    """
    random = np.random.default_rng(seed)
    table = default_recipes()
    labels = tuple(sorted(table.emotions))
    strengths, shown = _sample(random, labels, each)
    kernel = Kernel(table, labels)
    faces = Face(labels, np.zeros((1, len(labels))), table).weights(strengths).astype(np.float64)
    if speaking:
        track = track_of_text(" ".join(SENTENCES[:3]))
        shares, closed, talks = lip_frames(track, np.linspace(200.0, track.end - 200.0, len(faces)))
        lips = Mouths(np.ones(len(faces)), np.ones(len(faces))).lips(shares)
        share = mouth_share(kernel.strengths(np.ascontiguousarray(strengths.T)).T, kernel.speaking)
        faces = compose(faces, lips, closed, talks, share)
    flat = basis.frontal()
    moved = flat.landmarks(faces) - flat.neutral + random.normal(0.0, NOISE, (len(faces), *flat.neutral.shape))
    answers = (*labels, "neutral")
    return Reading(answers, confusion(shown, machine_reader().read(moved, speaking=speaking), answers))


def _sample(random: np.random.Generator, labels: tuple[str, ...], each: int) -> tuple[Floats, list[str]]:
    parts, shown = [], []
    for k, label in enumerate(labels):
        strengths = np.zeros((each, len(labels)))
        strengths[:, k] = random.uniform(0.5, 1.0, each)
        second = (k + 1 + random.integers(0, len(labels) - 1, each)) % len(labels)
        strengths[np.arange(each), second] = random.uniform(0.0, 0.25, each)
        parts.append(strengths)
        shown += [label] * each
    parts.append(random.uniform(0.0, 0.08, (each, len(labels))))
    return np.concatenate(parts), [*shown, *["neutral"] * each]


def _apart(points: Floats, others: Floats) -> float:
    return float(np.linalg.norm(points - others, axis=1).mean()) * PIXELS


def _mean(values: Sequence[Distances]) -> Distances:
    table = np.array([(v.lip, v.lip_velocity, v.face, v.face_velocity) for v in values])
    return Distances(*(float(value) for value in table.mean(axis=0)))
