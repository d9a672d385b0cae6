"""Owns `emotion-runtime demo`: the sidecar as one process, a playing engine as another, and a look at both."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from emotion_runtime.cli.screen import Screen
    from emotion_runtime.cli.tally import Tally
    from emotion_runtime.cli.troupe import Troupe
    from unity_bridge import EngineClient

FRAME_S: Final = 0.05
"""The demo's engine runs at 20 frames a second."""

LAST_WORDS_S: Final = 5.0
"""Seconds the end of the demo waits for answers still on their way."""

HASTY_WORDS_S: Final = 0.4
"""The same after Ctrl-C."""

IN_FLIGHT: Final = 64
"""Lines of a dialogue that may wait for their answer at once."""


def demo(
    seconds: Annotated[float | None, typer.Option(help="How long; 60 unless a dialogue is played.", min=0.5)] = None,
    seed: Annotated[int, typer.Option(help="Seed of where people walk, and of the sidecar.")] = 0,
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines instead of a live table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line; the last is the summary.")] = False,
    dialogue: Annotated[Path | None, typer.Option(help="A CSV file in MELD's columns to play instead.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write the last view of the table to this SVG file.")] = None,
) -> None:
    """Play a minute in a tavern: a real sidecar, and an engine that speaks, walks and acts, over real sockets."""
    from emotion_runtime.cli.screen import JsonScreen, LiveScreen, PlainScreen
    from emotion_runtime.cli.tally import Tally

    screen: Screen
    if as_json:
        screen = JsonScreen()
    elif plain:
        screen = PlainScreen()
    else:
        screen = LiveScreen("emotion-runtime demo: " + (dialogue.name if dialogue else "the tavern"), picture)
    tally = Tally()
    with contextlib.suppress(KeyboardInterrupt), screen:
        if dialogue is not None:
            extra = _play_dialogue(dialogue, seconds, seed, screen, tally)
        else:
            extra = _play_tavern(seconds or 60.0, seed, screen, tally)
        tally.extra = extra
    with contextlib.suppress(KeyboardInterrupt):
        summary = tally.summary()
        screen.summary(summary)
    raise typer.Exit(1 if tally.faults() else 0)


def _play_tavern(seconds: float, seed: int, screen: Screen, tally: Tally) -> dict[str, Any]:
    from emotion_runtime.cli.script import beats_between
    from emotion_runtime.cli.stage import Stage
    from emotion_runtime.scene import bundled_scene, load_scene

    path = bundled_scene("tavern")
    scene = load_scene(path)
    places = {person.id: person.at for person in scene.characters} | {thing.id: thing.at for thing in scene.objects}
    stage = Stage([character.id for character in scene.characters], places, seed)
    with _Play(path, seed, screen, tally, stage) as play:
        told = 0.0
        while play.going(seconds):
            now = play.elapsed
            for beat in beats_between(told, now):
                play.troupe.tell(beat.what)
            told = now
            play.frame()
        play.finish()
    return {}


def _play_dialogue(path: Path, seconds: float | None, seed: int, screen: Screen, tally: Tally) -> dict[str, Any]:
    from emotion_runtime.affect.labels import LABELS
    from emotion_runtime.cli.dialogue import write_dialogue_scene
    from emotion_runtime.inputs import Utterance
    from emotion_runtime.perception.dialogue import read_dialogue
    from emotion_runtime.perception.scores import score
    from protocol.messages import Perception

    lines = read_dialogue(path, LABELS)
    answers: dict[int, str] = {}

    def heard(perception: Perception) -> None:
        answers[perception.utterance] = perception.label

    with tempfile.TemporaryDirectory() as folder:
        scene, names = write_dialogue_scene(Path(folder), path, lines)
        with _Play(scene, seed, screen, tally, None) as play:
            waiting = deque(lines)
            while len(answers) < len(lines) and play.going(seconds or float("inf")):
                while waiting and tally.utterances_sent - len(answers) < IN_FLIGHT:
                    line = waiting.popleft()
                    play.troupe.tell(Utterance(names[line.speaker], line.text, conversation=line.conversation))
                play.frame(heard)
            play.finish(heard)
    known = [
        (line.emotion, answers[number]) for number, line in enumerate(lines, 1) if line.emotion and number in answers
    ]
    extra: dict[str, Any] = {"lines": len(lines), "answered": len(answers)}
    if known:
        scores = score(LABELS, [stated for stated, _ in known], [said for _, said in known])
        extra |= {
            "weighted_f1": round(100.0 * scores.weighted_f1, 2),
            "macro_f1": round(100.0 * scores.macro_f1, 2),
            "accuracy": round(100.0 * scores.accuracy, 2),
        }
    if seconds is None and len(answers) != len(lines):
        tally.notices.append(f"{len(lines) - len(answers)} of {len(lines)} lines were not answered")
    return extra


