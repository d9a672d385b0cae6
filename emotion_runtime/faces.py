"""Owns the faces of a scene: how its characters show what they feel, say, and are made to show by performers.

Faces are what is shown, not what is felt: nothing depends on them, and they are no part of the digest. They begin when
they are first asked for, at rest in the emotions of that moment; from then on they depend on the ticks alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.errors import UsageError
from emotion_runtime.expression.crowd import Faces, FacesState
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.speech.track import Segment, VisemeTrack
from emotion_runtime.expression.stage import FaceStage
from emotion_runtime.expression.transfer.apply import Transfer
from emotion_runtime.expression.transfer.performer import Performer, PerformerState
from emotion_runtime.expression.transfer.profile import Profile
from emotion_runtime.expression.visemes import NUMBER, VISEMES
from emotion_runtime.hearing import Spoken
from emotion_runtime.intake import Captured
from emotion_runtime.scene.resolved import FaceStyle
from emotion_runtime.voicing import track_of_speech
from emotion_runtime.world import World

Floats32 = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]

COARSE: Final = 2.0**-9
"""A change of a strength nobody sees in a face, half a step of a byte: between utterances it stays as it is."""
AT_REST: Final = 3600.0
"""Seconds after which a face has become what its emotions make of it."""


class SceneFaces:
    """The faces of a world's characters; one `step` a tick, after the world's."""

    def __init__(self, world: World, seed: int, now: float) -> None:
        """`now`: simulated seconds. Faces begin at rest in the world's present emotions."""
        self._world = world
        self._styles = tuple(each.face or FaceStyle() for each in world.scene.characters)
        tables: list[RecipeTable] = []
        table_of = np.zeros(world.n, dtype=np.intp)
        for row, style in enumerate(self._styles):
            table = style.recipes or default_recipes()
            known = next((place for place, each in enumerate(tables) if each is table), None)
            table_of[row] = len(tables) if known is None else known
            if known is None:
                tables.append(table)
        faces = Faces(
            world.names,
            world.channels,
            world.constants.baseline,
            seed=seed,
            tables=tables,
            table_of=table_of if len(tables) > 1 else None,
            coarse=COARSE,
        )
        faces.step(AT_REST, world.emotion, at=now)
        self.stage = FaceStage(faces)

    def step(self, dt: float, now: float, said: Sequence[Spoken], captured: Sequence[Captured]) -> None:
        """One tick of `dt` seconds that ends at `now`, in which this was said and captured."""
        for spoken in said:
            style = self._styles[spoken.speaker]
            track = track_of_speech(spoken.text, spoken.speech, style.voice)
            if len(track):
                self.stage.say(spoken.speaker, track, jaw=style.jaw, lip=style.lips)
        for each in captured:
            self._capture(each)
        self.stage.step(dt, self._world.emotion, at=now)

    def carry(self, before: SceneFaces, subjects: NDArray[np.int64], stay: NDArray[np.int64]) -> None:
        """Go on where the faces of an old world were; `subjects` are new rows of old ones, or NOBODY."""
        old, new = before.stage.faces.save(), self.stage.faces.save()
        rows = subjects[stay]
        for label, channel in self._world.channel.items():
            if label in before._world.channel:
                was = before._world.channel[label]
                for name in ("drive", "felt", "seen"):
                    getattr(new, name)[channel, rows] = getattr(old, name)[was, stay]
        self.stage.faces.restore(new)
        for row, start, track in before.stage.speaking.running():
            if subjects[row] != NOBODY:
                style = self._styles[subjects[row]]
                self.stage.speaking.say(int(subjects[row]), track, start, jaw=style.jaw, lip=style.lips)
        for row, (performer, like) in before.stage.performers.items():
            if subjects[row] == NOBODY or (like is not None and subjects[like] == NOBODY):
                continue
            self._perform(int(subjects[row]), None if like is None else int(subjects[like])).restore(performer.save())

    # ------------------------------------------------------------------------------------------------- for saves
    def state(self) -> Arrays:
        """Everything the future of these faces depends on, as plain arrays; `load_state` takes it."""
        faces = self.stage.faces.save()
        running = self.stage.speaking.running()
        segments = [(row, each) for row, _, track in running for each in track]
        performers = self.stage.performers
        kept = {row: performer.save() for row, (performer, _) in performers.items()}
        nothing = np.zeros(len(ARKIT))
        return {
            "time": np.array([faces.time]),
            "drive": faces.drive,
            "felt": faces.felt,
            "seen": faces.seen,
            "speech_row": np.array([row for row, _, _ in running], np.int64),
            "speech_start": np.array([start for _, start, _ in running], np.float64),
            "segment_row": np.array([row for row, _ in segments], np.int64),
            "segment_span": np.array([(s.start, s.end, s.strength) for _, s in segments], np.float64).reshape(-1, 3),
            "segment_viseme": np.array([NUMBER[s.viseme] for _, s in segments], np.uint8),
            "performer_row": np.array(list(kept), np.int64),
            "performer_like": np.array([NOBODY if like is None else like for _, like in performers.values()], np.int64),
            "performer_held": np.array([each.held for each in kept.values()], np.float32).reshape(-1, len(ARKIT)),
            "performer_since": np.array([each.since for each in kept.values()], np.float64),
            "performer_presence": np.array([each.presence for each in kept.values()], np.float64),
            "performer_moves": np.array([each.moving is not None for each in kept.values()], np.bool_),
            "performer_moving": np.array(
                [nothing if each.moving is None else each.moving for each in kept.values()], np.float64
            ).reshape(-1, len(ARKIT)),
        }

    def load_state(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from a `state` of the same characters and labels. Raises UsageError `bad_shape`."""
        given = {name: np.asarray(state[name]) for name in self.state() if name in state}
        missing = sorted(set(self.state()) - set(given))
        if missing:
            raise UsageError("bad_shape", f"a state of faces needs `{missing[0]}`")
        rows = [given[name] for name in ("speech_row", "segment_row", "performer_row", "performer_like")]
        if any(len(each) and not -1 <= int(each.min()) <= int(each.max()) < self._world.n for each in rows):
            raise UsageError("bad_shape", "a state of faces names characters that are not there")
        faces = FacesState(float(given["time"][0]), given["drive"], given["felt"], given["seen"])
        self.stage.faces.restore(faces)
        for row in self.stage.speaking.rows.tolist():
            self.stage.speaking.stop(row)
        for row in self.stage.performers:
            self.stage.perform(row, None)
        for row, start in zip(given["speech_row"].tolist(), given["speech_start"].tolist(), strict=True):
            mine = given["segment_row"] == row
            spans, visemes = given["segment_span"][mine].tolist(), given["segment_viseme"][mine].tolist()
            track = VisemeTrack(
                (Segment(begin, end, VISEMES[v], much) for (begin, end, much), v in zip(spans, visemes, strict=True)),
                "saved",
            )
            self.stage.speaking.say(row, track, start, jaw=self._styles[row].jaw, lip=self._styles[row].lips)
        for place, row in enumerate(given["performer_row"].tolist()):
            like = int(given["performer_like"][place])
            moving = given["performer_moving"][place] if given["performer_moves"][place] else None
            held = PerformerState(
                given["performer_held"][place].astype(np.float32),
                float(given["performer_since"][place]),
                float(given["performer_presence"][place]),
                moving,
            )
            self._perform(row, None if like == NOBODY else like).restore(held)

    def _capture(self, captured: Captured) -> None:
        row = captured.character
        known = self.stage.performers.get(row)
        if captured.like != NOBODY:
            if known is None:
                self._perform(row, captured.like)
            else:
                self.stage.perform(row, known[0], like=captured.like)
        elif captured.weights is not None:
            performer = self._perform(row, None) if known is None else known[0]
            self.stage.perform(row, performer)
            performer.show(captured.weights)
        elif known is not None:
            known[0].leave()
            self.stage.perform(row, known[0])

    def _perform(self, row: int, like: int | None) -> Performer:
        style = self._styles[row]
        performer = Performer(Transfer(style.transfer or Profile()), style.own)
        self.stage.perform(row, performer, like=like)
        return performer
