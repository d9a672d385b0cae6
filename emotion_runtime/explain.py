"""Owns the answers to "why": what an emotion is made of, and why an action began, in words a designer can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.ledger import NOBODY, Cause
from emotion_runtime.kernels import plain
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.world import World

FORGOTTEN = "earlier causes"
FAINT = 1e-6
"""Contributions up to this are not worth a word."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of one emotion. `cause` reads `guard said anger`, `campfire.warm`; `share` of all that moved it."""

    cause: str
    kind: str
    subject: str
    amount: float
    share: float


@dataclass(frozen=True, slots=True)
class Why:
    """Where one emotion of one character comes from. `value` = `baseline` + the sum of the reasons' amounts."""

    character: str
    emotion: str
    value: float
    baseline: float
    reasons: tuple[Reason, ...]

    @property
    def top(self) -> Reason | None:
        """The strongest reason, or None when the emotion rests at its baseline."""
        return self.reasons[0] if self.reasons else None

    def __str__(self) -> str:
        parts = [f"{reason.cause} {reason.share:.0%}" for reason in self.reasons[:3]]
        return f"{self.emotion} {self.value:.2f}: " + (", ".join(parts) if parts else "at rest")


def cause_text(world: World, cause: Cause) -> str:
    """A cause in a few words, by names of the scene."""
    return _words(_name(world, cause.subject), cause.kind, cause.detail)


def _words(who: str, kind: str, detail: str) -> str:
    match kind:
        case "object" | "action":
            return f"{who}.{detail}"
        case "contagion":
            return f"caught from {who}"
        case "said":
            return f"{who} said {detail}" if who else f"pushed by an editor: {detail}"
        case "event":
            return f"{detail} ({who})" if who else detail
        case _:
            return f"{kind} {detail}".strip()


def why_emotion(world: World, character: int, label: str) -> Why:
    """The causes of one emotion, the strongest first. Raises KeyError for a label the scene does not have."""
    if label == NEUTRAL:
        value = float(1.0 - world.emotion[character].max())
        return Why(world.names[character], label, value, 1.0, ())
    channel = world.channel[label]
    parts = [part for part in world.ledger.contributions(character, channel) if abs(part.amount) > FAINT]
    whole = sum(abs(part.amount) for part in parts)
    return Why(
        character=world.names[character],
        emotion=label,
        value=float(world.emotion[character, channel]),
        baseline=float(world.constants.baseline[character, channel]),
        reasons=tuple(
            Reason(
                cause=FORGOTTEN if part.cause is None else cause_text(world, part.cause),
                kind="" if part.cause is None else part.cause.kind,
                subject="" if part.cause is None else _name(world, part.cause.subject),
                amount=part.amount,
                share=abs(part.amount) / whole,
            )
            for part in parts
        ),
    )


def strongest_emotion(world: World, character: int) -> str:
    """The label that stands out most over its baseline."""
    rise = world.feelings.emotion[:-1, character] - world.fixed.baseline[:, character]
    return world.channels[int(rise.argmax())]


def why_started(world: World, character: int, trigger: str, orientation: str) -> str:
    """One line for an action that begins: the emotion behind it, that emotion's strongest cause, and the trigger."""
    label = orientation if orientation in world.channel else strongest_emotion(world, character)
    channel = world.channel[label]
    ledger = world.ledger
    top, amount = ledger.strongest(character, channel)
    rest = 0.0 if abs(amount) > FAINT else ledger.other_of(character, channel)
    return _started(world, label, float(world.feelings.emotion[channel, character]), top, amount, rest, trigger)


def why_all_started(
    world: World,
    characters: Sequence[int],
    triggers: Sequence[str],
    orientations: Sequence[str],
    kernels: Kernels | None = None,
) -> list[str]:
    """As `why_started`, for many actions of one tick: one of each for each of `characters` (k,)."""
    form = plain if kernels is None else kernels.form
    channel = np.array([world.channel.get(each, NOBODY) for each in orientations], np.int32)
    whose = np.array(characters, np.int32)
    found, sums = np.empty((2, len(whose)), np.int32), np.empty((3, len(whose)))
    form.reasons(whose, channel, world.feelings.emotion, world.fixed.baseline, world.ledger.columns, found, sums)
    labels = [world.channels[each] for each in found[0].tolist()]
    return [
        _started(world, *each)
        for each in zip(labels, sums[0].tolist(), found[1].tolist(), *sums[1:].tolist(), triggers, strict=True)
    ]


def _started(world: World, label: str, value: float, top: int, amount: float, rest: float, trigger: str) -> str:
    because = ""
    if top != NOBODY and abs(amount) > FAINT:
        subject, kind, detail = world.ledger.codes.parts(top)
        because = f", {_words(_name(world, subject), kind, detail)}" if amount > 0.0 else ""
    elif rest > FAINT:
        because = f", {FORGOTTEN}"
    return f"{label} {value:.2f}{because} ({trigger})"


def _name(world: World, subject: int) -> str:
    if subject == NOBODY:
        return ""
    return world.names[subject] if subject < world.n else world.objects[subject - world.n]
