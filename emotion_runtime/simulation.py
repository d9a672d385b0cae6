"""Owns the facade: one scene that can be talked to and stepped, without sockets, from any Python program or test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.mood import Mood
from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.explain import Why, strongest_emotion, why_emotion
from emotion_runtime.expression.face import ARKIT, Face
from emotion_runtime.inputs import Event, Move, Observation, Result, SetVariable, Utterance
from emotion_runtime.intake import MAX_QUEUED
from emotion_runtime.outputs import Perceived, Start, Stop, TickResult
from emotion_runtime.perception import PerceptionService, TextService, load_text_model
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.tick import RunningAction, Ticker
from emotion_runtime.world import World

DEFAULT_RATE: Final = 60.0
LARGEST_SINGLE: Final = np.float32(1.0 - 2.0**-24)
"""The largest float32 below 1: a published emotion never rounds up to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The published state: float32 `emotion` (n, L), `mood` (n, 3), `face` (n, k) or empty; uint16 `action` (n,)."""

    emotion: NDArray[np.float32]
    mood: NDArray[np.float32]
    action: NDArray[np.uint16]
    face: NDArray[np.float32]


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
        return dict(zip(world.labels, world.published()[self._row].tolist(), strict=True))

    @property
    def mood(self) -> Mood:
        """Pleasure, arousal, dominance in -1..1, and a name for them."""
        pleasure, arousal, dominance = self._simulation.world.felt_mood()[self._row].tolist()
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


class Simulation:
    """A scene, its model and its clock. `step` waits for perceptions, so the same inputs give the same digests.

    Fulfils `unity_bridge.world.World`: the bridge serves one of these.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        seed: int = 0,
        rate: float = DEFAULT_RATE,
        perception: TextService | None = None,
        player: NominalPlayer | None = None,
    ) -> None:
        """`player` plays the actions when no engine does; None: results come as observations, or actions time out."""
        if not 1.0 <= rate <= 1000.0:
            raise UsageError("bad_rate", f"a rate of {rate:g} ticks a second cannot be kept", "use 1 to 1000")
        self.scene = scene
        self.seed = seed
        self.rate = rate
        self.world = World(scene)
        self._service = perception
        self._player = player
        self._ticker = Ticker(self.world, perception)
        self._face: Face | None = None
        self._utterances = 0
        self._last: TickResult | None = None

    @classmethod
    def from_scene(
        cls,
        path: str | Path,
        *,
        seed: int = 0,
        rate: float = DEFAULT_RATE,
        perception: Literal["bundled"] | Path | TextService | None = "bundled",
        player: NominalPlayer | Literal["nominal"] | None = "nominal",
    ) -> Simulation:
        """Load a scene file, or a bundled scene by name. Raises SceneError with the report of all its faults.

        `perception`: the bundled model, a model folder, a service of your own, or None (then `say` needs `heard`).
        The model is loaded in the background; the first line waits for it, nothing else does.
        """
        scene = load_scene(find_scene(path))
        if isinstance(player, str):
            player = NominalPlayer()
        return cls(scene, seed=seed, rate=rate, perception=_service(perception), player=player)

    # ------------------------------------------------------------------------------------------------- telling it
    def say(
        self,
        speaker: str,
        text: str,
        to: str | None = None,
        *,
        heard: Mapping[str, float] | None = None,
        conversation: str = "",
    ) -> int:
        """`speaker` says `text`, in the next tick. `heard` (label -> 0..1) stands in for the model.

        Returns the utterance's number, as in `TickResult.perceptions`. Raises InputError for unknown names.
        """
        self._utterances += 1
        self.apply(Utterance(speaker, text, self._utterances, to, conversation, heard))
        return self._utterances

    def event(
        self,
        name: str,
        *,
        cause: str | None = None,
        target: str | None = None,
        at: tuple[float, float, float] | None = None,
        strength: float = 1.0,
    ) -> None:
        """An event the scene declares happens, in the next tick."""
        self.apply(Event(name, cause, target, at, strength))

    def move(self, subject: str, x: float, y: float, z: float) -> None:
        """A character or object stands here (metres, y up) from the next tick on."""
        self.apply(Move(subject, (x, y, z)))

    def set(self, name: str, value: float | bool) -> None:
        """A variable (`campfire.lit`, `world.night`) takes a value in the next tick."""
        self.apply(SetVariable(name, float(value)))

    def succeed(self, action: int) -> None:
        """An action played to its end; for those who play them themselves."""
        self.apply(Result(action, True))

    def fail(self, action: int, detail: str = "") -> None:
        """An action could not be played."""
        self.apply(Result(action, False, detail))

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Queue an observation for the next tick. Raises InputError at once, with no effect, if it is refused."""
        self._ticker.intake.put(observation, source)

    # ------------------------------------------------------------------------------------------------- stepping it
    def step(self, dt: float | None = None, *, wait: bool = True) -> TickResult:
        """One tick of `dt` seconds (default: 1 / rate). `wait`: for all perceptions due, else take what is there."""
        if self._player is not None:
            for action in self._player.due(self.time):
                self._ticker.report(action, ok=True)
        result = self._ticker.step(1.0 / self.rate if dt is None else dt, wait=wait)
        if self._player is not None:
            for command in result.commands:
                if isinstance(command, Start):
                    self._player.start(command, result.time)
                else:
                    self._player.stop(command)
        self._last = result
        return result

    def run(self, seconds: float) -> list[Start | Stop]:
        """Step for this long; returns all commands given meanwhile."""
        if not 0.0 <= seconds < float("inf"):
            raise InputError("bad_value", f"cannot run for {seconds!r} seconds")
        end = self.time + seconds
        commands: list[Start | Stop] = []
        while self.time < end - 1e-9:
            commands.extend(self.step().commands)
        return commands

    # ------------------------------------------------------------------------------------------------- reading it
    def character(self, name: str) -> CharacterView:
        """One character. Raises InputError with the nearest name."""
        return CharacterView(self, self._ticker.intake.character(name))

    def __getitem__(self, name: str) -> CharacterView:
        return self.character(name)

    @property
    def tick(self) -> int:
        """Ticks done."""
        return self._ticker.tick

    @property
    def time(self) -> float:
        """Simulated seconds."""
        return self._ticker.time

    @property
    def digest(self) -> bytes:
        """16 bytes over the whole state."""
        return self._ticker.digest()

    @property
    def scene_name(self) -> str:
        """The scene's name."""
        return self.scene.name

    @property
    def characters(self) -> tuple[str, ...]:
        """Names, in the order of all columns."""
        return self.world.names

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the smart objects."""
        return self.world.objects

    @property
    def labels(self) -> tuple[str, ...]:
        """Emotion labels, in the order of the emotion columns."""
        return self.world.labels

    @property
    def actions(self) -> tuple[str, ...]:
        """Rule names behind the action column; the first is empty: no action."""
        return self._ticker.actions

    @property
    def shapes(self) -> tuple[str, ...]:
        """Blendshapes behind the face column; empty unless `stream_faces` was called."""
        return ARKIT if self._face is not None else ()

    def stream_faces(self) -> None:
        """From now on `columns` holds face weights."""
        self._face = Face(self.world.channels, self.world.constants.baseline)

    def columns(self) -> Columns:
        """The state as it is published: fresh arrays, one row a character."""
        emotion = np.minimum(self.world.published().astype(np.float32), LARGEST_SINGLE)
        face = np.empty((self.world.n, 0), dtype=np.float32)
        if self._face is not None:
            face = self._face.weights(self.world.emotion)
        return Columns(emotion, self.world.felt_mood().astype(np.float32), self._ticker.action_column(), face)

    def running(self) -> tuple[RunningAction, ...]:
        """All actions under way, by character and leaf."""
        return self._ticker.running()

    def variables(self) -> dict[str, float]:
        """Every variable of the world and of objects by full name."""
        return dict(zip(self.world.variable, self.world.variables.tolist(), strict=True))

    def why(self, character: str) -> dict[str, Any]:
        """Everything that explains a character, as plain values: emotions with their causes, and its actions."""
        view = self.character(character)
        row = self.world.subject[character]
        emotions = {}
        for label in self.world.channels:
            why = why_emotion(self.world, row, label)
            emotions[label] = {
                "value": why.value,
                "baseline": why.baseline,
                "causes": [asdict(reason) for reason in why.reasons],
            }
        return {
            "character": character,
            "text": str(view.why()),
            "mood": {**view.mood._asdict(), "name": view.mood.name},
            "emotions": emotions,
            "actions": [asdict(action) for action in view.actions],
        }

    def health(self) -> dict[str, Any]:
        """Figures of the simulation itself: perception's counters, and what is waiting."""
        perception = None if self._service is None else asdict(self._service.health())
        return {
            "seed": self.seed,
            "perception": perception,
            "utterances_waiting": self._ticker.hearing.waiting,
            "stage_ms": self._ticker.stage_ms(),
        }

    @property
    def perceptions(self) -> tuple[Perceived, ...]:
        """What was understood in the last tick."""
        return () if self._last is None else self._last.perceptions

    # ------------------------------------------------------------------------------------------------- ending it
    def close(self) -> None:
        """Give back the model's thread. A second call does nothing."""
        if self._service is not None:
            self._service.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _service(perception: str | Path | TextService | None) -> TextService | None:
    if isinstance(perception, str | Path):
        folder = perception if isinstance(perception, Path) else None
        # room for all that one tick can bring: who waits for every answer must not have some of them shed
        return PerceptionService(partial(load_text_model, folder), max_waiting=MAX_QUEUED)
    return perception
