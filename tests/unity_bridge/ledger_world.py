"""A small deterministic world for tests of the bridge: it keeps a ledger of all it was told, in order.

The event `go` starts an action for its target, its cause, or everybody; a result or the nominal time stops it; `burn`
makes a rule set `campfire.lit` to its strength; an utterance is answered by the shares of its letters. It does what a
`World` must do and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.expression.blocks import NAMES, FaceBlock, FaceWish, chosen_rows, face_block
from emotion_runtime.inputs import Event, Move, Observation, Positions, Result, SetVariable, Utterance
from emotion_runtime.kernels.framing import put
from emotion_runtime.outputs import Perceived, Refusal, Start, Stop, TickResult
from emotion_runtime.publishing import Frame
from emotion_runtime.saving import Restored

LABELS = ("anger", "joy", "sadness")


@dataclass(frozen=True, slots=True)
class Doing:
    action: int
    character: str
    rule: str
    bearers: tuple[str, ...]
    lasts: float
    elapsed: float
    payload: Mapping[str, object]
    began: float = 0.0


@dataclass
class LedgerColumns:
    emotion: NDArray[np.float32]
    mood: NDArray[np.float32]
    action: NDArray[np.uint16]
    face: NDArray[np.float32]


@dataclass
class LedgerWorld:
    characters: tuple[str, ...] = ("ann", "bob", "cid", "dan")
    rate: float = 60.0
    lasts: float = 0.1
    scene_name: str = "ledger"
    objects: tuple[str, ...] = ("campfire",)
    labels: tuple[str, ...] = LABELS
    actions: tuple[str, ...] = ("", "wave")
    shapes: tuple[str, ...] = ()
    tick: int = 0
    time: float = 0.0
    scene_path: Path = Path("ledger.yaml")
    epoch: int = 1
    applied: list[tuple[int, int, Observation]] = field(default_factory=list)
    """(source, batch, observation), in the order applied by steps."""
    closed: bool = False

    def __post_init__(self) -> None:
        self._queue: list[tuple[int, int, Observation]] = []
        self._running: dict[int, Doing] = {}
        self._variables = {"campfire.lit": 0.0}
        self._next = 1
        self._hash = xxhash.xxh3_128()

    def face_block(self, wish: FaceWish, *, strict: bool = False) -> FaceBlock:
        """Everybody smiles by the tick: the first column tells which tick the faces are of."""
        names = {name: row for row, name in enumerate((*self.characters, *self.objects))}
        rows = chosen_rows(wish, len(self.characters), names, np.zeros((len(names), 3)), strict=strict)
        weights = np.zeros((len(self.characters), len(NAMES[wish.form])), np.float32)
        weights[:, 0] = (self.tick % 256) / 255.0
        return face_block(wish, weights, rows)

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        known = {*self.characters, *self.objects}
        match observation:
            case Utterance(speaker=name) if name not in self.characters:
                raise InputError("unknown_character", f"there is no character {name!r}")
            case Move(subject=name) if name not in known:
                raise InputError("unknown_subject", f"there is no {name!r}", "did you mean `ann`?")
            case Event(name=name) if name not in ("go", "late", "mark", "burn"):
                raise InputError("unknown_event", f"there is no event {name!r}")
            case SetVariable(name=name) if name not in self._variables:
                raise InputError("unknown_variable", f"there is no variable {name!r}")
        self._queue.append((source, batch, observation))

    def step(self, dt: float, *, wait: bool) -> TickResult:
        self.tick += 1
        self.time += dt
        stops: list[Stop] = []
        starts: list[Start] = []
        heard: list[Perceived] = []
        refusals: list[Refusal] = []
        changed: dict[str, float] = {}
        for place, (source, batch, item) in enumerate(self._queue):
            self.applied.append((source, batch, item))
            self._hash.update(_text(item).encode())
            match item:
                case Event(name="go"):
                    targets = [item.target or item.cause] if item.target or item.cause else list(self.characters)
                    starts += [self._start(name) for name in targets if name is not None]
                case Event(name="late"):
                    refusals.append(Refusal("bad_value", "refused by the tick", place, source, batch))
                case Event(name="burn"):
                    changed["campfire.lit"] = self._variables["campfire.lit"] = item.strength
                case Result(action=action):
                    stops += self._stop(action, "success" if item.ok else "engine_failure")
                case SetVariable(name=name, value=value):
                    self._variables[name] = value
                case Utterance():
                    heard.append(_perceive(item, source))
        self._queue = []
        for doing in list(self._running.values()):
            if self.time - doing.began > 3 * self.lasts + 1.0:
                stops += self._stop(doing.action, "timeout")
        self._hash.update(self.tick.to_bytes(8, "little"))
        return TickResult(
            tick=self.tick,
            time=self.time,
            commands=(*stops, *starts),
            perceptions=tuple(heard),
            refusals=tuple(refusals),
            digest=self._hash.digest(),
            changed=tuple(changed.items()),
        )

    def reload(self, path: Path) -> None:
        self.epoch += 1

    def save(self) -> bytes:
        raise UsageError("bad_save", "a ledger has no state to save")

    def restore(self, data: bytes, *, sources: bool = True) -> Restored:
        raise UsageError("bad_save", "a ledger has no state to restore")

    def columns(self) -> LedgerColumns:
        n = len(self.characters)
        emotion = np.full((n, len(LABELS)), 0.25, dtype=np.float32)
        emotion[:, 0] = 0.01 + (self.tick % 97) / 100
        busy = {doing.character for doing in self._running.values()}
        action = np.array([name in busy for name in self.characters], dtype=np.uint16)
        return LedgerColumns(emotion, np.zeros((n, 3), dtype=np.float32), action, np.zeros(0, dtype=np.float32))

    def write_columns(self, frame: Frame) -> None:
        columns = self.columns()
        put(frame.out, frame.emotion, columns.emotion)
        put(frame.out, frame.mood, columns.mood)
        put(frame.out, frame.action, columns.action)

    def running(self) -> tuple[Doing, ...]:
        return tuple(
            Doing(d.action, d.character, d.rule, d.bearers, d.lasts, self.time - d.began, d.payload, d.began)
            for d in self._running.values()
        )

    def variables(self) -> Mapping[str, float]:
        return self._variables

    def why(self, character: str) -> Mapping[str, object]:
        return {"character": character, "causes": [{"name": "tick", "share": 1.0}]}

    def health(self) -> Mapping[str, object]:
        return {"applied": len(self.applied)}

    def close(self) -> None:
        self.closed = True

    def _start(self, character: str) -> Start:
        number, self._next = self._next, self._next + 1
        self._running[number] = Doing(number, character, "wave", (), self.lasts, 0.0, {}, self.time)
        return Start(number, character, "wave", (), self.lasts, "told to go", {"hand": "left"})

    def _stop(self, action: int, reason: str) -> list[Stop]:
        doing = self._running.pop(action, None)
        return [] if doing is None else [Stop(action, doing.character, doing.rule, reason)]


def _text(item: Observation) -> str:
    if isinstance(item, Positions):
        return f"{item.index.tolist()} {item.xyz.tolist()}"
    return repr(item)


def _perceive(said: Utterance, source: int) -> Perceived:
    counts = [1 + sum(ord(c) % 3 == k for c in said.text) for k in range(3)]
    shares = tuple(c / sum(counts) for c in counts)
    return Perceived(said.number, said.speaker, LABELS, shares, 0.001, source=source)
