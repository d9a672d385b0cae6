"""Owns steering a simulation for tests and proofs: set any emotion to a value, by stimuli the scene itself can take.

Nothing of a simulation's insides is touched. The scene gets two further events for each emotion of each character
(their names have a space, so no scene can have them), and setting an emotion is a burst of these events: recorded,
replayed and explained like any other, and it has a cause.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from emotion_runtime.affect.dynamics import EPSILON
from emotion_runtime.affect.personality import channels, temperament
from emotion_runtime.inputs import Event
from emotion_runtime.scene.resolved import AppraisalRow, Scene

MOST_EVENTS = 64
"""Events of one burst."""


def steerable(scene: Scene) -> Scene:
    """The scene with the events that `pushes` needs; all else is as before, and so is every run without them."""
    rows = []
    for person in scene.characters:
        for label in channels(scene.labels):
            for event, amount in ((_raise(person.id, label), 1.0), (_lower(person.id, label), -1.0)):
                rows.append(AppraisalRow(None, event, person.id, None, None, None, {label: amount}, "a test"))
    names = [row.event for row in rows if row.event is not None]
    return dataclasses.replace(scene, events=(*scene.events, *names), appraisal=(*scene.appraisal, *rows))


def pushes(scene: Scene, character: str, label: str, now: float, wanted: float, cause: str | None) -> Iterator[Event]:
    """Events that move an emotion from `now` to `wanted` (both 0..1) in the tick they are taken in.

    Impulses saturate: n events of strength s leave (1 - s t)^n of the way to 1 (or of the value), t the temperament.
    """
    person = next(each for each in scene.characters if each.id == character)
    factor = max(temperament(label, person.personality), 1e-3)
    target = min(1.0 - EPSILON, max(EPSILON, wanted))
    left, event = target / now, _lower(character, label)
    if target > now:
        left, event = (1.0 - target) / (1.0 - now), _raise(character, label)
    for _ in range(MOST_EVENTS):
        if left >= 1.0:
            return
        strength = min(1.0 - left, 0.9 * min(1.0, factor))
        left /= 1.0 - strength
        yield Event(event, cause, strength=strength / factor)


def shown_cause(detail: str) -> str:
    """A cause as a person reads it: `set guard.anger` for both directions."""
    return detail.replace("lower ", "set ", 1) if detail.startswith("lower ") else detail


def _raise(character: str, label: str) -> str:
    return f"set {character}.{label}"


def _lower(character: str, label: str) -> str:
    return f"lower {character}.{label}"


def starts(values: Mapping[str, Mapping[str, float]]) -> str:
    """Emotions of characters in one phrase, those above 0.3: `thief anger 0.75, fear 0.41`."""
    parts = []
    for character, feelings in values.items():
        strong = [f"{label} {value:.2f}" for label, value in feelings.items() if value > 0.3]
        if strong:
            parts.append(f"{character} with " + ", ".join(strong))
    return "; ".join(parts)
