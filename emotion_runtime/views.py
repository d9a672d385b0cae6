"""Owns the view of one character: what it feels, does and why, read from a simulation as it is now."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from emotion_runtime.affect.mood import Mood
from emotion_runtime.explain import Why, strongest_emotion, why_emotion
from emotion_runtime.tick import RunningAction

if TYPE_CHECKING:
    from emotion_runtime.simulation import Simulation


class CharacterView:
    """One character as it is now. Reads only; ask the simulation to change anything."""

    def __init__(self, simulation: Simulation, row: int) -> None:
        self._simulation = simulation
        self._row = row

    @property
    def id(self) -> str:
        """Its name in the scene."""
        return self._simulation.characters[self._row]

    @property
    def emotion(self) -> dict[str, float]:
        """Every label with its strength in (0, 1)."""
        world = self._simulation.world
        return dict(zip(world.labels, world.published(self._row).tolist(), strict=True))

    @property
    def mood(self) -> Mood:
        """Pleasure, arousal, dominance in -1..1, and a name for them."""
        pleasure, arousal, dominance = self._simulation.world.felt_mood(self._row)
        return Mood(pleasure, arousal, dominance)

    @property
    def action(self) -> str:
        """The rule it is acting out, the first of several; empty when it does nothing."""
        actions = self.actions
        return actions[0].rule if actions else ""

    @property
    def actions(self) -> tuple[RunningAction, ...]:
        """Everything it is doing; more than one only below a `parallel`."""
        return tuple(each for each in self._simulation.running() if each.character == self.id)

    @property
    def position(self) -> tuple[float, float, float]:
        """Metres."""
        x, y, z = self._simulation.world.position[self._row].tolist()
        return x, y, z

    def why(self, emotion: str | None = None) -> Why:
        """The causes of one emotion; without a name, of the one that stands out most."""
        world = self._simulation.world
        return why_emotion(world, self._row, emotion or strongest_emotion(world, self._row))

    def explained(self) -> dict[str, Any]:
        """Everything that explains it, as plain values: emotions with their causes, mood and actions."""
        emotions = {}
        for label in self._simulation.world.channels:
            why = self.why(label)
            causes = [asdict(reason) for reason in why.reasons]
            emotions[label] = {"value": why.value, "baseline": why.baseline, "causes": causes}
        return {
            "character": self.id,
            "text": str(self.why()),
            "mood": {**self.mood._asdict(), "name": self.mood.name},
            "emotions": emotions,
            "actions": [asdict(action) for action in self.actions],
        }
