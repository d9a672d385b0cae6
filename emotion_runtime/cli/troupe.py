"""Owns the demo's engine: plays what it is commanded, reports results, and keeps the books of all that crosses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emotion_runtime.affect.mood import Mood
from emotion_runtime.cli.screen import Row, Screen
from emotion_runtime.cli.stage import Stage
from emotion_runtime.cli.tally import Tally
from emotion_runtime.inputs import Event, Observation, SetVariable, Utterance
from emotion_runtime.player import NominalPlayer
from protocol.messages import Bye, Notice, Perception, Snapshot, Start, Stop
from protocol.views import TickView
from unity_bridge import EngineClient

Heard = Callable[[Perception], None]


class Troupe:
    """One engine on the link. Simulated time is that of the newest frame."""

    def __init__(self, engine: EngineClient, screen: Screen, tally: Tally, stage: Stage | None) -> None:
        self._engine = engine
        self._screen = screen
        self._tally = tally
        self._stage = stage
        self._player = NominalPlayer()
        self._doing: dict[str, dict[int, Start]] = {name: {} for name in engine.roster.characters}
        self._session = engine.snapshot.session
        self.ended = False
        """Whether the sidecar said goodbye."""

    @property
    def time(self) -> float:
        """Simulated seconds at the newest frame."""
        latest = self._engine.latest
        return 0.0 if latest is None else latest.time

    def tell(self, what: Observation) -> None:
        """Send one observation of the script."""
        engine, now = self._engine, self.time
        match what:
            case Utterance():
                engine.say(what.speaker, what.text, to=what.to, conversation=what.conversation)
                self._tally.utterances_sent += 1
                to = f" (to {what.to})" if what.to else ""
                self._screen.line("said", f"{what.speaker}{to}: {what.text}", time=now, speaker=what.speaker)
            case Event():
                engine.event(what.name, cause=what.cause, target=what.target, at=what.at, strength=what.strength)
                self._tally.events_sent += 1
                self._screen.line("event", f"* {what.name}", time=now, name=what.name)
            case SetVariable():
                engine.set(what.name, what.value)
                self._screen.line("event", f"* {what.name} = {what.value:g}", time=now, name=what.name)
            case _:
                raise TypeError(f"the script cannot say {what!r}")

    def listen(self, timeout: float, heard: Heard | None = None) -> None:
        """Take what has come, waiting at most `timeout` seconds for something."""
        for update in self._engine.poll(timeout):
            match update:
                case TickView():
                    self._frame(update)
                case Start():
                    self._start(update)
                case Stop():
                    self._stop(update)
                case Perception():
                    self._perception(update)
                    if heard is not None:
                        heard(update)
                case Notice():
                    self._tally.notices.append(f"{update.code}: {update.message}")
                    self._screen.line("notice", f"! {update.code}: {update.message}", time=self.time)
                case Bye():
                    self.ended = True
                case Snapshot(session=session) if session != self._session:
                    self._tally.notices.append("the sidecar began a new session")
                case _:
                    pass

    def play(self, walk: float) -> None:
        """Report the actions that have ended, and walk everybody for `walk` seconds."""
        for action in self._player.due(self.time):
            self._engine.succeed(action)
        if self._stage is not None and self._stage.step(walk):
            xyz = self._stage.xyz()
            self._engine.positions(range(len(xyz)), xyz)

    def rows(self) -> list[Row]:
        """What is known of everybody, for the screen."""
        latest, roster = self._engine.latest, self._engine.roster
        if latest is None:
            return []
        rows = []
        for index, name in enumerate(roster.characters):
            doing = list(self._doing[name].values())
            action = ", ".join(_phrase(each) for each in doing)
            emotion = dict(zip(roster.labels, latest.emotion[index].tolist(), strict=True))
            pleasure, arousal, dominance = latest.mood[index].tolist()
            why = doing[0].why if doing else ""
            rows.append(Row(name, emotion, Mood(pleasure, arousal, dominance), action, why))
        return rows

    def close_books(self, sidecar: Mapping[str, Any]) -> None:
        """Note what is still running, and the sidecar's own figures."""
        self._tally.commands_running = sum(len(doing) for doing in self._doing.values())
        self._tally.sidecar = sidecar

    def _frame(self, view: TickView) -> None:
        tally = self._tally
        if tally.frames_received and view.tick <= tally.last_tick:
            return  # the same tick again, since the clock stands
        if tally.frames_received == 0:
            tally.first_tick = view.tick
        tally.frames_received += 1
        tally.last_tick = view.tick

    def _start(self, command: Start) -> None:
        self._tally.commands_started += 1
        self._player.start(command, self.time)
        self._doing[command.character][command.action] = command
        if self._stage is not None:
            self._stage.start(command.action, command.character, command.rule, command.bearers)
        text = f"> {command.character} {_phrase(command)}"
        self._screen.line(
            "start", text, time=self.time, character=command.character, rule=command.rule, why=command.why
        )

    def _stop(self, command: Stop) -> None:
        self._tally.stopped(command.reason)
        self._player.stop(command)
        self._doing[command.character].pop(command.action, None)
        if self._stage is not None:
            self._stage.stop(command.action, command.character)
        text = f"< {command.character} {command.rule}: {command.reason.replace('_', ' ')}"
        self._screen.line("stop", text, time=self.time, character=command.character, rule=command.rule)

    def _perception(self, perception: Perception) -> None:
        self._tally.perceptions_received += 1
        self._tally.perceptions_failed += bool(perception.failed)
        best = max(perception.probabilities, default=0.0)
        text = f"  {perception.character} sounded {perception.label} ({best:.0%})"
        self._screen.line(
            "heard", text, time=self.time, character=perception.character, label=perception.label, share=round(best, 4)
        )


def _phrase(command: Start) -> str:
    others = [bearer for bearer in command.bearers if bearer != command.character]
    return f"{command.rule} {', '.join(others)}".strip()