class _Play:
    """The sidecar, the engine and the clock of one performance; whatever happens, both processes end."""

    def __init__(self, scene: Path, seed: int, screen: Screen, tally: Tally, stage: Any) -> None:
        from emotion_runtime.cli.launch import Sidecar
        from emotion_runtime.cli.troupe import Troupe
        from unity_bridge import EngineClient

        self._screen, self._tally = screen, tally
        self._sidecar = Sidecar(scene, ["--seed", str(seed), "--stale-after", "0"])
        try:
            listening = self._sidecar.listening
            endpoints = (listening["stream"], listening["link"], listening["control"])
            self.engine: EngineClient = EngineClient.connect(endpoints=endpoints, name="demo", conflate=False)
        except BaseException:
            self._sidecar.stop()
            raise
        self.troupe: Troupe = Troupe(self.engine, screen, tally, stage)
        self._begun = self._shown = time.monotonic()
        self._framed = self._begun

    @property
    def elapsed(self) -> float:
        """Wall seconds since the curtain rose."""
        return time.monotonic() - self._begun

    def going(self, seconds: float) -> bool:
        """Whether the play goes on. Raises UsageError when the sidecar died."""
        if not self._sidecar.alive and not self.troupe.ended:
            raise UsageError("sidecar_died", "the sidecar ended by itself", "run `emotion-runtime serve` to see why")
        return self.elapsed < seconds and not self.troupe.ended

    def frame(self, heard: Any = None) -> None:
        """One frame of the engine: listen, act, walk, show."""
        now = time.monotonic()
        self.troupe.play(now - self._framed)
        self._framed = now
        end = now + FRAME_S
        while (left := end - time.monotonic()) > 0.0:
            self.troupe.listen(left, heard)
        interval = 0.1 if self._screen.live else 1.0
        if now - self._shown >= interval:
            self._shown = now
            self._screen.rows(self.troupe.time, self.troupe.rows())

    def finish(self, heard: Any = None, seconds: float = LAST_WORDS_S) -> None:
        """Say nothing more, wait at most `seconds` for the last answers, and close the books."""
        self._screen.rows(self.troupe.time, self.troupe.rows())
        patience = time.monotonic() + seconds
        while self._tally.perceptions_received < self._tally.utterances_sent and time.monotonic() < patience:
            self.troupe.listen(FRAME_S, heard)
        self._close_books(heard)

    def _close_books(self, heard: Any = None) -> None:
        if self.troupe.ended:
            return
        self.engine.request("pause", patience=0.5)
        self.troupe.listen(FRAME_S, heard)
        status = self.engine.request("status", patience=0.5).result
        self.troupe.listen(FRAME_S, heard)
        self._tally.seconds = self.elapsed
        self.troupe.close_books(status)

    def __enter__(self) -> _Play:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is KeyboardInterrupt:
                self._tally.interrupted = True
                with contextlib.suppress(Exception):
                    self.finish(seconds=HASTY_WORDS_S)
        finally:
            self.engine.close()
            self._sidecar.stop()
