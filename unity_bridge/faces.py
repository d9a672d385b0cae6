"""Owns the wishes for faces: which blocks readers asked for, who still reads them, and the frames they get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from emotion_runtime.errors import InputError
from emotion_runtime.expression.blocks import NAMES, Encoding, FaceWish, Form
from protocol import ids, messages
from protocol.faces import faces_frame, faces_topic
from unity_bridge.requests import Arguments, FaultError
from unity_bridge.world import World

UNREAD_S = 10.0
"""A wish nobody is subscribed to is forgotten after this long: a reader needs a moment to subscribe, or to return."""


@dataclass(slots=True)
class _Wish:
    number: int
    wish: FaceWish
    read: bool = False
    since: float = 0.0
    """Clock reading since which nobody reads it."""


class Wishes:
    """All wishes of a bridge. Equal ones are one; what nobody reads is not computed."""

    def __init__(self) -> None:
        self._wishes: dict[int, _Wish] = {}
        self._numbers = 0
        self.counts: Counter[str] = Counter()
        """Wishes made and forgotten."""

    def __len__(self) -> int:
        return len(self._wishes)

    def ask(self, wish: FaceWish, world: World, now: float) -> dict[str, Any]:
        """Take a wish; returns the topic to subscribe to and the columns' names. Raises FaultError."""
        try:
            world.face_block(wish, strict=True)
        except InputError as error:
            raise FaultError(error.code, error.message, where="$.args", remedy=error.remedy) from None
        known = next((each for each in self._wishes.values() if each.wish == wish), None)
        if known is None:
            self._forget(now)
            if len(self._wishes) >= ids.MAX_WISHES:
                raise FaultError(
                    "too_many_wishes",
                    f"the sidecar serves {ids.MAX_WISHES} different wishes for faces already",
                    remedy="unsubscribe from one, or wish for what another reader has",
                )
            self._numbers += 1
            known = self._wishes[self._numbers] = _Wish(self._numbers, wish)
            self.counts["wished"] += 1
        known.since = now
        return {"topic": faces_topic(known.number).decode(), "columns": list(NAMES[wish.form])}

    def subscription(self, frame: bytes, now: float) -> bool:
        """A first reader of a topic came (1) or the last one left (0), as libzmq tells it. False: it is neither."""
        if frame[:1] not in (b"\x00", b"\x01"):
            return False
        begins, topic = frame[:1] == b"\x01", frame[1:]
        known = next((each for each in self._wishes.values() if faces_topic(each.number) == topic), None)
        if known is not None:
            known.read, known.since = begins, now
        return True

    def frames(self, world: World, session: int, now: float) -> Iterator[bytes]:
        """One frame for each wish that somebody reads, of the world as it is."""
        if not self._wishes:
            return
        self._forget(now)
        for each in self._wishes.values():
            if each.read:
                block = world.face_block(each.wish)
                faces = messages.Faces(
                    session=session,
                    tick=world.tick,
                    epoch=world.epoch,
                    form=block.form,
                    n=block.count,
                    weights=block.weights,
                    index=block.index,
                    u8=block.encoding == "u8",
                )
                yield faces_frame(each.number, faces)

    def _forget(self, now: float) -> None:
        old = [number for number, each in self._wishes.items() if not each.read and now - each.since > UNREAD_S]
        for number in old:
            del self._wishes[number]
        self.counts["forgotten"] += len(old)


def read_wish(arguments: Arguments) -> FaceWish:
    """The wish of a `subscribe_faces` request. Raises FaultError."""
    form = arguments.text("form")
    encoding: Encoding = "u8" if arguments.flag("u8") else "float32"
    characters = arguments.texts("characters", needed=False)
    around, near = arguments.point("around"), arguments.optional_text("near")
    radius = arguments.number("radius", 0.0, 0.0, 1e6) or 0.0
    arguments.done()
    if form not in NAMES or form == "none":
        raise FaultError("bad_value", f"there are no faces as {form!r}"[:200], where="$.args.form", remedy="arkit52")
    try:
        return FaceWish(cast(Form, form), encoding, characters, around, radius, near)
    except InputError as error:
        raise FaultError(error.code, error.message, where="$.args", remedy=error.remedy) from None
