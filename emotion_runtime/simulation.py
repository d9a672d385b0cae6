"""Owns the facade: one scene that can be talked to and stepped, without sockets, from any Python program or test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.behaving import Behaving
from emotion_runtime.errors import UsageError
from emotion_runtime.faces import SceneFaces
from emotion_runtime.facing import Facing
from emotion_runtime.inputs import Observation
from emotion_runtime.joining import Joint
from emotion_runtime.kernels.choice import Kernels, Wanted
from emotion_runtime.leaps.leaping import Leaping
from emotion_runtime.outputs import Columns, Perceived, Start, TickResult
from emotion_runtime.perception import TextService, VoiceService
from emotion_runtime.player import NominalPlayer
from emotion_runtime.publishing import Publishing
from emotion_runtime.saving import Outside, Restored, decode, encode, place, playing, saved_faces, take
from emotion_runtime.scene import compiled_digest, load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.telling import Telling
from emotion_runtime.tick import RunningAction, Ticker
from emotion_runtime.understanding import figures, text_service
from emotion_runtime.views import CharacterView
from emotion_runtime.watching import Watcher
from emotion_runtime.world import World

__all__ = ["Columns", "Simulation"]

DEFAULT_RATE: Final = 60.0


class Simulation(Facing, Telling, Publishing, Leaping):
    """A scene, its model and its clock. `step` waits for perceptions, so the same inputs give the same digests.

    Told things by `say`, `event`, `move`, `set`, `succeed`, `fail` (see `Telling`). Fulfils `unity_bridge.world.World`.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        seed: int = 0,
        rate: float = DEFAULT_RATE,
        perception: TextService | None = None,
        voice: VoiceService | None = None,
        voice_reliability: float = 0.0,
        joint: Joint | None = None,
        player: NominalPlayer | None = None,
        kernels: Wanted = "auto",
        threads: int | None = None,
    ) -> None:
        """`voice` understands voices, `voice_reliability` (0..1, 0: the stated one) weighs it beside text and face.

        `joint` is a cross-modal network, which judges what several modalities tell; None: `perception.fusion` does.

        `player` plays the actions when no engine does; None: results come as observations, or actions time out.

        `kernels`: `numpy`; `numba`, compiled before this returns; or `auto`, numpy first, and for crowds numba as soon
        as it is compiled. `threads` 1 or 2, by default by the size of the crowd. Neither changes a byte of any result.
        """
        if not 1.0 <= rate <= 1000.0:
            raise UsageError("bad_rate", f"a rate of {rate:g} ticks a second cannot be kept", "use 1 to 1000")
        self.scene = scene
        self.seed = seed
        self.rate = rate
        self.world = World(scene)
        self._service = perception
        self._voice, self.voice_reliability, self.joint = voice, voice_reliability, joint
        self._player = player
        self._ticker = self._ticking(self.world, Kernels(self.world.n, kernels, threads), seed)
        self._kernels, self._threads, self.epoch = kernels, threads, 1
        """Rises with every reload."""
        self._compiled = ""
        Facing.__init__(self)
        self._last: TickResult | None = None
        self._watchers: tuple[Watcher, ...] = ()

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
        return cls(scene, seed=seed, rate=rate, perception=text_service(perception), player=player)

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Queue an observation for the next tick. Raises InputError at once, with no effect, if it is refused."""
        self._ticker.intake.put(observation, source)
        for watcher in self._watchers:
            watcher.told(observation)

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
        self._step_faces(self._ticker.said, self._ticker.captured)
        for watcher in self._watchers:
            watcher.ticked(result)
        return result

    def watch(self, watcher: Watcher) -> None:
        """From now on `watcher` is told of every observation taken and of every tick."""
        self._watchers = (*self._watchers, watcher)

    def _ticking(self, world: World, kernels: Kernels, seed: int) -> Ticker:
        return Ticker(
            world,
            self._service,
            kernels=kernels,
            seed=seed,
            voice=self._voice,
            voice_reliability=self.voice_reliability,
            joint=self.joint,
        )

    def reload(self, path: str | Path | None = None) -> None:
        """Go on in another version of the scene (or the same file, read again), between two ticks.

        Emotions, moods, their causes, places and variables live on by name; so do trees that did not change. Actions
        that cannot go on stop with reason `reload` in the next tick, before anything starts. Raises SceneError with
        the report of all faults, and changes nothing.
        """
        scene = load_scene(self.scene.path if path is None else find_scene(path))
        world = World(scene)
        kernels = Kernels(world.n, self._kernels, self._threads)
        kernels.begin_tick()
        ticker = self._ticking(world, kernels, self.seed)
        carried = ticker.carry(self._ticker)
        self._ticker.kernels.close()
        if self._faces is not None:
            faces = SceneFaces(world, self.seed, ticker.time)
            faces.carry(self._faces, carried.subjects, carried.stay)
            self._faces = faces
        self.scene, self.world, self._ticker = scene, world, ticker
        self.epoch += 1
        self._compiled = ""

    # ------------------------------------------------------------------------------------------------- saving it
    def save(self) -> bytes:
        """The whole state between two ticks, in the middle of whatever goes on; see docs/saving.md.

        The text model, `rate` and whether faces are streamed are no part of it; faces are, where there are any.
        """
        ends = None if self._player is None else self._player.ends
        outside = Outside(self._digest_of_scene(), self.epoch, self.seed, self._utterances, ends, self._saved_faces())
        return encode(take(self._ticker, outside))

    def restore(self, data: bytes, *, sources: bool = True) -> Restored:
        """Go on from a saved state: in the scene that was saved, the same inputs then give the same digests.

        In any other scene, what the state holds is found by name; what finds no place is listed. Raises SaveError, and
        changes nothing, for bytes that are no sound save. `sources` False: what is made of lines under way is for
        nobody, since who said them is not here.
        """
        saved = decode(data)
        world = World(self.scene)
        kernels = Kernels(world.n, self._kernels, self._threads)
        kernels.begin_tick()
        ticker = self._ticking(world, kernels, 0)
        ticker.behaving.kinds = self._ticker.behaving.kinds  # the same scene, so the same trees: half of the work
        restored = place(saved, ticker, self._digest_of_scene(), sources=sources)
        faces = self._faces_of(world, ticker.time, saved_faces(saved) if restored.exact else {})
        ticker.hearing.ask_again(self._ticker.hearing)
        self._ticker.kernels.close()
        self.world, self._ticker, self._last = world, ticker, None
        self.seed, self._utterances = saved.clock.seed, saved.clock.utterances
        self.epoch = saved.clock.epoch if restored.exact else self.epoch
        if self._player is not None:
            self._player.restore(playing(saved, ticker, restored))
        self._faces = faces
        return restored

    def _digest_of_scene(self) -> str:
        self._compiled = self._compiled or compiled_digest(self.scene)
        return self._compiled

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

    def state(self) -> Mapping[str, Sequence[NDArray[np.generic]]]:
        """The borrowed arrays that `digest` covers, by group, in its order."""
        return self._ticker.state()

    @property
    def player(self) -> NominalPlayer | None:
        """Who plays the actions when no engine does."""
        return self._player

    @property
    def untouched(self) -> bool:
        """Whether nothing has happened yet and nothing is queued."""
        return self.tick == 0 and not len(self._ticker.intake)

    @property
    def half_heard(self) -> bool:
        """Whether an utterance is under way that `save` does not keep whole, because it keeps no sound."""
        return self._ticker.half_heard

    @property
    def scene_name(self) -> str:
        """The scene's name."""
        return self.scene.name

    @property
    def scene_path(self) -> Path:
        """The scene's file."""
        return self.scene.path

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

    def running(self) -> tuple[RunningAction, ...]:
        """All actions under way, by character and leaf."""
        return self._ticker.running()

    @property
    def behaving(self) -> Behaving:
        """The trees at work, for tools that show them; read only, another one after a reload."""
        return self._ticker.behaving

    def variables(self) -> dict[str, float]:
        """Every variable of the world and of objects by full name."""
        return dict(zip(self.world.variable, self.world.variables.tolist(), strict=True))

    def why(self, character: str) -> dict[str, Any]:
        """Everything that explains a character, as plain values: emotions with their causes, and its actions."""
        return self.character(character).explained()

    def health(self) -> dict[str, Any]:
        """Figures of the simulation itself: perception's counters, and what is waiting."""
        return {
            "seed": self.seed,
            **figures(self._service, self._voice, self.joint, self._ticker),
            "utterances_waiting": self._ticker.hearing.waiting,
            "kernels": asdict(self._ticker.kernels.health()),
            "stage_ms": self._ticker.stage_ms(),
        }

    @property
    def perceptions(self) -> tuple[Perceived, ...]:
        """What was understood in the last tick."""
        return () if self._last is None else self._last.perceptions

    # ------------------------------------------------------------------------------------------------- ending it
    def close(self) -> None:
        """Give back the threads. A second call does nothing."""
        self._ticker.kernels.close()
        for service in (self._service, self._voice, None if self.joint is None else self.joint.service):
            if service is not None:
                service.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
