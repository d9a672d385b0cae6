"""Owns what happens in the bundled tavern during the demo: lines, events and changed variables on a time line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emotion_runtime.inputs import Event, Observation, SetVariable, Utterance

PERIOD_S: Final = 60.0
"""The evening starts over after this long."""


@dataclass(frozen=True, slots=True)
class Beat:
    """At `time` seconds into the evening, `what` happens."""

    time: float
    what: Observation


def _say(speaker: str, text: str, to: str | None = None) -> Utterance:
    return Utterance(speaker, text, to=to)


EVENING: Final = tuple(
    Beat(time, what)
    for time, what in (
        (0.5, _say("guard", "Good evening, everyone. A quiet night so far.")),
        (2.0, SetVariable("music_box.wound", 40.0)),
        (2.0, SetVariable("music_box.playing", 1.0)),
        (2.5, _say("child", "Oh wow, the music box is playing! I love this song!", "merchant")),
        (4.5, _say("merchant", "Isn't it beautiful? Go on, dance, sweetheart!", "child")),
        (8.0, _say("child", "This is so much fun! Thank you!", "merchant")),
        (11.0, SetVariable("world.night", 1.0)),
        (12.0, _say("thief", "Nobody is looking. This is going to be great.")),
        (16.0, Event("theft_seen", cause="thief")),
        (16.5, _say("guard", "Hey! Put that back, you filthy liar! I'm so sick of you!", "thief")),
        (19.0, _say("thief", "What? No! Get away from me! Leave me alone!", "guard")),
        (21.5, _say("merchant", "I can't believe it! You stole from me? How dare you!", "thief")),
        (24.0, Event("glass_breaks", at=(9.0, 0.0, 5.0))),
        (25.0, SetVariable("world.brawl", 0.7)),
        (25.5, _say("child", "I'm scared! Please make them stop!", "merchant")),
        (28.0, _say("guard", "That's enough! I'm really angry now! Everybody get out!", "thief")),
        (31.0, _say("merchant", "Oh no, don't be afraid, darling. I'm here.", "child")),
        (34.0, SetVariable("baby.crying", 0.8)),
        (35.0, SetVariable("world.brawl", 0.0)),
        (36.0, _say("thief", "I'm sorry. I'm so sorry, it was a terrible mistake.", "merchant")),
        (40.0, _say("merchant", "It just makes me so sad. I trusted you.", "thief")),
        (44.0, SetVariable("campfire.heat", 0.95)),
        (45.0, _say("child", "Whoa! The fire! Look at the fire!", "guard")),
        (48.0, SetVariable("campfire.heat", 0.5)),
        (49.0, _say("guard", "Ha! It's out, little one. You were very brave!", "child")),
        (52.0, _say("child", "Yay! You saved us! You are the best!", "guard")),
        (55.0, SetVariable("music_box.playing", 0.0)),
        (55.0, SetVariable("world.night", 0.0)),
        (56.0, _say("merchant", "Well, good night then. What a day.")),
    )
)
"""One evening, in order of time."""


def beats_between(start: float, end: float) -> list[Beat]:
    """The beats with start <= time < end, the evening repeating every PERIOD_S seconds."""
    found: list[Beat] = []
    first, last = int(start // PERIOD_S), int(end // PERIOD_S)
    for evening in range(first, last + 1):
        offset = evening * PERIOD_S
        found.extend(beat for beat in EVENING if start <= beat.time + offset < end)
    return found
