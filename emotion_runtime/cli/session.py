"""Owns a session of `play`: every line typed changes the world and gives lines of text back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emotion_runtime.cli.dialogue_line import Command, read_line
from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.outputs import Start
from emotion_runtime.testing.errors import ExpectationError
from emotion_runtime.testing.quantities import seconds, shown
from emotion_runtime.testing.sim import Sim

HELP = """\
  guard: Out, now!            somebody says something (guard>child: Out!  says it to somebody)
  event theft_seen thief      an event happens, perhaps caused by somebody
  move guard 3 4              somebody goes to a place (or: move guard child)
  set world.night true        a variable, or an emotion (set guard.anger 0.8)
  run 5 s      (or just Enter: one second)      until child.fear < 0.3
  who    why child fear    doing    save FILE    help    quit
"""
BAR = 12


class Session:
    """One played session: every line typed gives lines of text back."""

    def __init__(self, sim: Sim) -> None:
        self.sim = sim
        self.over = False

    def answer(self, line: str) -> list[str]:
        """Do what a line says. What cannot be done is said, and changes nothing."""
        try:
            command = read_line(line)
            return self._actions()[command.word](command)
        except EmotionRuntimeError as error:
            return [f"? {error.message}" + (f" ({error.remedy})" if error.remedy else "")]
        except ExpectationError as error:
            return [f"? not so: {str(error).splitlines()[0]}"]

    def _actions(self) -> dict[str, Callable[[Command], list[str]]]:
        return {
            "say": self._say, "event": self._event, "move": self._move, "set": self._set, "run": self._run,
            "until": self._until, "who": lambda _: self.who(), "why": self._why, "doing": lambda _: self.doing(),
            "save": lambda c: [self.save(Path(c.rest[0] if c.rest else "played.scenario.yaml"))],
            "help": lambda _: HELP.rstrip().splitlines(), "quit": self._quit,
        }  # fmt: skip

    def _say(self, command: Command) -> list[str]:
        self.sim.say(command.subject, command.text, to=command.target, heard=command.heard or None)
        return self._after(1.0)

    def _event(self, command: Command) -> list[str]:
        self.sim.event(command.subject, cause=command.target)
        return self._after(1.0)

    def _move(self, command: Command) -> list[str]:
        if command.target is not None:
            self.sim.move(command.subject, near=command.target)
        else:
            self.sim.move(command.subject, to=command.place)
        return self._after(1.0)

    def _set(self, command: Command) -> list[str]:
        self.sim.set(command.subject, command.value)
        return self._after(self.sim.tick_s)

    def _run(self, command: Command) -> list[str]:
        return self._after(seconds(command.text) if command.text else 1.0)

    def _until(self, command: Command) -> list[str]:
        before = len(self.sim.happened)
        self.sim.run_until(command.text, limit="5 min")
        return [*self._commands(before), *self.who()]

    def _why(self, command: Command) -> list[str]:
        return [f"  {self.sim.why(command.subject, command.target)}"]

    def _quit(self, command: Command) -> list[str]:
        self.over = True
        return []

    def save(self, path: Path) -> str:
        """Write the session as a scenario file."""
        path.write_text(self.sim.as_scenario("as it was played"), encoding="utf-8")
        return f"  saved {path}; run it with `emotion-runtime test {path}`"

    # ---------------------------------------------------------------------------------------------------- showing
    def _after(self, time: float) -> list[str]:
        """Let time pass and tell what came of it."""
        before = len(self.sim.happened)
        heard = []
        end = self.sim.time + time
        while self.sim.time < end - 1e-9:
            for each in self.sim.step().perceptions:
                understood = each.label or f"not understood ({each.failed})"
                heard.append(f"  {each.character} sounds: {understood}")
        return [*heard, *self._commands(before), *self.who()]

    def _commands(self, before: int) -> list[str]:
        lines = []
        for each in self.sim.happened[before:]:
            command = each.command
            if isinstance(command, Start):
                to = [name for name in command.bearers if name != command.character]
                text = f"starts {command.rule}" + (f" ({', '.join(to)})" if to else "") + f": {command.why}"
            else:
                text = f"ends {command.rule} ({command.reason})"
            lines.append(f"  {shown(each.time):>7}  {command.character} {text}")
        return lines

    def who(self) -> list[str]:
        """Everybody's strongest emotions and actions, a line each."""
        lines = []
        for name in self.sim.simulation.characters:
            person = self.sim[name]
            felt = sorted((v, k) for k, v in person.emotion.items() if k != "neutral")[::-1][:3]
            bars = "  ".join(f"{label} {_bar(value)} {value:.2f}" for value, label in felt)
            lines.append(f"  {shown(self.sim.time):>7}  {name:<10} {person.action or '-':<12} {bars}")
        return lines

    def doing(self) -> list[str]:
        """Everything that is under way."""
        return [
            f"  {each.character} {each.rule} for {shown(each.elapsed)} of {shown(each.lasts)}"
            for each in self.sim.simulation.running()
        ] or ["  nobody does anything"]


def _bar(value: float) -> str:
    full = round(value * BAR)
    return "#" * full + "." * (BAR - full)
