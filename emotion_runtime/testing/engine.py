"""Owns the fake engine: it plays actions for their nominal time and reports success, unless a test says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from emotion_runtime.outputs import Start, Stop

Outcome: TypeAlias = Literal["success", "failure", "silence"]


@dataclass(slots=True)
class FakeEngine:
    """Pure and deterministic; time is simulated seconds. What it is told of a character's rule holds from then on."""

    _told: dict[tuple[str, str], tuple[Outcome, float | None]] = field(default_factory=dict)
    _playing: dict[int, tuple[float, Outcome]] = field(default_factory=dict)
    log: list[tuple[str, str, str, float | None]] = field(default_factory=list)
    """What tests told it: (outcome, character, rule, seconds), in order."""

    def succeed(self, character: str, rule: str, after: float | None = None) -> None:
        """From now on this action succeeds, after so many seconds (None: what the scene says)."""
        self._tell("success", character, rule, after)

    def fail(self, character: str, rule: str, after: float | None = 0.0) -> None:
        """From now on this action fails, at once or after so many seconds."""
        self._tell("failure", character, rule, after)

    def never_answer(self, character: str, rule: str) -> None:
        """From now on the engine never reports on this action, so that it runs into its timeout."""
        self._tell("silence", character, rule, None)

    def _tell(self, outcome: Outcome, character: str, rule: str, after: float | None) -> None:
        self._told[character, rule] = (outcome, after)
        self.log.append((outcome, character, rule, after))

    def copy(self) -> FakeEngine:
        """Another that plays the same, and was told the same."""
        return FakeEngine(dict(self._told), dict(self._playing), list(self.log))

    def begin(self, command: Start, now: float) -> None:
        """An action starts."""
        outcome, after = self._told.get((command.character, command.rule), ("success", None))
        self._playing[command.action] = (now + (command.lasts if after is None else after), outcome)

    def end(self, command: Stop) -> None:
        """An action was stopped, or its end was taken note of."""
        self._playing.pop(command.action, None)

    @property
    def results(self) -> dict[int, tuple[float, bool]]:
        """By the number of each action that will end by itself: when (seconds), and whether well."""
        return {
            action: (end, outcome == "success")
            for action, (end, outcome) in self._playing.items()
            if outcome != "silence"
        }

    def due(self, now: float) -> list[tuple[int, bool]]:
        """Actions that end by now, by number, and whether they end well; each is returned once."""
        ended = sorted(
            action for action, (end, outcome) in self._playing.items() if end <= now + 1e-9 and outcome != "silence"
        )
        return [(action, self._playing.pop(action)[1] == "success") for action in ended]
