"""Owns one page's conversation without its socket: what it asks, and what it is sent next, never more than it takes."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from emotion_runtime.errors import InputError
from emotion_runtime.monitor import Tape
from unity_bridge.monitor.desk import Desk

Plain = dict[str, Any]
Message = bytes | str

MOST_BEHIND: Final = 240
"""Frames a slow page may be behind; then it jumps to the newest, and is told how many it missed."""
MOST_RANGE: Final = 40_000
"""Frames one request gets."""
MOST_LINES: Final = 2000
MOST_LOOKED_AT: Final = 16
HISTORY_S: Final = 30.0
"""Seconds of the past that a page gets at once; the rest when it asks."""


class Talk:
    """One page with one tape. `due` gives what is to be sent, `hear` takes what the page says."""

    def __init__(self, tape: Tape, *, live: bool, desk: Desk | None = None, about: Plain | None = None) -> None:
        """`desk` None: a viewer. `about` goes into the stage: which runs there are, and where they differ."""
        self._tape, self._live, self._desk = tape, live, desk
        self._about = about or {}
        self._epoch = -1
        self._frame = self._change = self._line = 0
        self._moment = -1
        self._repeats = 0
        self._answers: list[Message] = []
        self.counts: Counter[str] = Counter()
        """Frames sent and skipped, requests, and what was refused by code."""

    def due(self) -> list[Message]:
        """Everything new since the last call: JSON as text, frames of the stream as they are."""
        out: list[Message] = []
        if self._tape.epoch != self._epoch:
            out.append(self._stage())
        out += self._trees()
        out += self._lines()
        if self._live:
            out += self._frames()
            out += self._moments()
        answers, self._answers = self._answers, []
        return out + answers

    def hear(self, text: str | bytes) -> None:
        """Take one message of the page; whatever it is, nothing is raised."""
        try:
            asked = msgspec.json.decode(text)
        except msgspec.DecodeError:
            asked = None
        if not isinstance(asked, dict):
            self._refuse("malformed", "that is no JSON object")
            return
        self.counts["requests"] += 1
        match asked:
            case {"type": "frames", "first": int(first), "last": int(last), "step": int(step)}:
                found = self._tape.frames_between(first, last, step, MOST_RANGE)
                self._answers += [*found, _json({"type": "range", "first": first, "last": last, "n": len(found)})]
            case {"type": "moment", "tick": int(tick)}:
                moment = self._tape.moment_at(tick)
                if moment is not None:
                    self._answers.append(moment.decode())
            case {"type": "look", "characters": list(names)}:
                self._tape.wanted = frozenset(name for name in names[:MOST_LOOKED_AT] if isinstance(name, str))
            case {"type": "edit", **wish}:
                self._edit(wish)
            case _:
                self._refuse("unknown_message", "a page asks for frames, moment, look or edit")

    def _edit(self, wish: Plain) -> None:
        if self._desk is None:
            self._refuse("not_allowed", "this page only looks on; start the sidecar with --monitor-edit")
            return
        try:
            self._desk.ask(wish)
        except InputError as error:
            self._refuse(error.code, error.message)

    def _refuse(self, code: str, message: str) -> None:
        self.counts[code] += 1
        self._answers.append(_json({"type": "refused", "code": code, "message": message}))

    def _stage(self) -> Message:
        tape = self._tape
        self._epoch = tape.epoch
        self._frame = self._change = self._line = 0
        self._moment = -1
        first, last = tape.span
        told = {"type": "stage", "live": self._live, "edit": self._desk is not None, "first": first, "last": last}
        return _json({**told, **self._about, "stride": tape.stride, "stage": tape.stage})

    def _trees(self) -> list[Message]:
        self._change, base, changes = self._tape.changes_from(self._change)
        if not base and not changes:
            return []
        return [_json({"type": "nodes", "base": list(base.items()), "changes": changes})]

    def _lines(self) -> list[Message]:
        self._line, lines = self._tape.lines_from(self._line, MOST_LINES)
        return ['{"type":"log","lines":[' + ",".join(line.decode() for line in lines) + "]}"] if lines else []

    def _frames(self) -> list[Message]:
        fresh = self._frame == 0
        most = round(HISTORY_S * float(self._tape.stage.get("rate", 60.0))) if fresh else MOST_BEHIND
        self._frame, frames, skipped = self._tape.frames_from(self._frame, most)
        repeats, newest = self._tape.repeats()
        if not frames and repeats != self._repeats and newest is not None:
            frames = [newest]
        self._repeats = repeats
        self.counts["frames_sent"] += len(frames)
        if not skipped or fresh:
            return list(frames)
        self.counts["frames_skipped"] += skipped
        return [_json({"type": "skipped", "frames": skipped}), *frames]

    def _moments(self) -> list[Message]:
        newest = self._tape.last_moment()
        if newest <= self._moment:
            return []
        self._moment = newest
        moment = self._tape.moment_at(newest)
        return [] if moment is None else [moment.decode()]


def _json(value: Plain) -> str:
    return msgspec.json.encode(value).decode()
