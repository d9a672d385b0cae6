"""Owns writing a test's inputs down as a scenario file, so that a find becomes a test that people can read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_runtime.inputs import Event, Move, Observation, Push, SetVariable, Utterance
from emotion_runtime.testing.quantities import shown

if TYPE_CHECKING:
    from emotion_runtime.testing.sim import Sim

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _!?.-]*")


def scenario_text(sim: Sim, name: str, then: Iterable[str] = ()) -> str:
    """A scenario file that tells the world the same at the same times; `then` are the lines expected of it."""
    lines = [f"scene: {_quoted(_named(sim))}", f"seed: {sim.seed}", f"tick: {_exact(sim.tick_s)}", "scenarios:"]
    lines += [f"  {_quoted(name)}:"]
    steps = [f"      - {{at: {_exact(tick * sim.tick_s)}, {what}}}" for tick, what in _steps(sim)]
    given = [f"      {name}: {value:.6g}" for name, value in sim.traits.items()]
    lines += ["    given:", *given] if given else []
    lines += ["    when:", *steps] if steps else []
    who = sim.simulation.characters[0]
    expected = list(then) or [f"{who}.neutral < 1 at {_exact(max(sim.time, sim.tick_s))}"]
    lines += ["    then:", *(f"      - {_quoted(line)}" for line in expected)]
    return "\n".join(lines) + "\n"


def _named(sim: Sim) -> str:
    return sim.scene.path.as_posix()


def _exact(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + " s"


def _steps(sim: Sim) -> list[tuple[int, str]]:
    wanted = sim.wanted()
    return [
        (tick, _pushed(told, wanted[index]) if isinstance(told, Push) else _step(told))
        for index, (tick, told) in enumerate(sim.told())
    ]


def _pushed(told: Push, wanted: float) -> str:
    because = f", because: {told.because}" if told.because else ""
    return f"set: {told.character}.{told.label}, value: {wanted:.6g}{because}"


def _step(told: Observation) -> str:
    match told:
        case Utterance(speaker=speaker, text=text, to=to, heard=heard):
            parts = [f"say: {speaker}"]
            parts += [f"to: {to}"] if to else []
            parts += [f"text: {_quoted(text)}"] if text else []
            felt = {label: value for label, value in (heard or {}).items() if value > 0.0}
            inside = ", ".join(f"{label}: {value:.6g}" for label, value in felt.items())
            return ", ".join([*parts, f"heard: {{{inside}}}"] if heard is not None else parts)
        case Event(name=name, cause=cause, target=target, strength=strength):
            parts = [f"event: {name}"]
            parts += [f"cause: {cause}"] if cause else []
            parts += [f"target: {target}"] if target else []
            return ", ".join([*parts, f"strength: {strength:.6g}"] if strength != 1.0 else parts)
        case Move(subject=subject, at=(x, y, z)):
            return f"move: {subject}, to: [{x:.6g}, {y:.6g}, {z:.6g}]"
        case SetVariable(name=name, value=value):
            return f"set: {name}, value: {value:.6g}"
        case _:
            return "event: nothing"


def _quoted(text: str) -> str:
    return (
        text
        if _PLAIN.fullmatch(text) and text.strip() == text
        else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def file_name(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:80]


def save_scenario(sim: Sim, folder: Path, name: str, then: Iterable[str] = ()) -> Path:
    """Write the scenario into a folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(name)}.scenario.yaml"
    path.write_text(scenario_text(sim, name, then), encoding="utf-8")
    return path


def summary(sim: Sim) -> str:
    """What a sim is, in one line."""
    return f"<Sim {sim.scene.name} at {shown(sim.time)}, {len(sim.told())} inputs>"
