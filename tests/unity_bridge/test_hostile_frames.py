"""Whatever an engine sends, the link answers with codes of the protocol, and only good frames change anything."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import codec, ids, messages
from tests.unity_bridge.ledger_world import LedgerWorld
from tests.unity_bridge.test_reliability import Wire
from unity_bridge import BridgeConfig

JSONISH = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)
SHAPED = st.fixed_dictionaries(
    {"type": st.sampled_from([*codec.MESSAGE_TYPES, "dance"]), "v": st.sampled_from([1, 1, 1, 2])},
    optional=dict.fromkeys(("client", "seq", "items", "owns", "session", "received", "reason"), JSONISH),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), SHAPED.map(msgspec.msgpack.encode)), max_size=6))
def test_a_bad_frame_changes_nothing_and_is_counted(frames: list[bytes]) -> None:
    wire = Wire(window=64)
    wire.settle()
    for frame in frames:
        wire.link.receive(b"stranger", frame, wire.now)
        wire.link.receive(str(wire.route).encode(), frame, wire.now)
    assert set(wire.link.counts) <= {*ids.ERROR_CODES, "answers_dropped"}
    for route, frame in wire.link.stray:
        assert route in (b"stranger", str(wire.route).encode())
        assert isinstance(codec.decode(frame), messages.Refused)
    assert wire.world.applied == []
    wire.tick()


def test_faults_without_end_do_not_fill_the_window() -> None:
    wire = Wire(window=64)
    wire.settle()
    for _ in range(2000):
        wire.link.receive(str(wire.route).encode(), b"\xc1", wire.now)
    [session] = wire.registry
    assert len(session.outbox) <= BridgeConfig().notices_per_tick
    wire.tick()
    wire.sidecar_sends()
    wire.engine_reads(100)
    assert not session.failed
    assert wire.link.counts["malformed"] == 2000


def test_refusals_for_strangers_are_bounded() -> None:
    wire = Wire()
    for n in range(5000):
        wire.link.receive(str(n).encode() + b"x", b"\xc1", 0.0)
    assert len(wire.link.stray) <= 256
    assert wire.link.counts["answers_dropped"] > 0


def test_the_world_of_the_tests_is_a_world() -> None:
    from unity_bridge.world import World

    world: World = LedgerWorld()
    assert world.tick == 0
