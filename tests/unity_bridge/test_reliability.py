"""The reliable window and both ends of the link as a law: through any losses, exactly once and in order."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emotion_runtime.inputs import Event
from protocol import messages
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import BridgeConfig, translate
from unity_bridge.client_session import ClientSession
from unity_bridge.link import Link
from unity_bridge.outbox import Inbox, Outbox, WindowFullError
from unity_bridge.registry import Registry

SESSION = 77


@given(st.data())
def test_whatever_a_connection_loses_an_outbox_delivers_once_and_in_order(data: st.DataObject) -> None:
    outbox, inbox, got, given_out = Outbox(8), Inbox(), [], 0
    for _ in range(data.draw(st.integers(1, 60))):
        action = data.draw(st.sampled_from(["push", "send", "lose", "ack", "resume"]))
        if action == "push" and outbox.room:
            given_out = outbox.push(bytes([outbox.next_seq % 256]))
        elif action in ("send", "lose") and (frame := outbox.peek()) is not None:
            seq = outbox.cursor + 1
            outbox.sent()
            if action == "send" and inbox.take(seq) == "new":
                got.append(frame)
        elif action == "ack":
            outbox.ack(data.draw(st.integers(0, inbox.received)))
        elif action == "resume":
            assert outbox.resume(inbox.received) == (inbox.received >= outbox.acked)
    assert outbox.resume(inbox.received)
    while (frame := outbox.peek()) is not None:
        if inbox.take(outbox.cursor + 1) == "new":
            got.append(frame)
        outbox.sent()
    assert got == [bytes([n % 256]) for n in range(1, given_out + 1)]


def test_a_full_window_changes_nothing() -> None:
    outbox = Outbox(2)
    outbox.push(b"a")
    outbox.push(b"b")
    with pytest.raises(WindowFullError):
        outbox.push(b"c")
    assert (len(outbox), outbox.next_seq, outbox.peek()) == (2, 3, b"a")


def test_an_ack_for_what_was_never_sent_changes_nothing() -> None:
    outbox = Outbox(4)
    outbox.push(b"a")
    assert not outbox.ack(1)
    outbox.sent()
    assert not outbox.ack(2)
    assert outbox.ack(1)
    assert len(outbox) == 0


def test_a_resume_from_a_number_that_was_dropped_is_another_world() -> None:
    outbox = Outbox(4)
    for letter in (b"a", b"b"):
        outbox.push(letter)
        outbox.sent()
    outbox.ack(2)
    assert not outbox.resume(1)
    assert not outbox.resume(3)
    assert outbox.resume(2)


class Wire:
    """A sidecar's link and an engine's session joined by a connection that can break at any frame."""

    def __init__(self, *, window: int = 512, credit: int = 3) -> None:
        self.now = 0.0
        self.world = LedgerWorld(characters=("ann",), lasts=1e9)
        config = BridgeConfig(port=0, window=window, credit=credit, resume_for=1e9)
        self.registry = Registry(SESSION, self.world.characters, config)
        self.link = Link(self.world, self.registry, config, snapshot=self.snapshot, alive=lambda _: False)
        self.engine = ClientSession("game")
        self.route = 0
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.started: list[int] = []
        self.told = 0

    def snapshot(self) -> messages.Snapshot:
        return translate.snapshot(self.world, SESSION, b"", paused=False, sent=self.now)

    def tell(self) -> None:
        self.engine.queue.put(messages.Event(name="go", target="ann", strength=self.told / 1000))
        self.told += 1

    def engine_sends(self) -> None:
        self.engine.flush()
        while (frame := self.engine.next_frame(self.now)) is not None:
            self.engine.frame_sent(self.now)
            self.up.append(frame)

    def sidecar_reads(self, count: int) -> None:
        for _ in range(min(count, len(self.up))):
            self.link.receive(str(self.route).encode(), self.up.popleft(), self.now)

    def sidecar_sends(self) -> None:
        while self.link.stray:
            route, frame = self.link.stray.popleft()
            if route == str(self.route).encode():
                self.down.append(frame)
        for session in self.registry.attached():
            while (out := session.next_frame(self.now, 1.0)) is not None:
                session.frame_sent(self.now)
                if session.route == str(self.route).encode():
                    self.down.append(out)

    def engine_reads(self, count: int) -> None:
        for _ in range(min(count, len(self.down))):
            for update in self.engine.receive(self.down.popleft()):
                if isinstance(update, messages.Command):
                    self.started += [c.action for c in update.commands]

    def tick(self) -> None:
        self.now += 0.02
        result = self.world.step(0.02, wait=True)
        state = translate.tick(self.world, SESSION, result.digest, paused=False, sent=self.now)
        self.link.deliver(result, state)
        self.link.sweep(self.now)

    def cut(self, noticed: bool) -> None:
        self.up.clear()
        self.down.clear()
        if noticed and (session := self.registry.of(str(self.route).encode())) is not None:
            self.registry.detach(session, self.now)
        self.route += 1
        self.engine.connected()

    def settle(self) -> None:
        for _ in range(2000):
            self.now += 0.3
            self.engine_sends()
            self.sidecar_reads(1000)
            self.tick()
            self.sidecar_sends()
            self.engine_reads(1000)
            if len(self.started) == self.told and not len(self.engine.outbox) and not len(self.engine.queue):
                return

    def applied(self) -> list[int]:
        return [round(item.strength * 1000) for _, _, item in self.world.applied if isinstance(item, Event)]

    def check(self) -> None:
        assert self.applied() == list(range(self.told))
        assert self.started == list(range(1, self.told + 1))


class LinkMachine(RuleBasedStateMachine):
    """Any order of telling, sending, reading, ticking and breaking."""

    def __init__(self) -> None:
        super().__init__()
        self.wire = Wire()
        self.wire.settle()

    @precondition(lambda self: self.wire.told < 200)
    @rule(count=st.integers(1, 4))
    def tell(self, count: int) -> None:
        for _ in range(count):
            self.wire.tell()

    @rule()
    def engine_sends(self) -> None:
        self.wire.engine_sends()

    @rule(count=st.integers(1, 5))
    def sidecar_reads(self, count: int) -> None:
        self.wire.sidecar_reads(count)

    @rule()
    def tick(self) -> None:
        self.wire.tick()

    @rule()
    def sidecar_sends(self) -> None:
        self.wire.sidecar_sends()

    @rule(count=st.integers(1, 5))
    def engine_reads(self, count: int) -> None:
        self.wire.engine_reads(count)

    @rule(noticed=st.booleans())
    def cut(self, noticed: bool) -> None:
        self.wire.cut(noticed)

    @invariant()
    def in_order_and_never_twice(self) -> None:
        for numbers in (self.wire.applied(), self.wire.started):
            assert all(b == a + 1 for a, b in pairwise(numbers))

    def teardown(self) -> None:
        self.wire.settle()
        self.wire.check()


TestLink = LinkMachine.TestCase
TestLink.settings = settings(
    max_examples=60, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_a_thousand_observations_through_a_hundred_cuts() -> None:
    wire = Wire(credit=8)
    wire.settle()
    for n in range(999):
        wire.tell()
        wire.engine_sends()
        wire.sidecar_reads(2)
        if n % 3 == 0:
            wire.tick()
        wire.sidecar_sends()
        wire.engine_reads(2)
        if n % 10 == 9:
            wire.cut(noticed=n % 20 == 9)
    wire.settle()
    wire.check()
    assert wire.engine.counts["restarts"] == 0


def test_batches_beyond_the_credit_are_sent_again_and_taken_once() -> None:
    wire = Wire(credit=2)
    wire.settle()
    wire.engine.outbox.window = 6  # an engine that does not respect the credit
    for _ in range(6):
        wire.tell()
        wire.engine_sends()
    wire.sidecar_reads(100)
    assert wire.link.counts["no_credit"] == 4
    wire.settle()
    wire.check()
