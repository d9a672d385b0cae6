"""What a bridge keeps over a kill: folded from its changes, a session owes exactly what it owed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import ids, messages
from tests.unity_bridge.test_control import House
from unity_bridge import BridgeConfig
from unity_bridge.control import Control
from unity_bridge.keeping import Keeper, Kept
from unity_bridge.registry import Registry

CONFIG = BridgeConfig(window=16)
NAMES = ("ann", "bob")


class Shelf:
    """A journal that keeps everything in memory."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.is_due = False
        self.trouble = ""

    def commit(self, bridge: bytes) -> None:
        self.parts.append(bridge)

    def begin(self, bridge: bytes) -> None:
        self.parts = [bridge]


def seen(registry: Registry) -> list[object]:
    """What matters of all sessions."""
    return [
        (
            each.number,
            each.client,
            each.owns,
            each.outbox.acked,
            each.outbox.last,
            each.outbox.since(each.outbox.acked),
            each.inbox.received,
            [(type(message), getattr(message, "utterance", 0)) for message in each.behind.waiting()],
        )
        for each in registry
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), max_size=80))
def test_folded_changes_are_the_sessions_as_they_were(moves: list[tuple[int, int]]) -> None:
    registry = Registry(77, NAMES, CONFIG)
    control = Control(House(), ids.MAX_CONTROL_BYTES)
    shelf = Shelf()
    keeper = Keeper(shelf, registry, control)
    keeper.begin(False)
    paused = False
    for move, which in moves:
        sessions = list(registry)
        session = sessions[which % len(sessions)] if sessions else None
        if move == 0:
            hello = messages.Hello(client=f"c{which}", owns=(), capabilities=("variables",))
            registry.hello(bytes([which]), hello, 0.0, lambda route: False)
        elif move == 1 and session is not None and which == 3:
            registry.end(session, "bye")
        elif move in (2, 3) and session is not None:
            session.tell(
                messages.Perception(seq=0, tick=1, utterance=which, character="ann", labels=(), probabilities=())
            )
        elif move == 4 and session is not None:
            session.tell(messages.Variables(seq=0, tick=1, values={f"v{which}": 1.0}))
        elif move == 5 and session is not None:
            while session.outbox.peek() is not None:
                session.outbox.sent()
            session.ack(session.outbox.acked + which if session.outbox.acked + which <= session.outbox.last else 0)
        elif move == 6 and session is not None:
            session.take(session.inbox.received + 1)
        elif move == 7:
            paused = not paused
        keeper.commit(paused)
        if move == 8 and which == 0:
            keeper.begin(paused)
    again = Registry(1, NAMES, CONFIG)
    kept = Kept(tuple(shelf.parts))
    kept.adopt(again, Control(House(), ids.MAX_CONTROL_BYTES), CONFIG, 0.0, b"")
    assert seen(again) == seen(registry)
    assert (kept.session, kept.numbers, kept.paused) == (77, registry.numbers, paused)
