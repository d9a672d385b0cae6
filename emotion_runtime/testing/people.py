"""Owns characters as a test sees them: emotions as attributes, what they do, and why they feel as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotion_runtime.affect.mood import Mood
from emotion_runtime.explain import Why

if TYPE_CHECKING:
    from emotion_runtime.testing.sim import Sim


class Group:
    """Some characters; an expectation about a group is one about each of them."""

    def __init__(self, sim: Sim, names: tuple[str, ...]) -> None:
        self.sim = sim
        self.names = names


class Person(Group):
    """One character, now. Emotions are attributes: `sim["child"].fear`."""

    def __init__(self, sim: Sim, name: str) -> None:
        sim.simulation.character(name)
        super().__init__(sim, (name,))
        self.name = name

    @property
    def emotion(self) -> dict[str, float]:
        """Every label with its strength."""
        return self.sim.simulation[self.name].emotion

    @property
    def mood(self) -> Mood:
        """Pleasure, arousal, dominance."""
        return self.sim.simulation[self.name].mood

    @property
    def action(self) -> str:
        """The rule it acts out; empty when none."""
        return self.sim.simulation[self.name].action

    @property
    def position(self) -> tuple[float, float, float]:
        """Metres."""
        return self.sim.simulation[self.name].position

    def does(self, rule: str) -> bool:
        """Whether it acts out this rule now."""
        return any(each.rule == rule for each in self.sim.simulation[self.name].actions)

    def why(self, emotion: str | None = None) -> Why:
        """The causes of an emotion; without a name, of the one that stands out most."""
        return self.sim.why(self.name, emotion)

    def personality(self, **traits: float) -> None:
        """Change its traits, before the first tick."""
        self.sim.personality(self.name, **traits)

    def __getattr__(self, label: str) -> float:
        if label.startswith("_"):
            raise AttributeError(label)
        emotion = self.emotion
        if label not in emotion:
            raise AttributeError(f"`{label}` is not an emotion of this scene; there are {', '.join(emotion)}")
        return emotion[label]
